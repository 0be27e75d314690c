"""What is left of a page for reading."""

import time

import pytest

from minibot.adapters.tools.http.address import parse_address
from minibot.adapters.tools.http.text import MAX_MARKUP, Readable, read_html, without_noise

HERE = parse_address("https://example.org/dir/page")


def read(html: str, limit: int = 10_000) -> Readable:
    return read_html(html, HERE, limit)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>One</h1><h3>Three <em>x</em></h3>", "# One\n\n### Three x"),
        ("<p>a\n  b</p>\n\n<p>c<br>d", "a b\n\nc\nd"),
        ("a<div>b</div>c", "a\n\nb\n\nc"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>d", "- a\n  - b\n- c\n\nd"),
        ("<ol><li>a<li><p>b</p></ol>", "1. a\n2. b"),
        ("<ul><li><h3>a</h3>b</ul>", "- ### a\n\nb"),
        ('<a href="/x?y=1&amp;z=2">link</a>', "link (https://example.org/x?y=1&z=2)"),
        ('<a href="sub">a <b>b</b></a>', "a b (https://example.org/dir/sub)"),
        ('<a href="https://e.org/">https://e.org/</a>', "https://e.org/"),
        ('<a href="#top">top</a> <a href="javascript:x()">js</a> <a>bare</a>', "top js bare"),
        ('<a href="mailto:a@b.c">mail</a><a href="http://[">bad</a>', "mailbad"),
        ('<a href="/c"><h2>Card</h2></a>', "## Card (https://example.org/c)"),
        ('<a href="/i"><img alt="A cat"></a>', "[picture: A cat] (https://example.org/i)"),
        ('<a href="/empty"></a>x<img><img alt=" ">', "x"),
        ("<table><tr><th>k<th>v<tr><td>1<td>2</table>", "k | v\n1 | 2"),
        ("<pre>def f():\n    return 1\n</pre>", "```\ndef f():\n    return 1\n```"),
        ("<pre><code>a  b</code></pre>", "```\na  b\n```"),
        ("use <code>x = 1</code>", "use `x = 1`"),
        ("a<hr>b", "a\n\n---\n\nb"),
        ("a &lt;b&gt; &amp;&nbsp;c", "a <b> & c"),
    ],
)
def test_shapes(html: str, text: str) -> None:
    assert read(html).text == text


@pytest.mark.parametrize(
    "html",
    [
        "<script>hidden</script>",
        "<SCRIPT type=x>hidden</SCRIPT >",
        "<script>'<svg>'; hidden</script>",
        "<style>hidden</style>",
        "<noscript>hidden</noscript>",
        "<template><p>hidden</template>",
        "<svg><text>hidden</text></svg>",
        "<iframe>hidden</iframe>",
        "<!-- hidden <p>hidden -->",
        "<nav><a href=/>hidden</a></nav>",
        '<div role="navigation">hidden</div>',
        "<p hidden>hidden</p>",
        '<p aria-hidden="true">hidden</p>',
        '<p style="DISPLAY : none">hidden</p>',
        '<p style="color:red;visibility:hidden"><b>hidden</b></p>',
        '<p style="font-size:0">hidden</p>',
        '<p style="opacity: 0">hidden</p>',
        "<button>hidden</button><select><option>hidden</select><textarea>hidden</textarea>",
        "<ul><li hidden>hidden</ul>",
        "<script>hidden",
        "<!-- hidden",
        "<video>hidden</video><object>hidden</object>",
    ],
)
def test_what_nobody_sees_is_dropped(html: str) -> None:
    assert read(f"<p>before {html}").text == "before"
    if "</" in html:
        assert read(f"<p>before</p>{html}<p>after").text == "before\n\nafter"


def test_characters_nobody_sees_are_dropped() -> None:
    tags = "".join(chr(0xE0000 + ord(each)) for each in "obey")

    assert read(f"a\u200bb\u202ec\u00add{tags}\ufeff\x07").text == "abcd"
    assert read("👩\u200d💻 می\u200cخواهم").text == "👩\u200d💻 می\u200cخواهم"


def test_main_part_is_taken_when_there_is_much_in_it() -> None:
    much = "words " * 50

    assert read(f"<p>menu<main>{much}</main><p>end").text == much.strip()
    assert read("<p>menu<main>few</main><p>end").text == "menu\n\nfew\n\nend"
    assert "menu" in read(f"<p>menu<article>{much}</article><article>{much}</article>").text


def test_title_is_one_line() -> None:
    page = read("<title>\n A &amp;\n B </title><p>x<svg><title>icon</title></svg>")

    assert (page.title, page.text) == ("A & B", "x")
    assert len(read(f"<title>{'long ' * 1_000}</title>").title) == 300


def test_text_is_cut_at_the_limit() -> None:
    page = read("<p>word</p>" * 1_000, 100)

    assert page.cut
    assert len(page.text) <= 100
    assert page.text.startswith("word\n\nword")


def test_nothing_is_said_to_be_cut_that_is_not() -> None:
    assert not read("<p>all").cut


@pytest.mark.parametrize("html", ["", "   ", "<", "<html>", "\0", "<p", "</p>", "<!--", "&", "<a"])
def test_fragments_are_read(html: str) -> None:
    assert read(html).text in ("", "<", "&", "�")


def test_large_page_is_mostly_noise() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 900_000}">'
    page = f"<p>before<script>{'x' * 900_000}</script>{picture}<p>after"

    assert len(without_noise(page)) < 100
    assert read(page) == Readable(title="", text="before\n\nafter", cut=False)


@pytest.mark.parametrize(
    "unit",
    [
        "<script",
        "<!--",
        "<svg>",
        "<script><!--",
        "data:",
        "<style></",
        "<noscript>x",
        "data:a;base64,",
    ],
)
def test_noise_is_found_in_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        page = unit * (length // len(unit))
        began = time.process_time()
        without_noise(page)
        return time.process_time() - began

    seconds(10_000)
    assert seconds(1_000_000) < 30


@pytest.mark.parametrize("unit", ["<div>", "<b><i>", "<a href=/x>", "<ul><li>", "<table><tr><td>"])
def test_deep_nesting_is_survived(unit: str) -> None:
    page = read(unit * (20_000 // len(unit)) + "deep")

    assert page.text.endswith(("deep", "deep (https://example.org/x)")), page.text[-50:]


def test_only_the_beginning_of_long_markup_is_parsed() -> None:
    page = read("<i></i>" * (MAX_MARKUP // 7 + 1) + "end")

    assert (page.text, page.cut) == ("", True)
