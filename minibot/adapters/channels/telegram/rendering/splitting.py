"""A long text cut into messages, where a reader would pause, with its formatting carried on."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from minibot.adapters.channels.telegram.rendering.marks import Mark, trim
from minibot.adapters.channels.telegram.rendering.utf16 import Ruler, utf16_length
from minibot.core.messages import Part, Span, SpanKind

MAX_UNITS = 4096
"""UTF-16 code units a message may hold; at three bytes each they keep within its 32,000 bytes."""
MAX_SPANS = 100
"""Formatted stretches a message may hold; Telegram ignores the rest."""
_MAX_SPAN_BYTES = 16_000
"""What the formatting of a message may take of a request's 32 KiB, beside the text itself."""
_SPAN_BYTES = 90
_UNITS_A_SPAN = 20
"""Where there is more formatting than one stretch in so many units, some is let go."""
_EXPENDABLE = (SpanKind.ITALIC, SpanKind.UNDERLINE, SpanKind.BOLD)

BLANK = Part(text="…")
"""What is sent when there is nothing to see: silence would look like a fault."""

# Telegram refuses a text made of these alone, or shows an empty bubble.
_VISIBLE = re.compile(
    "[^\\s\u00a0\u00ad\u030a\u0333\u033f\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u2064\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufffc\U000e0000-\U000e007f]"
)
_SENTENCE_END = re.compile(r"[.!?…][\"')\]»”]*\s|[。！？]")
_SPACE = re.compile(r"\s")

# A cut gives up this much of the room at most for a better place.
_PARAGRAPH_FROM = 0.5
_LINE_FROM = 0.3
_SENTENCE_FROM = 0.5
_BLOCK_FROM = 0.4
_BOND_FROM = 0.2

_JOINER = "\u200d"
_LONGEST_CLUSTER = 64


def split(
    text: str,
    marks: list[Mark],
    *,
    bonds: Sequence[tuple[int, int]] = (),
    first_units: int = MAX_UNITS,
) -> tuple[Part, ...]:
    """Cut a text into messages; `marks` are settled: legally nested, in order.

    `bonds` are stretches that stay in one message where they can, in code points.
    """
    if not marks and len(text) * 2 <= first_units:
        part = text.strip()
        return (Part(text=part),) if _VISIBLE.search(part) else (BLANK,)
    if len(marks) > MAX_SPANS:
        marks = _thinned(marks, utf16_length(text))
    return tuple(_Splitter(text, marks, bonds).parts(first_units)) or (BLANK,)


