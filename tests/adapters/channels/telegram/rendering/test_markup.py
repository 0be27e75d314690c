"""Answers of a model become messages that Telegram takes, and nothing in them gets lost."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minibot.adapters.channels.telegram.rendering.markup import plain, render, utf16_length
from minibot.core.messages import Part, SpanKind
from tests.adapters.channels.telegram.telegram_rules import (
    WORD,
    broken_rules,
    covered,
    lost_words,
)
from tests.corpora.markdown_long import TANGLED

pytestmark = pytest.mark.usefixtures("formatting_is_never_given_up")

_FAMILY = "👨‍👩‍👧‍👦"

NASTY = {
    "plain": "Sure, tomorrow at 10:30.",
    "heading": "# Title\n\nText under it\n\n###### Small",
    "setext heading": "Title\n=====\n\nText",
    "generic type": "Use List<String> and Map<Key, Value> here",
    "tag inside a word": "a<b>c",
    "html block": "<div class=note>\nhello `x<y` there\n</div>\n\ntext",
    "html comment": "before <!-- hidden words --> after",
    "script": "<script>alert(1)</script>",
    "details": "<details>\n<summary>More</summary>\n\nbody **bold**\n\n</details>",
    "less and greater": "5 < 6 and 7 > 3 && x <= y << z",
    "spoiler tag": "a <tg-spoiler>shown</tg-spoiler> b",
    "bold in italic": "*a **b** c* and ***both***",
    "italic in bold": "**a *b* c** and __d _e_ f__",
    "code in bold": "**see `x` now**",
    "code in link": "[**b** `c`](http://example.org)",
    "crossing spoiler": "||a **b|| c**",
    "spoiler over code": "||secret `code` here||",
    "spoiler over paragraphs": "||one\n\ntwo||",
    "logical or": "if (a || b || c) then d",
    "bars that nearly are a table": "| ||one|| | two |\n|---|---|\n| three | ||`four`|| |",
    "many bars": "||||x||||",
    "quote": "> one **two**\n> three `four`",
    "nested quote": "> a\n>> b\n>>> c\n> d",
    "quote with code block": "> ```py\n> x = 1\n> ```\n> end",
    "quote in list": "- item\n  > quoted\n- next",
    "nested list": "- a\n  - b\n    - c\n      1. d\n      2. e\n- f",
    "loose list": "1. a\n\n   para\n\n2. b\n\n   ```sh\n   ls\n   ```\n3. c",
    "countdown": "10. ten\n9. nine\n8. eight",
    "gap in numbers": "1. one\n3. three\n7. seven",
    "tasks": "- [x] done\n- [ ] open",
    "link with parentheses": "[wiki](https://en.wikipedia.org/wiki/C_(language)) end",
    "link with title": '[a](https://example.org "title") b',
    "script link": "[press](javascript:alert(1))",
    "path link": "see [main.py](src/main.py) and [top](#top)",
    "bare words link": "[](http://example.org/x) ![](http://example.org/y.png)",
    "blank words link": "- [ ](http://example.org/a)",
    "image": "![chart](https://example.org/c.png) ![local](img/c.png)",
    "linked image": "[![alt](http://a.example/i.png)](http://b.example)",
    "emoji link": "![👍](tg://emoji?id=5368324170671202286)",
    "autolinks": "<https://example.org/a_b> <me@example.org> https://example.org/a_b_c",
    "definition used": "see [docs][d]\n\n[d]: https://example.org",
    "definition unused": "[note]: remember\n[d]: https://example.org\n\nuse [d]",
    "table": "| Name | Value |\n|---|--:|\n| a | 1 |\n| b | 22 |",
    "table in quote": "> | a | b |\n> |---|---|\n> | c | d |",
    "table with link": "| a | b |\n|---|---|\n| [x](https://example.org/a_b) | `c` |",
    "table with surplus cells": "| a | b |\n|---|---|\n| c | d | e | f |\n| g || h |",
    "table with dollars": "| a | b |\n|---|---|\n| $5 | $6 and $x$ |",
    "wide table": "| A | B | C |\n|---|---|---|\n" + "| one | " + "long " * 20 + "| three |\n" * 3,
    "empty cells": "| A | B |\n|---|---|\n|  |  |",
    "fence": "```python\nprint('x')\n```",
    "fence with words": "```Hello there friend\ncode\n```",
    "fence with attributes": '```python title="a b"\nx\n```\n\n```python:src/m.py\ny\n```',
    "fence never closed": "text\n```py\nx = 1\n\n- y",
    "fence without content": "```rust\n```",
    "tilde fence": "~~~\n```\nx\n```\n~~~",
    "indented code": "text\n\n    code <b>\n    more\n\nend",
    "long backticks": "`` a ` b `` and ``` c ```",
    "prices": "It costs $5 and $6, or $3.50/$4.20, `a` 7$ each",
    "shell": "$HOME/bin:$PATH and ${x}_$y",
    "formula": "Here $x^2 + \\alpha$ and \\(a_1\\) and \\[\\text{Force} = m\\]",
    "formula in code": "`\\(x^2\\)` and\n```\n\\[a^2\\]\n```",
    "underscores": "snake_case_name and __init__ and *args, **kwargs",
    "asterisks": "2 * 3 * 4 = 24 ** 5",
    "tildes": "~5 km or ~6 km, ~~gone~~",
    "backslashes": "C:\\new\\*dir* \\_x\\_ \\\\ end\\",
    "entities": "Tom &amp; Jerry &lt;b&gt; &unknown; AT&T",
    "rules": "a\n\n---\n\nb\n\n***\n\nc",
    "blank lines": "\n\n\n a\n\n\n\n\nb \n\n\n",
    "windows lines": "a\r\nb\rc\r\n\r\n- d\r\n- e",
    "control": "a\x00b\x07c\x0bd\x0ce\x1bf\x7fg\x85h\u2028i",
    "lone surrogate": "a\ud800b **c\udfff**",
    "white space in marks": "** a ** and **\u00a0b\u00a0** and `  c  `",
    "empty marks": "**** __ __ `` `` ~~~~ ||||",
    "rtl": "**שלום** עולם `קוד` ||סוד||\n\n- مرحبا\n- **بالعالم**",
    "cyrillic": "**Привет**, _мир_! ||Тайна|| `код`\n\n> Цитата",
    "emoji": f"**{_FAMILY}** _👍🏽_ `🇩🇪` [🎉](http://example.org) 😀",
    "emoji before marks": "😀😀😀 **bold** 😀 `code` 😀 ||spoiler||",
    "emoji table": "| 😀 | ⚠️ |\n|---|---|\n| Привет | 日本語 |",
    "combining": "**e\u0301** a\u0301\u0302 *\u0301*",
    "cjk": "**你好**，世界。`代码`",
    "zero width": "a\u200b**b**\u200d\ufeff",
    "deep nesting": "> - > - **a _b ~~c ||d||~~_**",
    "many marks": "**b** _i_ " * 300,
    "long bold": "**" + "word " * 2000 + "**",
    "long link": "[" + "word " * 1500 + "](http://example.org)",
    "long quote": "> " + "word " * 2000,
    "long list": "".join(f"- item {n} with **bold** and `code`\n" for n in range(400)),
    "long code": "```py\n" + "    value = compute(1)\n" * 600 + "```",
    "long table": "| a | b |\n|---|---|\n" + "| cell | other |\n" * 800,
    "one long word": "x" * 9000,
    "long word in marks": "**" + "x" * 9000 + "** `" + "y" * 9000 + "`",
}


@pytest.mark.parametrize("markdown", NASTY.values(), ids=NASTY)
def test_rendered_messages_keep_the_rules(markdown: str) -> None:
    parts = render(markdown)

    assert parts
    assert [rule for part in parts for rule in broken_rules(part)] == []


@pytest.mark.parametrize("markdown", NASTY.values(), ids=NASTY)
def test_plain_messages_keep_the_rules(markdown: str) -> None:
    parts = plain(markdown)

    assert [rule for part in parts for rule in broken_rules(part)] == []
    assert all(part.spans == () for part in parts)


# Said in another way: as formatting, as a symbol, as a character; or not to be seen, a comment.
_SAID_OTHERWISE = {
    "html block": {"div", "class", "note"},
    "html comment": {"hidden", "words"},
    "details": {"details", "summary"},
    "spoiler tag": {"tg", "spoiler"},
    "tasks": {"x"},
    "link with title": {"title"},
    "linked image": {"i", "png"},
    "emoji link": {"tg", "emoji", "id", "5368324170671202286"},
    "formula": {"alpha", "1", "2", "text"},
    "entities": {"amp", "lt", "gt"},
}


@pytest.mark.parametrize("name", NASTY)
def test_no_word_is_lost(name: str) -> None:
    markdown = NASTY[name]

    assert set(lost_words(markdown, render(markdown))) == _SAID_OTHERWISE.get(name, set())


@pytest.mark.parametrize("markdown", NASTY.values(), ids=NASTY)
def test_plain_text_loses_no_word(markdown: str) -> None:
    assert lost_words(markdown, plain(markdown)) == []


def _only(markdown: str) -> Part:
    (part,) = render(markdown)
    return part


def _marks(part: Part) -> list[tuple[SpanKind, str]]:
    return [(span.kind, covered(part, span)) for span in part.spans]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Use List<String> now", "Use List<String> now"),
        ("a<b>c</b>", "ac"),
        ("a<b>c", "a<b>c"),
        ("10. ten\n9. nine\n8. eight", "10. ten\n9. nine\n8. eight"),
        ("1. a\n1. b", "1. a\n2. b"),
        ("if (a || b || c)", "if (a || b || c)"),
        ("$HOME/$PATH", "$HOME/$PATH"),
        ("[main.py](src/main.py)", "main.py (src/main.py)"),
        ("[x](javascript:y)", "x (javascript:y)"),
        ("```rust\n```", "rust"),
        ("# Title\n\n- a\n  - b", "Title\n\n• a\n  ◦ b"),
        ("- [x] done\n- [ ] open", "✅ done\n☐ open"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\x00b\r\nc\td", "ab\nc\td"),
    ],
)
def test_text_reads_as_meant(markdown: str, text: str) -> None:
    assert _only(markdown).text == text


@pytest.mark.parametrize(
    ("markdown", "marks"),
    [
        (
            "*a **b** c*",
            [(SpanKind.ITALIC, "a b c"), (SpanKind.BOLD, "b")],
        ),
        (
            "**see `x` now**",
            [(SpanKind.BOLD, "see"), (SpanKind.CODE, "x"), (SpanKind.BOLD, "now")],
        ),
        ("[**b** `c`](http://a.b)", [(SpanKind.TEXT_LINK, "b c"), (SpanKind.BOLD, "b")]),
        (
            "||a **b|| c**",
            [(SpanKind.SPOILER, "a b"), (SpanKind.BOLD, "b"), (SpanKind.BOLD, "c")],
        ),
        ("> a\n>> b\n> c", [(SpanKind.BLOCKQUOTE, "a\n│ b\n│ c")]),
        ("> a `b`", [(SpanKind.BLOCKQUOTE, "a b"), (SpanKind.CODE, "b")]),
        ("😀 **b** 😀", [(SpanKind.BOLD, "b")]),
        ("![👍](tg://emoji?id=5368324170671202286)", []),
        ("[x](javascript:y) [z](ftp://a.b)", []),
        ("\\(a_1\\)", []),
        ("||a `b`||", [(SpanKind.SPOILER, "a b")]),
        ("`\\(a_1\\)`", [(SpanKind.CODE, "\\(a_1\\)")]),
    ],
)
def test_marks_nest_legally(markdown: str, marks: list[tuple[SpanKind, str]]) -> None:
    assert _marks(_only(markdown)) == marks


def test_a_link_keeps_its_parentheses() -> None:
    part = _only("[C](https://en.wikipedia.org/wiki/C_(language))")

    assert [span.url for span in part.spans] == ["https://en.wikipedia.org/wiki/C_(language)"]


def test_code_keeps_its_language_and_loses_its_margin_and_tabs() -> None:
    part = _only("```go\n\tif x {\n\t\treturn\n\t}\n```")

    assert part.text == "if x {\n    return\n}"
    assert [(span.kind, span.language) for span in part.spans] == [(SpanKind.PRE, "go")]


def test_a_table_lines_up_by_the_width_of_its_signs() -> None:
    part = _only("| 名 | N |\n|---|---|\n| 日本語 | 1 |\n| ab | 2<br>3 |")

    assert part.text == "名     | N\n-------+----\n日本語 | 1\nab     | 2 3"
    assert [kind for kind, _ in _marks(part)] == [SpanKind.PRE]


def test_a_table_too_wide_is_told_row_by_row() -> None:
    long = "a rather long description " * 3
    part = _only(f"| Name | About |\n|---|---|\n| One | {long} |\n| Two | |")

    assert part.text == f"Name: One\nAbout: {long.strip()}\n\nName: Two"
    assert _marks(part) == [(SpanKind.BOLD, word) for word in ("Name", "About", "Name")]


@pytest.mark.parametrize("nothing", ["", "  \n\t", "\x00\x01", "\u200b\u200d", "\u2800", "\u3164"])
def test_an_answer_with_nothing_to_see_becomes_an_ellipsis(nothing: str) -> None:
    assert render(nothing) == plain(nothing) == (Part(text="…"),)


@pytest.mark.parametrize("sign", ["#", ">", "``` ```", "[]: x", "- "])
def test_an_answer_of_bare_signs_is_shown_as_it_is(sign: str) -> None:
    assert render(sign)[0].text not in ("", "…")


def test_an_answer_the_converter_cannot_take_is_shown_as_it_is() -> None:
    markdown = "**a** " * 20_000

    parts = render(markdown)

    assert {part.spans for part in parts} == {()}
    assert "".join(part.text for part in parts).count("**a**") == 20_000


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("abc", 3), ("день", 4), ("😀", 2), ("a\ud800", 2), (_FAMILY, 11)]
)
def test_length_is_counted_as_telegram_counts(text: str, length: int) -> None:
    assert utf16_length(text) == length


@pytest.mark.parametrize("unit", TANGLED.values(), ids=TANGLED)
def test_a_pathological_text_does_not_hold_everything_up(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.process_time()

    parts = render(text)

    # Usually a hundredth of this; what is not linear takes minutes.
    assert time.process_time() - began < 10
    assert [rule for part in parts for rule in broken_rules(part)[:1]] == []


_WORDS = st.from_regex(r"[a-zа-я]{3,8}[0-9]{2}", fullmatch=True)
_SIGNS = st.one_of(
    st.text("*_~`|#<>[]()!{}=-+", min_size=1, max_size=3),
    st.sampled_from(
        ["1.", "7)", "- [ ]", "](", "![", "[d]:", "|---|---|", "```", "---", "😀", "👍🏽"]
    ),
    st.sampled_from(["<b>", "</b>", "<div>", "<br>", "<!--", "-->", "<tg-spoiler>"]),
    st.sampled_from(["(http://example.org/a)", "<http://example.org>", "https://e.org/_a_"]),
)
_TAGS = """<details> </details> <summary> </summary> <li> <ul> </ul> <td> <table> </table> <hr>
<think> <blockquote> </blockquote> <p> </p> <h2> </h2> <sub> </sub> <pre> </pre> <tg-time> <script>
<a> </a> <sup> </sup>"""
_TEX = r"$ $$ \( \) \[ \] \frac{a}{b} x^2 \begin{pmatrix} \end{pmatrix} \ _ ^ { }"
_ODD = st.sampled_from(
    [*_TAGS.split(), *_TEX.split(), "[^1]", "\n[^1]: ", "\n[d]: ", "[d]", "\ufdd0", "\ufdd13\ufdd1"]
)
_GAPS = st.sampled_from(
    ["", " ", " ", "\n", "\n\n", "  \n", "\t", "    ", "\n> ", "\n- ", "\n  - "]
)


def _pieced_together(*more: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pieces = st.lists(st.one_of(_WORDS, _SIGNS, _GAPS, *more), max_size=40)
    return st.builds(lambda each, times: "".join(each) * times, pieces, st.sampled_from([1, 1, 30]))


_quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_quick
@given(st.text())
def test_any_text_keeps_the_rules(text: str) -> None:
    for parts in (render(text), plain(text)):
        assert [rule for part in parts for rule in broken_rules(part)] == []


@_quick
@given(_pieced_together())
def test_any_markdown_keeps_the_rules_and_its_words(markdown: str) -> None:
    parts = render(markdown)

    assert [rule for part in parts for rule in broken_rules(part)] == []
    seen = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    words = [word for word in WORD.findall(seen) if word[-1:].isdigit()]
    assert [word for word in lost_words(markdown, parts) if word in words] == []


@_quick
@given(_pieced_together(_ODD))
def test_any_jumble_keeps_the_rules(markdown: str) -> None:
    assert [rule for part in render(markdown) for rule in broken_rules(part)] == []


_inline = st.recursive(
    _WORDS | st.builds("`{}`".format, _WORDS),
    lambda inner: st.one_of(
        st.builds("**{}**".format, inner),
        st.builds("_{}_".format, inner),
        st.builds("~~{}~~".format, inner),
        st.builds("||{}||".format, inner),
        st.builds("[{}](https://example.org/{})".format, inner, _WORDS),
        st.builds("{} {}".format, inner, inner),
    ),
    max_leaves=6,
)
_block = st.one_of(
    _inline,
    st.builds("## {}".format, _inline),
    st.builds("> {}".format, _inline),
    st.lists(_inline, min_size=1, max_size=5).map(lambda items: "\n".join(f"- {i}" for i in items)),
    st.lists(_WORDS, min_size=1, max_size=9).map(
        lambda rows: "```py\n" + "\n".join(rows) + "\n```"
    ),
    st.builds("| {} | {} |\n|---|---|\n| {} | {} |".format, _inline, _WORDS, _WORDS, _inline),
)


@_quick
@given(st.lists(_block, min_size=1, max_size=25).map("\n\n".join))
def test_well_formed_documents_keep_the_rules_and_their_words(markdown: str) -> None:
    parts = render(markdown)

    assert [rule for part in parts for rule in broken_rules(part)] == []
    words = [word for word in WORD.findall(markdown) if len(word) > 4]
    assert [word for word in lost_words(markdown, parts) if word in words] == []
