"""Formatting on a terminal, and nothing else that a terminal would obey."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.channels.console.ansi import paint, without_escapes
from minibot.adapters.channels.telegram.rendering.markup import render
from minibot.core.messages import Part, Span, SpanKind

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
SGR = re.compile(r"\x1b\[[0-9;]*m")


def painted(text: str, *spans: Span) -> str:
    return paint(Part(text=text, spans=spans))


@pytest.mark.parametrize(
    ("kind", "on", "off"),
    [
        (SpanKind.BOLD, "\x1b[1m", "\x1b[22m"),
        (SpanKind.ITALIC, "\x1b[3m", "\x1b[23m"),
        (SpanKind.UNDERLINE, "\x1b[4m", "\x1b[24m"),
        (SpanKind.STRIKETHROUGH, "\x1b[9m", "\x1b[29m"),
        (SpanKind.CODE, "\x1b[36m", "\x1b[39m"),
        (SpanKind.PRE, "\x1b[36m", "\x1b[39m"),
        (SpanKind.BLOCKQUOTE, "\x1b[2m", "\x1b[22m"),
        (SpanKind.SPOILER, "", ""),
    ],
)
def test_a_span_is_painted_where_it_is(kind: SpanKind, on: str, off: str) -> None:
    span = Span(kind=kind, offset=3, length=3)

    assert painted("😀 abc!", span) == f"😀 {on}abc{off}!"


def test_spans_that_touch_or_nest_keep_their_order() -> None:
    bold = Span(kind=SpanKind.BOLD, offset=0, length=2)
    italic = Span(kind=SpanKind.ITALIC, offset=2, length=1)
    inner = Span(kind=SpanKind.CODE, offset=0, length=1)

    assert painted("abc", bold, italic) == "\x1b[1mab\x1b[22m\x1b[3mc\x1b[23m"
    assert painted("abc", bold, inner) == "\x1b[1m\x1b[36ma\x1b[39mb\x1b[22mc"


def test_a_link_shows_where_it_leads() -> None:
    link = Span(kind=SpanKind.TEXT_LINK, offset=0, length=4, url="https://evil.example/\x1b[2J")

    assert painted("bank.", link) == "bank <https://evil.example/␛[2J>."


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b[2J\x1b[H",
        "\x1b]0;title\x07",
        "\x1b]52;c;cm0gLXJm\x1b\\",
        "\x9b2J",
        "\x9d0;title\x9c",
        "\x90q\x9c",
        "safe\rEVIL",
        "ab\b\bcd",
        "\x1bc",
        "\x0e\x0f\x7f",
    ],
)
def test_nothing_the_model_writes_commands_the_terminal(attack: str) -> None:
    assert not CONTROL.search(without_escapes(attack))
    assert not CONTROL.search(SGR.sub("", painted(attack)))
    assert len(without_escapes(attack)) == len(attack)


def test_words_lines_and_tabs_stay_as_they_are() -> None:
    text = "Grüße, мир 👋\n\tx ␛"

    assert without_escapes(text) == text


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(["**b** `c`", "> q"]))
def test_whatever_is_rendered_can_be_painted(markdown: str) -> None:
    for part in render(markdown):
        assert not CONTROL.search(SGR.sub("", paint(part)))