def _thinned(marks: list[Mark], units: int) -> list[Mark]:
    """Let go of what means least where a short text has so much formatting that it were torn."""
    most = max(MAX_SPANS, units // _UNITS_A_SPAN)
    for kind in _EXPENDABLE:
        if len(marks) <= most:
            break
        marks = [mark for mark in marks if mark.kind is not kind]
    return marks


class _Splitter:
    def __init__(self, text: str, marks: list[Mark], bonds: Sequence[tuple[int, int]]) -> None:
        self._text = text
        self._marks = marks
        self._ruler = Ruler(text)
        self._blocks = [mark for mark in marks if mark.kind is SpanKind.PRE]
        self._block_starts = [mark.start for mark in self._blocks]
        self._bonds = sorted([*bonds, *((mark.start, mark.end) for mark in marks if _holds(mark))])
        self._bond_starts = [start for start, _ in self._bonds]
        self._bond_ends = list(accumulate((end for _, end in self._bonds), max))
        self._bytes = list(accumulate((_SPAN_BYTES + len(mark.url) for mark in marks), initial=0))

    def parts(self, first_units: int) -> list[Part]:
        parts: list[Part] = []
        carried: list[Mark] = []
        start = upcoming = 0
        while (start := self._skip_space(start)) < len(self._text):
            units = MAX_UNITS if parts else first_units
            cut = self._cut(start, self._reach(start, units, carried, upcoming))
            marks = carried
            while upcoming < len(self._marks) and self._marks[upcoming].start < cut:
                marks.append(self._marks[upcoming])
                upcoming += 1
            part = self._part(start, cut, marks)
            if part is not None:
                parts.append(part)
            carried = [mark for mark in marks if mark.end > cut]
            start = cut
        return parts

    def _skip_space(self, start: int) -> int:
        while start < len(self._text) and self._text[start].isspace():
            start += 1
        return start

    def _reach(self, start: int, units: int, carried: list[Mark], upcoming: int) -> int:
        """How far a message from `start` could go at most."""
        reach = min(len(self._text), self._ruler.index(self._ruler.units(start) + units))
        taken = sum(_SPAN_BYTES + len(mark.url) for mark in carried)
        allowed = self._bytes[upcoming] + _MAX_SPAN_BYTES - taken
        beyond = min(
            upcoming + MAX_SPANS - len(carried), bisect_right(self._bytes, allowed, upcoming) - 1
        )
        if beyond < len(self._marks):
            reach = min(reach, max(self._marks[beyond].start, start + 1))
        return reach

    def _cut(self, start: int, reach: int) -> int:
        """Where to end the message, looking for the best place not too far from `reach`."""
        if reach >= len(self._text):
            return reach
        text, room = self._text, reach - start
        block = self._block_around(reach)
        if block is not None and self._can_wait(block, start + int(room * _BLOCK_FROM)):
            return self._before_bond(block.start, start, room)
        cut = text.rfind("\n\n", start + int(room * _PARAGRAPH_FROM), reach + 2)
        if cut <= start or (block is not None and cut + 2 < len(text) and text[cut + 2].isspace()):
            cut = self._line_end(start + int(room * _LINE_FROM), reach, in_block=block is not None)
        if cut <= start:
            cut = self._word_end(start, reach)
        if cut > start:
            return self._before_bond(cut, start, room)
        return _cluster_edge(text, start, self._before_bond(reach, start, room))

    def _before_bond(self, cut: int, start: int, room: int) -> int:
        """The last place up to `cut` that parts nothing which belongs together."""
        lowest = start + int(room * _BOND_FROM)
        place = cut
        nth = bisect_right(self._bond_starts, place) - 1
        while nth >= 0 and self._bond_ends[nth] > place:
            bond_start, bond_end = self._bonds[nth]
            if bond_start < place < bond_end:
                place = bond_start
            nth -= 1
        return place if place > lowest else cut

    def _block_around(self, position: int) -> Mark | None:
        nth = bisect_right(self._block_starts, position) - 1
        if nth >= 0 and self._blocks[nth].start < position < self._blocks[nth].end:
            return self._blocks[nth]
        return None

    def _can_wait(self, block: Mark, earliest: int) -> bool:
        """True when a block can go into the next message whole."""
        body = self._text[block.start : block.end]
        return block.start >= earliest and utf16_length(body) <= MAX_UNITS

    def _line_end(self, lowest: int, reach: int, *, in_block: bool) -> int:
        """The last line end; in code rather one before a line without indent.

        Telegram strips the blanks a message begins with, which would shift that line.
        """
        text = self._text
        cut = last = text.rfind("\n", lowest, reach + 1)
        while in_block and cut >= 0:
            if cut + 1 < len(text) and not text[cut + 1].isspace():
                return cut
            cut = text.rfind("\n", lowest, cut)
        return last

    def _word_end(self, start: int, reach: int) -> int:
        half = start + int((reach - start) * _SENTENCE_FROM)
        ends = [match.end() for match in _SENTENCE_END.finditer(self._text, half, reach)]
        if ends:
            return ends[-1]
        for cut in range(reach, start, -1):
            if _SPACE.match(self._text, cut):
                return cut
        return -1

    def _part(self, start: int, end: int, marks: list[Mark]) -> Part | None:
        whole = trim(self._text, Mark(SpanKind.PRE, start, end))
        if whole is None or not _VISIBLE.search(self._text, whole.start, whole.end):
            return None
        text = self._text[whole.start : whole.end]
        units = self._ruler.units
        base = units(whole.start)
        spans: list[Span] = []
        for mark in marks:
            clipped = trim(
                self._text,
                mark._replace(
                    start=max(mark.start, whole.start),
                    end=min(mark.end, whole.end),
                ),
            )
            if clipped is not None:
                offset = units(clipped.start)
                spans.append(
                    Span(
                        kind=mark.kind,
                        offset=offset - base,
                        length=units(clipped.end) - offset,
                        url=mark.url,
                        language=mark.language,
                        unix_time=mark.unix_time,
                        time_format=mark.time_format,
                    )
                )
        return Part(text=text, spans=tuple(spans))


def _holds(mark: Mark) -> bool:
    """True for what is torn only when it does not fit a message."""
    return mark.kind in (SpanKind.TEXT_LINK, SpanKind.CODE, SpanKind.DATE_TIME)


def _cluster_edge(text: str, start: int, reach: int) -> int:
    """The last place up to `reach` that does not tear what reads as one character."""
    for cut in range(reach, max(start, reach - _LONGEST_CLUSTER), -1):
        if not _tears(text, cut):
            return cut
    return reach


def _tears(text: str, cut: int) -> bool:
    following = text[cut]
    if text[cut - 1] == _JOINER or following == _JOINER:
        return True
    if unicodedata.category(following) in {"Mn", "Mc", "Me"}:
        return True
    if "\U0001f3fb" <= following <= "\U0001f3ff" or "\U000e0020" <= following <= "\U000e007f":
        return True  # a skin tone, or a tag inside a flag
    return _is_flag_letter(following) and _flag_letters_before(text, cut) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, cut: int) -> int:
    begin = cut
    while begin > 0 and _is_flag_letter(text[begin - 1]):
        begin -= 1
    return cut - begin
