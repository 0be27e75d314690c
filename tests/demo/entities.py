"""Text with entities as HTML, the way a Telegram client shows it."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import count

from tests.peers.telegram.wire import Json

_SIMPLE = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "blockquote": "blockquote",
}
_BLOCKS = {"blockquote", "expandable_blockquote", "pre"}
_SAFE = re.compile(r"(?:https?|tg|mailto|tel):", re.IGNORECASE)
_numbers = count(1)

FOLD = '<blockquote class="expandable"><div class="folded">'
"""Begins a quotation that is shown in part until somebody wants more."""


def end_of_fold() -> str:
    number = next(_numbers)
    more = f'<input type="checkbox" id="more{number}"><label for="more{number}"></label>'
    return f"</div>{more}</blockquote>"


def to_html(text: str, entities: Sequence[Json]) -> str:
    """Write a text; offsets and lengths of its entities are in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    ordered = sorted(entities, key=lambda each: (each["offset"], -each["length"]))
    open_now: list[Json] = []
    pieces = _Pieces()
    for start, end in _stretches(ordered, len(units) // 2):
        wanted = [e for e in ordered if e["offset"] <= start and end <= e["offset"] + e["length"]]
        kept = _shared(open_now, wanted)
        for entity in reversed(open_now[kept:]):
            pieces.close(entity)
        for entity in wanted[kept:]:
            pieces.open(entity, _covered(units, entity))
        open_now = wanted
        pieces.text(units[2 * start : 2 * end].decode("utf-16-le", "replace"))
    for entity in reversed(open_now):
        pieces.close(entity)
    return pieces.html


def _stretches(entities: Sequence[Json], total: int) -> Iterator[tuple[int, int]]:
    """Cut the text wherever an entity begins or ends."""
    edges = {0, total}
    for entity in entities:
        edges |= {entity["offset"], entity["offset"] + entity["length"]}
    borders = sorted(edge for edge in edges if 0 <= edge <= total)
    yield from zip(borders, borders[1:], strict=False)


def _shared(before: Sequence[Json], after: Sequence[Json]) -> int:
    """Count the entities, from the outermost on, that stay open."""
    pairs = zip(before, after, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a is not b), min(len(before), len(after)))


def _covered(units: bytes, entity: Json) -> str:
    start = 2 * int(entity["offset"])
    return units[start : start + 2 * int(entity["length"])].decode("utf-16-le", "replace")


class _Pieces:
    """HTML as it is written; a block takes one line end before and behind it along."""

    def __init__(self) -> None:
        self.html = ""
        self._behind_block = False

    def text(self, text: str) -> None:
        if self._behind_block:
            text = text.removeprefix("\n")
        self._behind_block = False
        self.html += escape(text)

    def open(self, entity: Json, covered: str) -> None:
        if entity["type"] in _BLOCKS:
            self.html = self.html.removesuffix("\n")
            self._behind_block = False
        self.html += _opening(entity, covered)

    def close(self, entity: Json) -> None:
        if entity["type"] in _BLOCKS:
            self.html = self.html.removesuffix("\n")
        self.html += _closing(entity)
        self._behind_block = entity["type"] in _BLOCKS


def _opening(entity: Json, covered: str) -> str:
    kind = str(entity["type"])
    if kind in _SIMPLE:
        return f"<{_SIMPLE[kind]}>"
    if kind == "pre":
        language = escape(str(entity.get("language", "")))
        label = f'<span class="language">{language}</span>' if language else ""
        return f'<div class="pre">{label}<pre>'
    if kind == "expandable_blockquote":
        return FOLD
    if kind == "spoiler":
        return '<span class="spoiler" tabindex="0">'
    if kind in ("text_link", "url"):
        return f'<a href="{address(str(entity.get("url", covered)))}">'
    return f'<span class="{escape(kind)}">'


def _closing(entity: Json) -> str:
    kind = str(entity["type"])
    if kind in _SIMPLE:
        return f"</{_SIMPLE[kind]}>"
    if kind == "pre":
        return "</pre></div>"
    if kind == "expandable_blockquote":
        return end_of_fold()
    return "</a>" if kind in ("text_link", "url") else "</span>"


def address(url: str) -> str:
    """Give an address for a link that runs nothing."""
    return escape(url) if _SAFE.match(url) else "#"
