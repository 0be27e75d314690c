"""Text with entities becomes HTML that shows the same, and nothing else."""

import re

import pytest

from tests.demo.entities import to_html
from tests.peers import entities
from tests.peers.telegram.wire import Json


def span(kind: str, offset: int, length: int, **more: object) -> Json:
    return {"type": kind, "offset": offset, "length": length, **more}


def test_what_looks_like_html_stays_text() -> None:
    written = to_html('<script>alert("x")</script> & more', [span("bold", 0, 8)])
    assert written == ("<b>&lt;script&gt;</b>alert(&quot;x&quot;)&lt;/script&gt; &amp; more")


def test_offsets_are_utf16_units() -> None:
    assert to_html("👩‍🍳 cooks 🍝", [span("bold", 6, 5), span("italic", 12, 2)]) == (
        "👩‍🍳 <b>cooks</b> <i>🍝</i>"
    )


@pytest.mark.parametrize(
    ("marks", "html"),
    [
        ([("bold", 0, 5), ("italic", 1, 2)], "<b>a<i>bc</i>de</b>"),
        ([("italic", 1, 2), ("bold", 0, 5)], "<b>a<i>bc</i>de</b>"),
        ([("bold", 0, 5), ("italic", 0, 5)], "<b><i>abcde</i></b>"),
        ([("bold", 0, 3), ("italic", 2, 3)], "<b>ab<i>c</i></b><i>de</i>"),
        ([("underline", 0, 1), ("strikethrough", 1, 1)], "<u>a</u><s>b</s>cde"),
    ],
    ids=["inside", "in any order", "the same stretch", "crossing", "side by side"],
)
def test_marks_nest(marks: list[tuple[str, int, int]], html: str) -> None:
    assert to_html("abcde", [span(*mark) for mark in marks]) == html


def test_a_block_takes_the_line_ends_around_it_along() -> None:
    written = to_html("see:\nx = 1\nthere", [span("pre", 5, 5, language="python")])
    assert written == (
        'see:<div class="pre"><span class="language">python</span><pre>x = 1</pre></div>there'
    )


def test_a_long_quotation_is_folded_and_can_be_opened() -> None:
    written = to_html("long", [span("expandable_blockquote", 0, 4)])
    named = re.search(r'id="(\w+)"><label for="(\w+)">', written)
    assert named is not None
    assert named[1] == named[2]
    assert '<div class="folded">long</div>' in written


@pytest.mark.parametrize("kind", ["spoiler", "date_time", "mention", "bot_command"])
def test_what_html_has_no_tag_for_has_a_class(kind: str) -> None:
    assert f'<span class="{kind}"' in to_html("word", [span(kind, 0, 4)])


@pytest.mark.parametrize(
    ("url", "address"),
    [("https://a.example/?q=\"'", "https://a.example/?q=&quot;&#x27;"), ("javascript:x", "#")],
)
def test_a_link_leads_there_and_runs_nothing(url: str, address: str) -> None:
    assert to_html("x", [span("text_link", 0, 1, url=url)]) == f'<a href="{address}">x</a>'


def test_what_the_server_reads_is_what_is_shown() -> None:
    text, found = entities.parse("<b>one <i>🦊 <u>two</u></i></b> <code>3</code>", "HTML")
    assert to_html(text, found) == "<b>one <i>🦊 <u>two</u></i></b> <code>3</code>"
