"""HTML inside Markdown: which tags mean something, and which are only talked about.

Models write ``<b>``, ``<br>`` and ``<details>``, and they write ``List<String>`` and "the ``<div>``
tag". A tag counts when it is one of those below, has its counterpart, and stands where one would.
"""

import html
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from minibot.core.messages import SpanKind


class TagKind(Enum):
    """What a tag does to the text."""

    STYLE = "style"
    LINK = "link"
    RAISE = "raise"
    LOWER = "lower"
    BREAK = "break"
    RULE = "rule"
    IMAGE = "image"
    TIME = "time"
    FOLD = "fold"
    """What is folded up until somebody wants to see it."""
    TITLE = "title"
    """What is seen of something folded up."""
    QUOTE = "quote"
    HEADING = "heading"
    BLOCK = "block"
    ITEM = "item"
    CELL = "cell"
    NOTHING = "nothing"


class Tag(NamedTuple):
    """One tag of a text."""

    kind: TagKind
    name: str
    closing: bool
    attributes: str
    style: SpanKind | None = None

    def attribute(self, name: str) -> str:
        """The value of an attribute; empty where there is none."""
        found = re.search(
            rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", self.attributes
        )
        return html.unescape(next(filter(None, found.groups()), "")) if found else ""


_STYLES = {
    SpanKind.BOLD: "b strong mark",
    SpanKind.ITALIC: "i em cite var dfn",
    SpanKind.UNDERLINE: "u ins",
    SpanKind.STRIKETHROUGH: "s strike del",
    SpanKind.SPOILER: "tg-spoiler",
    SpanKind.CODE: "code kbd samp tt",
}
_STYLE_OF = {name: kind for kind, names in _STYLES.items() for name in names.split()}
_KINDS = {
    TagKind.STYLE: " ".join(_STYLES.values()),
    TagKind.LINK: "a",
    TagKind.RAISE: "sup",
    TagKind.LOWER: "sub",
    TagKind.BREAK: "br",
    TagKind.RULE: "hr",
    TagKind.IMAGE: "img",
    TagKind.TIME: "tg-time",
    TagKind.FOLD: "details think thinking reasoning",
    TagKind.TITLE: "summary",
    TagKind.QUOTE: "blockquote",
    TagKind.HEADING: "h1 h2 h3 h4 h5 h6",
    TagKind.BLOCK: "p div center section article ul ol table thead tbody",
    TagKind.ITEM: "li tr dt dd",
    TagKind.CELL: "td th",
    TagKind.NOTHING: "span small big font abbr",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_ALONE = frozenset({TagKind.BREAK, TagKind.RULE, TagKind.IMAGE})
_BLOCKS = frozenset(
    {
        TagKind.FOLD,
        TagKind.TITLE,
        TagKind.QUOTE,
        TagKind.HEADING,
        TagKind.BLOCK,
        TagKind.ITEM,
        TagKind.CELL,
        TagKind.RULE,
    }
)
_UNCLOSED = frozenset({TagKind.FOLD})
"""What lasts to the end of the text when nobody ends it, as a browser has it."""
_PARTS = frozenset({TagKind.ITEM, TagKind.CELL, TagKind.TITLE})

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)/?>")
_BEFORE = re.compile(rb"(?:[ \t>]|\xef\xb7\x90|[-*+] |\d+[.)] |<[^<>]*>)*")
_TAGS_ALONE = re.compile(rb"(?:</?[A-Za-z][^<>]*>\s*)+")
_LONGEST_BEFORE = 200

Event = tuple[Any, dict[str, int]]


def read_tag(text: str) -> Tag | None:
    """Read a tag; None when it is one that means nothing."""
    found = _TAG.fullmatch(text.strip())
    name = found[2].lower() if found else ""
    kind = _KIND_OF.get(name)
    if found is None or kind is None:
        return None
    style = _STYLE_OF.get(name)
    if name == "span" and "tg-spoiler" in found[3]:
        kind, style = TagKind.STYLE, SpanKind.SPOILER
    return Tag(kind, name, bool(found[1]), found[3], style)


