"""Lists, quotations, tables and headings."""

from tests.corpora.markdown import Sample

BLOCKS = [
    Sample(
        "headings of all levels",
        """\
# One
## Two *slanted*
###### Six

Setext
======
text""",
        """\
<b>One</b>
<b>Two <i>slanted</i></b>
<b>Six</b>

<b>Setext</b>
text""",
    ),
    Sample(
        "nested lists",
        """\
Steps:
- a
  - b
    - c
      1. d
      2. e
- f""",
        """\
Steps:
• a
  ◦ b
    ▪ c
      1. d
      2. e
• f""",
    ),
    Sample(
        "numbers inside bullets",
        """\
1. one
   - x
   - y
2. two
   1. deep
   2. deeper""",
        """\
1. one
   • x
   • y
2. two
   1. deep
   2. deeper""",
    ),
    Sample(
        "loose list keeps its blank lines",
        """\
1. first

   more of it

2. second""",
        """\
1. first

   more of it

2. second""",
    ),
    Sample(
        "numbers as written",
        """\
10. ten
9. nine

then

1) one
1) two
1) three""",
        """\
10. ten
9. nine

then

1) one
2) two
3) three""",
    ),
    Sample(
        "tasks",
        """\
- [x] **done** `now`
- [ ] open
  - [x] inner""",
        """\
✅ <b>done</b> <code>now</code>
☐ open
  ✅ inner""",
    ),
    Sample(
        "quote with list and code",
        """\
> Said:
> - one
> - two `x`
>
> ```py
> x = 1
> ```
> end""",
        """\
<quote>Said:
• one
• two <code>x</code>

<pre py>x = 1</pre>
end</quote>""",
    ),
    Sample(
        "nested quotes",
        """\
> a
>> b **bold**
>>> c

after""",
        """\
<quote>a
│ b <b>bold</b>
│ │ c</quote>

after""",
    ),
    Sample(
        "quote in a list",
        """\
- item
  > quoted
- next""",
        """\
• item
<quote>quoted</quote>
• next""",
    ),
    Sample(
        "alert",
        """\
> [!WARNING]
> Do **not** do this.""",
        """\
<quote><b>⚠️ WARNING</b>
Do <b>not</b> do this.</quote>""",
    ),
    Sample(
        "narrow table",
        """\
| Name | Count |
|:--|--:|
| apple | 7 |
| *pear* | 12 |""",
        """\
<pre>Name  | Count
------+------
apple |     7
pear  |    12</pre>""",
    ),
    Sample(
        "wide signs in a table",
        """\
| 名 | N |
|---|:-:|
| 日本語 | 1 |
| 👨‍👩‍👧 ok | 22 |""",
        """\
<pre>名     | N
-------+---
日本語 | 1
👨‍👩‍👧 ok  | 22</pre>""",
    ),
    Sample(
        "wide table",
        """\
| Tool | What it is good for | Licence |
|---|---|---|
| **ruff** | finds mistakes in Python code quickly | MIT |
| mypy | checks types | |""",
        """\
<b>Tool</b>: <b>ruff</b>
<b>What it is good for</b>: finds mistakes in Python code quickly
<b>Licence</b>: MIT

<b>Tool</b>: mypy
<b>What it is good for</b>: checks types""",
    ),
    Sample(
        "table with links",
        """\
| Site | Note |
|---|---|
| [docs](https://example.org/a_b) | `new` |""",
        """\
<b>Site</b>: <a https://example.org/a_b>docs</a>
<b>Note</b>: <code>new</code>""",
    ),
    Sample(
        "table with more cells than headings",
        """\
| a | b |
|---|---|
| c | d | e | f |
| g |""",
        """\
<pre>a | b
--+----------
c | d | e | f
g |</pre>""",
    ),
    Sample(
        "table head alone",
        """\
| a | b |
|---|---|""",
        """\
<pre>a | b
--+--</pre>""",
    ),
    Sample(
        "table with formula and break",
        """\
| f | g |
|---|---|
| $x^2$ | 2<br>3 |""",
        """\
<pre>f  | g
---+----
x² | 2 3</pre>""",
    ),
]
