"""What events inside a line do to its words, whatever becomes of these (pulldown-cmark's names)."""

from collections.abc import Callable, Mapping
from typing import Any

from minibot.adapters.channels.telegram.rendering.canvas import Code
from minibot.adapters.channels.telegram.rendering.latex import raised
from minibot.adapters.channels.telegram.rendering.links import link, picture
from minibot.adapters.channels.telegram.rendering.words import Words
from minibot.core.messages import SpanKind

Range = dict[str, int]
InlineHandler = Callable[[Words, Any, Range], None]


def take_text(words: Words, text: str, span: Range) -> None:
    """Take up words; a bar that was escaped is no edge of a spoiler."""
    start = span["start"]
    escaped = text.startswith("|") and words.reading.source[start - 1 : start] == b"\\"
    words.text(text, escaped=escaped)


def take_tag_as_text(words: Words, text: str) -> None:
    """Take up a tag that is only talked about; a comment is dropped with the blank before it."""
    if not text.startswith("<!--"):
        words.tokens.append(words.source(text))
    elif words.tokens and isinstance(last := words.tokens[-1], str):
        words.tokens[-1] = last.rstrip(" ")


def footnote_sign(label: str) -> str:
    """Give the sign that leads from a word to its footnote."""
    return raised(label) if label.isascii() and label.isdecimal() else f"[{label}]"


def _code(words: Words, text: str, span: Range) -> None:
    words.tokens.append(Code(words.source(text)))


def _footnote_reference(words: Words, label: str, span: Range) -> None:
    words.tokens.append(footnote_sign(label))


def _start_link(words: Words, given: Any, span: Range) -> None:
    words.links.append((len(words.tokens), words.source(given["dest_url"]), bool(words.links)))


def _end_link(words: Words, given: Any, span: Range) -> None:
    begin, url, _ = words.links.pop()
    words.tokens[begin:] = link(words.tokens[begin:], url)


def _end_image(words: Words, given: Any, span: Range) -> None:
    begin, url, linked = words.links.pop()
    words.tokens[begin:] = picture(words.tokens[begin:], url, linked=linked)


def _starts(kind: SpanKind) -> InlineHandler:
    def start(words: Words, given: Any, span: Range) -> None:
        words.open_style(kind)

    return start


def _ends(kind: SpanKind) -> InlineHandler:
    def end(words: Words, given: Any, span: Range) -> None:
        for style in reversed(words.styles):
            if style.kind is kind:
                words.close_style(style)
                return

    return end


INLINE_STARTS: Mapping[str, InlineHandler] = {
    "Link": _start_link,
    "Image": _start_link,
    "Strong": _starts(SpanKind.BOLD),
    "Emphasis": _starts(SpanKind.ITALIC),
    "Strikethrough": _starts(SpanKind.STRIKETHROUGH),
}
INLINE_ENDS: Mapping[str, InlineHandler] = {
    "Link": _end_link,
    "Image": _end_image,
    "Strong": _ends(SpanKind.BOLD),
    "Emphasis": _ends(SpanKind.ITALIC),
    "Strikethrough": _ends(SpanKind.STRIKETHROUGH),
}
INLINE_OTHERS: Mapping[str, InlineHandler] = {
    "Code": _code,
    "FootnoteReference": _footnote_reference,
}
