"""A message with its formatting as tags, for people to compare.

``<b> <i> <u> <s> <spoiler> <quote> <fold> <code> <pre py> <a url> <time unix format>``; messages
are parted by a line of ``=====``.
"""

from collections.abc import Iterable

from minibot.core.messages import Part, Span, SpanKind

PARTED = "\n=====\n"
_TAGS = {
    SpanKind.BOLD: "b",
    SpanKind.ITALIC: "i",
    SpanKind.UNDERLINE: "u",
    SpanKind.STRIKETHROUGH: "s",
    SpanKind.SPOILER: "spoiler",
    SpanKind.BLOCKQUOTE: "quote",
    SpanKind.EXPANDABLE_BLOCKQUOTE: "fold",
    SpanKind.CODE: "code",
    SpanKind.PRE: "pre",
    SpanKind.TEXT_LINK: "a",
    SpanKind.DATE_TIME: "time",
}


def readable(parts: Iterable[Part]) -> str:
    """Write messages with their formatting."""
    return PARTED.join(map(_readable, parts))


def _readable(part: Part) -> str:
    units = part.text.encode("utf-16-le")
    edges: list[tuple[int, int, int, str]] = []
    for nth, span in enumerate(part.spans):
        end = span.offset + span.length
        edges.append((span.offset, 1, nth, _opening(span)))
        edges.append((end, 0, -nth, f"</{_TAGS[span.kind]}>"))
    text = ""
    reached = 0
    for at, _, _, tag in sorted(edges):
        text += units[2 * reached : 2 * at].decode("utf-16-le") + tag
        reached = at
    return text + units[2 * reached :].decode("utf-16-le")


def _opening(span: Span) -> str:
    moment = f"{span.unix_time} {span.time_format}" if span.unix_time else ""
    words = " ".join(filter(None, (_TAGS[span.kind], span.url, span.language, moment.strip())))
    return f"<{words}>"
