"""Tables: lined up in a fixed-width block where that fits a phone, told row by row elsewhere."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from minibot.adapters.channels.telegram.rendering.canvas import (
    BREAK,
    Canvas,
    Open,
    Token,
    plain_text,
)
from minibot.adapters.channels.telegram.rendering.utf16 import utf16_length
from minibot.core.messages import SpanKind

WIDEST = 40
"""Columns of fixed-width text that a phone shows without wrapping."""

_MOST_UNITS = 3_000
"""A longer table is cut into several, each with the headings."""
_BAR = " | "
_CROSS = "-+-"
_EMOJI_STYLE = "\ufe0f"
_JOINER = "\u200d"
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})

Cell = list[Token]


@dataclass(slots=True)
class Table:
    """A table that is being read; the first row has the headings."""

    alignments: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)


def draw(canvas: Canvas, table: Table) -> None:
    """Write a table."""
    rows = [[plain_text(cell) for cell in row] for row in table.rows]
    widths = [max(map(width, column)) for column in zip_longest(*rows, fillvalue="")]
    narrow = sum(widths) + len(_BAR) * (len(widths) - 1) <= WIDEST
    if narrow and not _has_links(table.rows):
        _draw_grid(canvas, rows, widths, table.alignments)
    elif len(rows) == 1:
        for nth, cell in enumerate(table.rows[0]):
            canvas.run([*((_BAR,) if nth else ()), *cell])
    else:
        _tell(canvas, table.rows)


def width(text: str) -> int:
    """Columns a text takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    columns = 0
    joined = narrow = False
    for sign in text:
        if sign == _EMOJI_STYLE:
            columns += narrow  # it makes a wide picture of the narrow sign before it
            narrow = False
        elif sign == _JOINER:
            joined = True
            continue
        elif not joined and unicodedata.category(sign) not in _INVISIBLE:
            tone = "\U0001f3fb" <= sign <= "\U0001f3ff"
            wide = unicodedata.east_asian_width(sign) in "WF"
            columns += 0 if tone else 1 + wide
            narrow = not wide
        joined = False
    return columns


def _has_links(rows: list[list[Cell]]) -> bool:
    kinds = (SpanKind.TEXT_LINK, SpanKind.DATE_TIME)
    return any(
        isinstance(token, Open) and token.kind in kinds
        for row in rows
        for cell in row
        for token in cell
    )


def _draw_grid(
    canvas: Canvas, rows: list[list[str]], widths: list[int], alignments: Sequence[str]
) -> None:
    head, *body = (_line(row, widths, alignments) for row in rows)
    rule = _CROSS.join("-" * columns for columns in widths)
    lines = [head, rule]
    units = 0
    for line in body:
        units += utf16_length(line) + 1
        if units > _MOST_UNITS:
            canvas.block("\n".join(lines))
            canvas.gap(2)
            lines = [head, rule]
            units = 0
        lines.append(line)
    canvas.block("\n".join(lines))


def _line(row: list[str], widths: list[int], alignments: Sequence[str]) -> str:
    cells = []
    for cell, columns, alignment in zip(row, widths, alignments, strict=False):
        room = columns - width(cell)
        left = room if alignment == "Right" else room // 2 if alignment == "Center" else 0
        cells.append(" " * left + cell + " " * (room - left))
    return _BAR.join(cells).rstrip()


def _tell(canvas: Canvas, rows: list[list[Cell]]) -> None:
    """A row becomes a small paragraph, each cell behind its heading.

    Empty cells are passed over, but the first row names every heading so that none is lost.
    """
    head, *body = rows
    for nth, row in enumerate(body):
        if nth:
            canvas.gap(2)
        for name, cell in zip_longest(head, row, fillvalue=()):
            if not plain_text(cell) and (nth or not plain_text(name)):
                continue
            # What a heading links to is told once.
            _tell_cell(canvas, list(name) if not nth else [plain_text(name)], list(cell))
            canvas.gap(1)


def _tell_cell(canvas: Canvas, name: Cell, cell: Cell) -> None:
    if plain_text(name):
        begin = canvas.here()
        canvas.run(_in_one_line(name))
        canvas.mark(SpanKind.BOLD, begin)
        if not plain_text(cell):
            return
        canvas.write(": ")
        canvas.bonds.append((begin, canvas.length + 1))
    canvas.run(_in_one_line(cell))


def _in_one_line(cell: Cell) -> Cell:
    return [" " if token is BREAK else token for token in cell]
