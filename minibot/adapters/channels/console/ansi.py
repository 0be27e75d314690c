"""Formatted text on a terminal, by ANSI escape codes (ECMA-48, SGR)."""

from minibot.core.messages import Part, SpanKind

_CODES = {
    SpanKind.BOLD: ("\x1b[1m", "\x1b[22m"),
    SpanKind.ITALIC: ("\x1b[3m", "\x1b[23m"),
    SpanKind.UNDERLINE: ("\x1b[4m", "\x1b[24m"),
    SpanKind.STRIKETHROUGH: ("\x1b[9m", "\x1b[29m"),
    SpanKind.CODE: ("\x1b[36m", "\x1b[39m"),
    SpanKind.PRE: ("\x1b[36m", "\x1b[39m"),
    SpanKind.BLOCKQUOTE: ("\x1b[2m", "\x1b[22m"),
    SpanKind.EXPANDABLE_BLOCKQUOTE: ("\x1b[2m", "\x1b[22m"),
}
"""Links and spoilers have no code: a link shows its address behind it instead."""


_HARMLESS: dict[int, int] = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},
    127: 0x2421,
    **{code: ord("␛") for code in range(0x80, 0xA0)},
}
"""Signs to show in place of control characters, each one UTF-16 unit for the other."""


def without_escapes(text: str) -> str:
    """Make what a model wrote harmless to a terminal: no control sequence gets through."""
    return text.translate(_HARMLESS)


def dim(text: str) -> str:
    """Give a text that steps back behind the others."""
    return f"\x1b[2m{text}\x1b[22m"


def paint(part: Part) -> str:
    """Give a part's text with its formatting as escape codes."""
    units = without_escapes(part.text).encode("utf-16-le")
    marks: list[tuple[int, int, str]] = []
    for span in part.spans:
        start, end = 2 * span.offset, 2 * (span.offset + span.length)
        on, off = _CODES.get(span.kind, ("", ""))
        if span.kind is SpanKind.TEXT_LINK and span.url:
            off = f" <{without_escapes(span.url)}>"
        marks += [(start, 1, on), (end, 0, off)]
    painted: list[str] = []
    position = 0
    for place, _, code in sorted(marks, key=lambda mark: mark[:2]):
        painted += [units[position:place].decode("utf-16-le"), code]
        position = place
    return "".join(painted) + units[position:].decode("utf-16-le")
