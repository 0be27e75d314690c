"""Telegram's own rules for a message, written down a second time to judge what we send."""

import json
import re
import unicodedata
from dataclasses import asdict

from minibot.core.messages import Part, Span, SpanKind

WORD = re.compile(r"[^\W_]+")
_URL = re.compile(r"(?:https?|tg|mailto|tel):\S+", re.IGNORECASE)
_STYLES = {
    SpanKind.BOLD,
    SpanKind.ITALIC,
    SpanKind.UNDERLINE,
    SpanKind.STRIKETHROUGH,
    SpanKind.SPOILER,
}
_QUOTES = {SpanKind.BLOCKQUOTE, SpanKind.EXPANDABLE_BLOCKQUOTE}
_CODE = {SpanKind.CODE, SpanKind.PRE}
_MOST_BYTES = 32 * 1024


def covered(part: Part, span: Span) -> str:
    """The text a span covers; fails when an edge tears a surrogate pair."""
    units = part.text.encode("utf-16-le")
    return units[span.offset * 2 : (span.offset + span.length) * 2].decode("utf-16-le")


def broken_rules(part: Part) -> list[str]:
    """What Telegram would refuse, repair or show wrongly in a message; empty when all is well."""
    found: list[str] = []
    units = len(part.text.encode("utf-16-le")) // 2
    if not 1 <= units <= 4096:
        found.append(f"length {units}")
    if len(part.text.encode()) > 32_000:
        found.append("too many bytes")
    if part.text != part.text.strip():
        found.append("white space at an edge of the message")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in set(part.text) - set("\n\t")):
        found.append("control character")
    if len(part.spans) > 100:
        found.append(f"{len(part.spans)} spans")
    request = {"text": part.text, "entities": [_entity(span) for span in part.spans]}
    if len(json.dumps(request, ensure_ascii=False).encode()) > _MOST_BYTES:
        found.append("request too large")
    for span in part.spans:
        found += _broken_alone(part, span, units)
    for nth, span in enumerate(part.spans):
        for other in part.spans[nth + 1 :]:
            found += _broken_together(span, other)
    return found


def _entity(span: Span) -> dict[str, object]:
    return {name: value for name, value in asdict(span).items() if value}


def _broken_alone(part: Part, span: Span, units: int) -> list[str]:
    if span.offset < 0 or span.length <= 0 or span.offset + span.length > units:
        return [f"out of range: {span}"]
    try:
        text = covered(part, span)
    except UnicodeDecodeError:
        return [f"torn surrogate pair: {span}"]
    found = []
    if text != text.strip():
        found.append(f"white space at an edge of {span}: {text!r}")
    if (span.kind is SpanKind.TEXT_LINK) != bool(span.url):
        found.append(f"address in the wrong place: {span}")
    if span.url and not _URL.fullmatch(span.url):
        found.append(f"address not allowed: {span}")
    if (span.kind is SpanKind.DATE_TIME) != bool(span.unix_time):
        found.append(f"moment in the wrong place: {span}")
    if span.language and span.kind is not SpanKind.PRE:
        found.append(f"language in the wrong place: {span}")
    return found


def _broken_together(span: Span, other: Span) -> list[str]:
    end, other_end = span.offset + span.length, other.offset + other.length
    if end <= other.offset or other_end <= span.offset:
        return []
    if span.offset < other.offset < end < other_end or other.offset < span.offset < other_end < end:
        return [f"crossing: {span} {other}"]
    outer, inner = (span, other) if span.length >= other.length else (other, span)
    kinds = {outer.kind, inner.kind}
    if outer.kind is inner.kind or kinds <= _QUOTES:
        return [f"nested in its own kind: {outer} {inner}"]
    if kinds & _CODE and not kinds & _QUOTES:
        return [f"code with something else: {outer} {inner}"]
    if outer.kind in _STYLES and inner.kind in _QUOTES and outer.length > inner.length:
        return [f"quotation inside a style: {outer} {inner}"]
    return []


def shown(parts: tuple[Part, ...]) -> str:
    """All a person can read or reach: the words, the addresses, the names of languages."""
    hidden = [text for part in parts for span in part.spans for text in (span.url, span.language)]
    return "\n".join([*(part.text for part in parts), *hidden])


def lost_words(markdown: str, parts: tuple[Part, ...]) -> list[str]:
    """Words of the source that no message shows; a word may be cut between two messages."""
    text = shown(parts)
    glued = "".join(part.text for part in parts)
    return [word for word in WORD.findall(markdown) if word not in text and word not in glued]
