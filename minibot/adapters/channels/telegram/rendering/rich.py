"""Answers as native rich messages, each beside the plain form it falls back to.

A message is rich where that gains something: headings, lists, tables, formulas, rules, what is
folded up, and signs above or below the line. All else is as good as text with its formatting, which
every client shows. Each message holds no more than fits a plain one, so that its plain form
is a single message as well, and comes in its very place.
"""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from minibot.adapters.channels.telegram.rendering.marks import settle
from minibot.adapters.channels.telegram.rendering.markup import FAULTS, clean, has_signs, render
from minibot.adapters.channels.telegram.rendering.reading import Reading, TooTangled, read
from minibot.adapters.channels.telegram.rendering.rich_writing import (
    Stretch,
    part_of,
    with_footnotes_last,
    write_blocks,
)
from minibot.adapters.channels.telegram.rendering.splitting import MAX_SPANS, MAX_UNITS, split
from minibot.adapters.channels.telegram.rendering.utf16 import utf16_length
from minibot.adapters.channels.telegram.rendering.writing import write
from minibot.core.messages import Part

# Of a rich message, in the order of the fields of `_Size`.
MAX_TEXT = 32_768
"""UTF-16 code units."""
MAX_BLOCKS = 500
MAX_NESTING = 16

_GAP_UNITS = 2

_log = logging.getLogger(__name__)


def render_rich(markdown: str) -> tuple[Part, ...]:
    """Turn an answer into one or more messages, rich ones where that gains something."""
    text = clean(markdown)
    if not has_signs(text):
        return render(markdown)
    try:
        reading = with_footnotes_last(read(text))
        stretches = write_blocks(reading)
        if not any(stretch.gains for stretch in stretches):
            return render(markdown)
        return tuple(_messages(reading, stretches))
    except TooTangled:
        return render(markdown)
    except FAULTS:
        _log.warning("markdown not rendered as a rich message, sent as text", exc_info=True)
        return render(markdown)


def _messages(reading: Reading, stretches: Sequence[Stretch]) -> Iterator[Part]:
    sizes = [_size(reading, stretch) for stretch in stretches]
    begin = 0
    while begin < len(stretches):
        end = _before_heading(stretches, begin, _estimated(sizes, begin))
        parts = _plain(reading, stretches[begin:end])
        while len(parts) > 1 and end - begin > 1:
            end = _before_heading(stretches, begin, begin + (end - begin) * 3 // 4)
            parts = _plain(reading, stretches[begin:end])
        # What does not even fit by itself becomes several plain messages.
        yield from _dressed(parts, stretches[begin:end])
        begin = end


def _size(reading: Reading, stretch: Stretch) -> tuple[int, int]:
    """Give the length of the plain form in UTF-16 code units, and how much formatting it has."""
    canvas = write(part_of(reading, stretch.first, stretch.end))
    return utf16_length(canvas.text) + _GAP_UNITS, len(canvas.marks)


def _estimated(sizes: Sequence[tuple[int, int]], begin: int) -> int:
    """Give the first stretch behind those that fit one message; at least one does."""
    units = marks = 0
    for nth, (more_units, more_marks) in enumerate(islice(sizes, begin, None), start=begin):
        units += more_units
        marks += more_marks
        if units > MAX_UNITS + _GAP_UNITS or marks > MAX_SPANS:
            return max(nth, begin + 1)
    return len(sizes)


def _before_heading(stretches: Sequence[Stretch], begin: int, end: int) -> int:
    """Leave no heading at the end of a message, unless that is all there is."""
    last = end
    while end < len(stretches) and end - begin > 1 and stretches[end - 1].leads:
        end -= 1
    return last if stretches[end - 1].leads else end


def _plain(reading: Reading, stretches: Sequence[Stretch]) -> tuple[Part, ...]:
    canvas = write(part_of(reading, stretches[0].first, stretches[-1].end))
    return split(canvas.text, settle(canvas.text, canvas.marks), bonds=canvas.bonds)


def _dressed(parts: tuple[Part, ...], stretches: Sequence[Stretch]) -> Iterator[Part]:
    """Put the rich form beside the plain one where there is one message of it."""
    blocks = [block for stretch in stretches for block in stretch.blocks]
    gains = any(stretch.gains for stretch in stretches)
    if len(parts) > 1 or not gains or not fits(blocks):
        yield from parts
        return
    (part,) = parts
    message = {"blocks": blocks} | ({"is_rtl": True} if _is_rtl(part.text) else {})
    yield replace(part, rich=orjson.dumps(message).decode())


def _is_rtl(text: str) -> bool:
    """Say whether a text runs from right to left: as its first letter does."""
    sides = (unicodedata.bidirectional(sign) for sign in text)
    return next((side != "L" for side in sides if side in ("L", "R", "AL")), False)


def fits(blocks: Sequence[Any]) -> bool:
    """Say whether blocks keep within the limits of one message."""
    size = _Size()
    size.measure_blocks(blocks, depth=1)
    return size.units <= MAX_TEXT and size.blocks <= MAX_BLOCKS and size.depth <= MAX_NESTING


class _Size:
    """How much there is of everything that is limited."""

    def __init__(self) -> None:
        self.units = self.blocks = self.depth = 0

    def measure_blocks(self, blocks: Sequence[Any], *, depth: int) -> None:
        for block in blocks:
            self.blocks += 1
            self.depth = max(self.depth, depth)
            for name in ("text", "summary", "expression"):
                self._measure_line(block.get(name), depth)
            for row in block.get("cells", ()):
                for cell in row:
                    self._measure_line(cell.get("text"), depth)
            self.measure_blocks(block.get("blocks", ()), depth=depth + 1)
            for item in block.get("items", ()):
                self.measure_blocks(item["blocks"], depth=depth + 1)

    def _measure_line(self, text: Any, depth: int) -> None:
        if text is not None:
            self._measure_text(text, depth)
            self.units += 1  # its end

    def _measure_text(self, text: Any, depth: int) -> None:
        self.depth = max(self.depth, depth)
        if isinstance(text, str):
            self.units += utf16_length(text)
        elif isinstance(text, list):
            for each in text:
                self._measure_text(each, depth)
        else:
            self._measure_text(text.get("text") or text.get("expression", ""), depth + 1)
