"""A long text cut into messages, where a reader would pause, with its formatting carried on."""

import re
import unicodedata
from bisect import bisect_right

from minibot.adapters.channels.telegram.marks import Mark, trim
from minibot.adapters.channels.telegram.utf16 import Ruler, utf16_length
from minibot.core.messages import Part, Span, SpanKind

MAX_UNITS = 4096
"""UTF-16 code units a message may hold; at three bytes each they keep within its 32,000 bytes."""
MAX_SPANS = 100
"""Formatted stretches a message may hold; Telegram ignores the rest."""

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

_JOINER = "\u200d"
_LONGEST_CLUSTER = 64


def split(text: str, marks: list[Mark]) -> tuple[Part, ...]:
    """Cut a text into messages; `marks` are settled: legally nested, in order."""
    if not marks and len(text) * 2 <= MAX_UNITS:
        part = text.strip()
        return (Part(text=part),) if _VISIBLE.search(part) else (BLANK,)
    return tuple(_Splitter(text, marks).parts()) or (BLANK,)


class _Splitter:
    def __init__(self, text: str, marks: list[Mark]) -> None:
        self._text = text
        self._marks = marks
        self._ruler = Ruler(text)
        self._blocks = [mark for mark in marks if mark.kind is SpanKind.PRE]
        self._block_starts = [mark.start for mark in self._blocks]

    def parts(self) -> list[Part]:
        parts: list[Part] = []
        carried: list[Mark] = []
        start = upcoming = 0
        while (start := self._skip_space(start)) < len(self._text):
            cut = self._cut(start, self._reach(start, len(carried), upcoming))
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

    def _reach(self, start: int, carried: int, upcoming: int) -> int:
        """How far a message from `start` could go at most."""
        reach = min(len(self._text), self._ruler.index(self._ruler.units(start) + MAX_UNITS))
        beyond = upcoming + MAX_SPANS - carried
        if beyond < len(self._marks):
            reach = min(reach, self._marks[beyond].start)
        return reach

    def _cut(self, start: int, reach: int) -> int:
        """Where to end the message, looking for the best place not too far from `reach`."""
        if reach >= len(self._text):
            return reach
        text, room = self._text, reach - start
        block = self._block_around(reach)
        if block is not None and self._can_wait(block, start + int(room * _BLOCK_FROM)):
            return block.start
        cut = text.rfind("\n\n", start + int(room * _PARAGRAPH_FROM), reach + 2)
        if cut <= start or (block is not None and cut + 2 < len(text) and text[cut + 2].isspace()):
            cut = self._line_end(start + int(room * _LINE_FROM), reach, in_block=block is not None)
        if cut <= start:
            cut = self._word_end(start, reach)
        return cut if cut > start else _cluster_edge(text, start, reach)

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
                    )
                )
        return Part(text=text, spans=tuple(spans))


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
