"""Code, what folds up, footnotes, HTML that lays out, and formulas in lines of their own."""

from tests.corpora.markdown import Sample

CODE = [
    Sample(
        "fence",
        """\
```python
print('x')
```""",
        "<pre python>print('x')</pre>",
    ),
    Sample(
        "fence never closed",
        """\
Look:
```py
x = 1

- y""",
        """\
Look:
<pre py>x = 1

- y</pre>""",
    ),
    Sample(
        "fence with more backticks",
        """\
````md
```py
x
```
````""",
        """\
<pre md>```py
x
```</pre>""",
    ),
    Sample(
        "tilde fence",
        """\
~~~js title="a"
let x;
~~~""",
        """\
<pre js>title="a"
let x;</pre>""",
    ),
    Sample(
        "fence in a list",
        """\
1. do
   ```sh
   ls -l
   ```
2. done""",
        """\
1. do
<pre sh>ls -l</pre>
2. done""",
    ),
    Sample(
        "fence with tabs",
        "```go\n\tif x {\n\t\treturn\n\t}\n```",
        """\
<pre go>if x {
    return
}</pre>""",
    ),
    Sample(
        "words behind a fence",
        """\
```Hello there friend
code
```""",
        """\
<pre>Hello there friend
code</pre>""",
    ),
    Sample(
        "indented code",
        """\
text

    code <b>
    more

end""",
        """\
text

<pre>code <b>
more</pre>

end""",
    ),
    Sample(
        "rules",
        """\
a

---

b""",
        """\
a

———

b""",
    ),
    Sample(
        "footnotes",
        """\
Water[^1] boils[^note].

[^1]: H2O
[^note]: At *sea level*.

End.""",
        """\
Water¹ boils[note].

End.

¹ H2O
[note] At <i>sea level</i>.""",
    ),
    Sample(
        "heading over code and a table",
        """\
## Run

```sh
ls
```
## Costs

| a | b |
|---|---|
| 1 | 2 |""",
        """\
<b>Run</b>

<pre sh>ls</pre>
<b>Costs</b>

<pre>a | b
--+--
1 | 2</pre>""",
    ),
    Sample(
        "details",
        """\
<details>
<summary>Tool log</summary>
```sh
ls

ls -l
```
- **read** 3 files
</details>
The answer.""",
        """\
<fold><b>Tool log</b>
<pre sh>ls

ls -l</pre>
• <b>read</b> 3 files</fold>

The answer.""",
    ),
    Sample(
        "details of one line",
        """\
<details><summary>Why</summary>Because *so*.</details>

Done.""",
        """\
<fold><b>Why</b>
Because <i>so</i>.</fold>

Done.""",
    ),
    Sample(
        "reasoning",
        """\
<think>
First this.

Then that.
</think>

Answer.""",
        """\
<fold>First this.

Then that.</fold>

Answer.""",
    ),
    Sample(
        "foldable quotation",
        """\
<blockquote expandable>long

story</blockquote>

end""",
        """\
<fold>long

story</fold>

end""",
    ),
    Sample(
        "details never closed",
        """\
a

<details>
<summary>Log</summary>

line **x**""",
        """\
a

<fold><b>Log</b>

line <b>x</b></fold>""",
    ),
    Sample(
        "html layout",
        """\
<div align="center">

**Title**

</div>
<h2>Sub</h2>
<p>One<br>two</p>
<ul>
<li>a</li>
<li>b</li>
</ul>""",
        """\
<b>Title</b>

<b>Sub</b>

One
two

• a
• b""",
    ),
    Sample(
        "html code block",
        """\
<pre><code class="language-py">if a &lt; b:

    pass
</code></pre>
after""",
        """\
<pre py>if a < b:

    pass</pre>
after""",
    ),
    Sample(
        "display formula",
        r"""So $$\frac{a+b}{2c} \geq \sqrt{ab}$$ holds, and
\[ \sum_{i=1}^{n} i = \frac{n(n+1)}{2} \]""",
        """\
So
(a+b)/(2c) ≥ √(ab)
holds, and
∑ᵢ₌₁ⁿ i = n(n+1)/2""",
    ),
    Sample(
        "matrix",
        r"$$A = \begin{pmatrix} 1 & 20 \\ 300 & 4 \end{pmatrix}$$",
        """\
<pre>A = ⎛ 1    20 ⎞
    ⎝ 300  4  ⎠</pre>""",
    ),
    Sample(
        "cases",
        r"\[ f(x) = \begin{cases} x^2 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases} \]",
        """\
<pre>f(x) = ⎧ x²  if x > 0
       ⎩ 0   otherwise</pre>""",
    ),
    Sample(
        "bare environment",
        r"""\begin{align*}
a &= b + c \\
&= d
\end{align*}""",
        """\
<pre>a = b + c
= d</pre>""",
    ),
]