def is_block_line(line: bytes) -> bool:
    """True for a line that only lays out, such as ``<details>`` or ``</div>``."""
    if not _TAGS_ALONE.fullmatch(line.strip()):
        return False
    tag = read_tag(line.strip().partition(b">")[0].decode(errors="replace") + ">")
    return tag is not None and tag.kind in _BLOCKS


def without_comments(text: str) -> str:
    """Take out what a browser would not show either."""
    pieces: list[str] = []
    reached = 0
    while (start := text.find("<!--", reached)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces.append(text[reached:start])
        reached = end + len("-->")
    return "".join(pieces) + text[reached:]


def tags_that_count(events: Sequence[Event], source: bytes) -> dict[int, Tag]:
    """The tags that are meant, by the number of their event."""
    pairing = _Pairing(source)
    for nth, (payload, span) in enumerate(events):
        if isinstance(payload, str):
            continue
        text = payload.get("InlineHtml")
        if text is not None:
            pairing.meet(nth, text, span["start"], span["end"])
        elif "Start" in payload or "End" in payload:
            pairing.leave_block(payload)
    pairing.finish()
    return pairing.counting


class _Pairing:
    def __init__(self, source: bytes) -> None:
        self.counting: dict[int, Tag] = {}
        self._source = source
        self._inline: dict[str, list[tuple[int, Tag, int]]] = {}
        self._blocks: dict[str, list[tuple[int, Tag]]] = {}
        self._in_table = False

    def meet(self, nth: int, text: str, start: int, end: int) -> None:
        tag = read_tag(text)
        if tag is None:
            return
        if tag.kind in _BLOCKS:
            self._meet_block(nth, tag, start)
        elif tag.kind in _ALONE:
            self.counting[nth] = tag
        elif not tag.closing:
            self._inline.setdefault(tag.name, []).append((nth, tag, end))
        elif self._inline.get(tag.name):
            opened, opening, begin = self._inline[tag.name].pop()
            inside = self._source[begin:start]
            # "use <b> and </b>" is about the tags.
            if inside.strip() and not (inside[:1].isspace() and inside[-1:].isspace()):
                self._pair(opened, opening, nth)

    def leave_block(self, payload: dict[str, Any]) -> None:
        value = payload.get("Start", payload.get("End"))
        name = next(iter(value)) if isinstance(value, dict) else value
        if name in ("Emphasis", "Strong", "Strikethrough", "Link", "Image"):
            return
        self._inline.clear()
        if name == "Table":
            self._in_table = "Start" in payload

    def finish(self) -> None:
        for waiting in self._blocks.values():
            for nth, tag in waiting:
                if tag.kind in _UNCLOSED:
                    self.counting[nth] = tag

    def _meet_block(self, nth: int, tag: Tag, start: int) -> None:
        if self._in_table:
            return
        if tag.kind in _ALONE:
            if self._begins_line(start):
                self.counting[nth] = tag
        elif not tag.closing:
            inside = tag.kind in _PARTS and any(self._blocks.values())
            if inside or self._begins_line(start):
                self._blocks.setdefault(tag.name, []).append((nth, tag))
        elif self._blocks.get(tag.name):
            opened, opening = self._blocks[tag.name].pop()
            self._pair(opened, opening, nth)

    def _pair(self, opened: int, opening: Tag, closed: int) -> None:
        self.counting[opened] = opening
        self.counting[closed] = opening._replace(closing=True)

    def _begins_line(self, start: int) -> bool:
        lowest = max(0, start - _LONGEST_BEFORE)
        line_start = self._source.rfind(b"\n", lowest, start) + 1
        return _BEFORE.fullmatch(self._source, max(lowest, line_start), start) is not None
