"""Formatting that Telegram accepts: which marks may lie inside which.

Telegram's rules: code and preformatted text hold no other mark and lie only in a quotation;
links and quotations do not lie in their own kind; everything else nests freely but never
crosses. A mark neither begins nor ends with white space.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import NamedTuple

from minibot.core.messages import SpanKind


class Mark(NamedTuple):
    """A formatted stretch; `start` and `end` count code points."""

    kind: SpanKind
    start: int
    end: int
    url: str = ""
    language: str = ""
    unix_time: int = 0
    time_format: str = ""


_QUOTES = frozenset({SpanKind.BLOCKQUOTE, SpanKind.EXPANDABLE_BLOCKQUOTE})
_SOLID = frozenset({SpanKind.CODE, SpanKind.PRE, SpanKind.TEXT_LINK, SpanKind.DATE_TIME})
# Who is outermost when several marks cover the same stretch.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            SpanKind.BLOCKQUOTE,
            SpanKind.EXPANDABLE_BLOCKQUOTE,
            SpanKind.TEXT_LINK,
            SpanKind.DATE_TIME,
            SpanKind.PRE,
            SpanKind.CODE,
            SpanKind.SPOILER,
            SpanKind.BOLD,
            SpanKind.ITALIC,
            SpanKind.UNDERLINE,
            SpanKind.STRIKETHROUGH,
        )
    )
}


def settle(text: str, marks: Iterable[Mark]) -> list[Mark]:
    """Bring marks into a legal nesting, outer before inner, in the order of the text."""
    ordered = _without_hidden_code(sorted(marks, key=_place))
    quotes = _apart(mark for mark in ordered if mark.kind in _QUOTES)
    solids = _within(quotes, _apart(mark for mark in ordered if mark.kind in _SOLID))
    styles = [mark for mark in ordered if mark.kind not in _QUOTES and mark.kind not in _SOLID]
    settled = quotes + solids
    if styles:
        pieces = _Obstacles(quotes, solids).avoid(_merged(styles))
        settled += _uncrossed(pieces)
    return sorted(_trimmed(text, settled), key=_place)


def _without_hidden_code(ordered: list[Mark]) -> list[Mark]:
    """Let go of code in a spoiler: one cannot be in the other, and what is hidden stays hidden."""
    spoilers = [mark for mark in ordered if mark.kind is SpanKind.SPOILER]
    if not spoilers:
        return ordered
    starts = [mark.start for mark in spoilers]
    ends = list(accumulate((mark.end for mark in spoilers), max))

    def hidden(mark: Mark) -> bool:
        nth = bisect_right(starts, mark.start) - 1
        return mark.kind is SpanKind.CODE and nth >= 0 and ends[nth] >= mark.end

    return [mark for mark in ordered if not hidden(mark)]


def trim(text: str, mark: Mark) -> Mark | None:
    """The mark without white space at its edges; None when nothing else is in it."""
    start, end = mark.start, mark.end
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return None
    if (start, end) == (mark.start, mark.end):
        return mark
    return mark._replace(start=start, end=end)


def _place(mark: Mark) -> tuple[int, int, int]:
    return mark.start, -mark.end, _RANK[mark.kind]


def _trimmed(text: str, marks: Iterable[Mark]) -> Iterator[Mark]:
    # Moving every edge past white space keeps their order, so a legal nesting stays legal.
    for mark in marks:
        trimmed = trim(text, mark)
        if trimmed is not None:
            yield trimmed


def _apart(marks: Iterable[Mark]) -> list[Mark]:
    """Drop each mark that touches ground an earlier one holds."""
    kept: list[Mark] = []
    taken = 0
    for mark in marks:
        if mark.start >= taken:
            kept.append(mark)
            taken = mark.end
    return kept


def _within(quotes: list[Mark], solids: list[Mark]) -> list[Mark]:
    """Drop solid marks that reach over an edge of a quotation."""
    if not quotes:
        return solids
    edges = [edge for quote in quotes for edge in (quote.start, quote.end)]
    return [
        mark for mark in solids if bisect_right(edges, mark.start) == bisect_left(edges, mark.end)
    ]


def _merged(styles: list[Mark]) -> Iterator[Mark]:
    """Join marks of one kind that touch or overlap."""
    last: dict[SpanKind, Mark] = {}
    for mark in styles:
        previous = last.get(mark.kind)
        if previous is None or mark.start > previous.end:
            if previous is not None:
                yield previous
            last[mark.kind] = mark
        elif mark.end > previous.end:
            last[mark.kind] = previous._replace(end=mark.end)
    yield from last.values()


class _Obstacles:
    """What a style must not cross: code, edges of quotations, edges of links."""

    def __init__(self, quotes: list[Mark], solids: list[Mark]) -> None:
        self._edges = [edge for quote in quotes for edge in (quote.start, quote.end)]
        self._links = [mark for mark in solids if mark.kind is SpanKind.TEXT_LINK]
        self._link_ends = [link.end for link in self._links]
        self._code = [mark for mark in solids if mark.kind is not SpanKind.TEXT_LINK]
        self._code_ends = [code.end for code in self._code]

    def avoid(self, styles: Iterable[Mark]) -> Iterator[Mark]:
        for style in styles:
            for start, end in self._beside_code(style.start, style.end):
                cuts = [start, *self._cuts(start, end), end]
                for left, right in zip(cuts, cuts[1:], strict=False):
                    yield style._replace(start=left, end=right)

    def _beside_code(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        nth = bisect_right(self._code_ends, start)
        while nth < len(self._code) and self._code[nth].start < end:
            if self._code[nth].start > start:
                yield start, self._code[nth].start
            start = self._code[nth].end
            nth += 1
        if start < end:
            yield start, end

    def _cuts(self, start: int, end: int) -> list[int]:
        edges = self._edges[bisect_right(self._edges, start) : bisect_left(self._edges, end)]
        first, last = self._link_over(start), self._link_over(end)
        if first is not None and first.end < end:
            edges.append(first.end)
        if last is not None and start < last.start:
            edges.append(last.start)
        return sorted(set(edges))

    def _link_over(self, position: int) -> Mark | None:
        """The link that has `position` strictly inside."""
        nth = bisect_right(self._link_ends, position)
        if nth < len(self._links) and self._links[nth].start < position:
            return self._links[nth]
        return None


def _uncrossed(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Cut each mark where it would leave the one it began in."""
    waiting = [(_place(mark), mark) for mark in marks]
    heapify(waiting)
    open_until: list[int] = []
    while waiting:
        _, mark = heappop(waiting)
        while open_until and open_until[-1] <= mark.start:
            open_until.pop()
        if open_until and mark.end > open_until[-1]:
            rest = mark._replace(start=open_until[-1])
            heappush(waiting, (_place(rest), rest))
            mark = mark._replace(end=open_until[-1])
        open_until.append(mark.end)
        yield mark
