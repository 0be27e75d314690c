"""An answer as the parser of Markdown sees it, after what it must not read was taken out."""

from dataclasses import dataclass

import pyromark

from minibot.adapters.channels.telegram.rendering.html_tags import (
    Event,
    Tag,
    is_block_line,
    tags_that_count,
)
from minibot.adapters.channels.telegram.rendering.protection import GUARD, Protected, protect

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_GFM
)
_PARSER = pyromark.Markdown(options=_OPTIONS)

_MOST_EVENTS = 60_000
"""Past these a text is no answer but an accident, and would hold everything up."""
_ROUNDS = 3
_RAW = (b"<pre", b"<script", b"<style", b"<textarea", b"<!", b"<?")


class TooTangled(ValueError):
    """The text has more formatting than can be shown in reasonable time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed text; ranges of events count bytes of `source`."""

    protected: Protected
    source: bytes
    events: list[Event]
    tags: dict[int, Tag]


def read(markdown: str) -> Reading:
    """Parse a text.

    Raises:
        TooTangled: the text should rather be shown as it is.
    """
    protected = protect(markdown, _code_in)
    source = protected.text.encode()
    events = _events(protected.text)
    for _ in range(_ROUNDS):
        edits = _tag_edits(source, events) if b"<" in source else []
        edits += _definition_edits(protected, events) if b"]:" in source else []
        if not edits:
            break
        source = _edited(source, edits)
        protected.text = source.decode()
        events = _events(protected.text)
    tags = tags_that_count(events, source) if b"<" in source else {}
    return Reading(protected, source, events, tags)


def _events(text: str) -> list[Event]:
    events: list[Event] = []
    for event in _PARSER.events_with_range(text):
        events.append(event)  # type: ignore[arg-type]  # a range is a dict of two numbers
        if len(events) > _MOST_EVENTS:
            raise TooTangled
    return events


def _code_in(text: str) -> list[tuple[int, int]]:
    """Where code is, in code points."""
    found: list[tuple[int, int]] = []
    for payload, span in _events(text):
        if isinstance(payload, str):
            continue
        start = payload.get("Start")
        if "Code" in payload or (isinstance(start, dict) and "CodeBlock" in start):
            found.append((span["start"], span["end"]))
    return found if text.isascii() else _in_code_points(text.encode(), found)


def _in_code_points(source: bytes, ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    converted: list[tuple[int, int]] = []
    at = points = 0
    for start, end in ranges:
        begin = points + len(source[at:start].decode())
        points = begin + len(source[start:end].decode())
        at = end
        converted.append((begin, points))
    return converted


def _edited(source: bytes, edits: list[tuple[int, bytes]]) -> bytes:
    pieces: list[bytes] = []
    reached = 0
    for at, inserted in sorted(edits, key=lambda edit: edit[0]):
        pieces += (source[reached:at], inserted)
        reached = at
    return b"".join(pieces) + source[reached:]


def _tag_edits(source: bytes, events: list[Event]) -> list[tuple[int, bytes]]:
    """Have no tag begin a block of raw HTML, in which Markdown would not be read."""
    edits: list[tuple[int, bytes]] = []
    raw = False
    for nth, (payload, span) in enumerate(events):
        if isinstance(payload, str):
            continue
        if payload.get("Start") == "HtmlBlock":
            first = events[nth + 1][0] if nth + 1 < len(events) else ""
            text = first.get("Html", "") if isinstance(first, dict) else ""
            raw = text.lstrip().lower().encode().startswith(_RAW)
        elif "Html" in payload and not raw:
            edits += _line_edits(source, span["start"], span["end"])
    return edits


def _line_edits(source: bytes, start: int, end: int) -> list[tuple[int, bytes]]:
    line = source[start:end]
    at = start + len(line) - len(line.lstrip())
    if source[at : at + 1] != b"<":
        return []
    line_start = source.rfind(b"\n", 0, at) + 1
    prefix = bytes(sign if sign in b"> \t" else 0x20 for sign in source[line_start:at])
    guard = GUARD.encode()
    if not is_block_line(line):
        return [(at, guard)]
    before = b"\n" + prefix if line_start and prefix == source[line_start:at] else b""
    behind = start + len(line.rstrip())
    return [(at, before + guard), (behind, b"\n" + prefix)]


def _definition_edits(protected: Protected, events: list[Event]) -> list[tuple[int, bytes]]:
    """Show definitions of links that nothing refers to; the parser swallows them."""
    used: set[str] = set()
    for payload, _ in events:
        start = payload.get("Start") if isinstance(payload, dict) else None
        if isinstance(start, dict):
            link = start.get("Link") or start.get("Image")
            if link is not None:
                used.add(link["id"].casefold())
    edits: list[tuple[int, bytes]] = []
    for label, found in _PARSER.reference_definitions(protected.text).items():
        if label.casefold() not in used:
            # No definition may follow a paragraph directly, and this one is text now.
            edits += [(found["span"]["start"], b"\\"), (found["span"]["end"], b"\n")]
    return edits
