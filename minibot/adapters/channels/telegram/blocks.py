"""Preformatted blocks made readable: tables line up, tabs and margins survive Telegram.

Telegram turns a tab into one space and strips the blanks a block begins with, so tabs are
expanded and a margin common to all lines is taken off. A table too wide for a chat window
would wrap into noise; it is told row by row instead.
"""

import textwrap
import unicodedata
from bisect import bisect_right

from minibot.adapters.channels.telegram.marks import Mark
from minibot.core.messages import SpanKind

WIDEST_TABLE = 56
"""Columns of fixed-width text that a chat window shows without wrapping."""

_TAB = 4
_BAR = " | "
_CROSS = "-+-"
_EMOJI_STYLE = "\ufe0f"


def tidy_blocks(text: str, marks: list[Mark]) -> tuple[str, list[Mark]]:
    """Rewrite preformatted blocks and move all marks along."""
    blocks = sorted(mark for mark in marks if mark.kind is SpanKind.PRE)
    edit = _Edit(text)
    for block in blocks:
        if block.start >= edit.reached:
            _tidy_block(edit, block)
    moved = [edit.moved(mark) for mark in marks if mark not in edit.dissolved]
    return edit.finish(), moved + edit.added


class _Edit:
    """A text being rewritten from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reached = 0
        self.added: list[Mark] = []
        self.dissolved: set[Mark] = set()
        self._pieces: list[str] = []
        self._length = 0
        self._ends = [0]
        self._shifts = [0]

    @property
    def length(self) -> int:
        """How long the new text is so far."""
        return self._length

    def replace(self, start: int, end: int, body: str) -> None:
        self._write(self.text[self.reached : start])
        self._write(body)
        self.reached = end
        self._ends.append(end)
        self._shifts.append(self._length - end)

    def moved(self, mark: Mark) -> Mark:
        start, end = self._move(mark.start), self._move(mark.end)
        return mark._replace(start=start, end=end)

    def finish(self) -> str:
        self._write(self.text[self.reached :])
        self.reached = len(self.text)
        return "".join(self._pieces)

    def _write(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    def _move(self, position: int) -> int:
        return position + self._shifts[bisect_right(self._ends, position) - 1]


def _tidy_block(edit: _Edit, block: Mark) -> None:
    body = edit.text[block.start : block.end]
    rows = _rows(body) if not block.language else None
    if rows is None:
        edit.replace(block.start, block.end, _without_margin(body.expandtabs(_TAB)))
        return
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    grid = _grid(rows)
    if len(grid.split("\n", 2)[1]) <= WIDEST_TABLE:
        edit.replace(block.start, block.end, grid)
        return
    told, titles = _told(rows)
    edit.replace(block.start, block.end, told)
    begin = edit.length - len(told)
    edit.dissolved.add(block)
    edit.added += [Mark(SpanKind.BOLD, begin + start, begin + end) for start, end in titles]


def _without_margin(body: str) -> str:
    return textwrap.dedent(body) if body.startswith(" ") else body


def _rows(body: str) -> list[list[str]] | None:
    """The cells of a table as the converter draws it; None when it is something else."""
    lines = body.split("\n")
    if len(lines) < 3 or _CROSS not in lines[1] or lines[1].strip("-+"):
        return None
    widths = [len(rule) for rule in lines[1].split(_CROSS)]
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        if len(line) != len(lines[1]):
            return None
        if number == 1:
            continue
        row: list[str] = []
        begin = 0
        for width in widths:
            row.append(line[begin : begin + width])
            begin += width + len(_BAR)
            if begin < len(line) and line[begin - len(_BAR) : begin] != _BAR:
                return None
        rows.append(row)
    return rows


def _grid(rows: list[list[str]]) -> str:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, _CROSS.join("-" * width for width in widths))
    return "\n".join(lines)


def _line(row: list[str], widths: list[int]) -> str:
    cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return _BAR.join(cells).rstrip()


def _told(rows: list[list[str]]) -> tuple[str, list[tuple[int, int]]]:
    """A row becomes a small paragraph: its first cell in bold, the others by their headings.

    Empty cells are passed over, but the first row names every heading so that none is lost.
    """
    head, *body = rows
    text = ""
    titles: list[tuple[int, int]] = []
    for nth, row in enumerate(body):
        lines = [
            _named(name, cell) for name, cell in zip(head, row, strict=True) if cell or not nth
        ]
        text += "\n\n" if text and lines else ""
        told = "\n".join(filter(None, lines))
        titles.append((len(text), len(text) + len(told.partition("\n")[0])))
        text += told
    return text, titles


def _named(name: str, cell: str) -> str:
    return f"{name}: {cell}" if name and cell else name or cell


def _width(text: str) -> int:
    """Columns the text takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if character == _EMOJI_STYLE:
        return 1  # it makes the narrow sign before it a wide picture
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
