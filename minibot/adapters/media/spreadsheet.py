"""Cells of xlsx files. Numbers are shown as they are stored, dates among them."""

import re
from collections.abc import Iterator, Sequence
from typing import IO

from defusedxml.ElementTree import iterparse

MOST_COLUMNS = 100
MOST_STRINGS = 500_000

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PLACE = re.compile(r"([A-Z]{1,3})\d+")


def sheet_names(stream: IO[bytes]) -> list[str]:
    """Give the names of the sheets, in order."""
    return [
        element.get("name", "")
        for _, element in iterparse(stream, forbid_dtd=True)
        if element.tag == f"{_MAIN}sheet"
    ]


def shared_strings(stream: IO[bytes]) -> list[str]:
    """Give the texts that cells refer to by number."""
    found: list[str] = []
    for _, element in iterparse(stream, forbid_dtd=True):
        if element.tag == f"{_MAIN}si":
            found.append("".join(each.text or "" for each in element.iter(f"{_MAIN}t")))
            element.clear()
            if len(found) >= MOST_STRINGS:
                break
    return found


def read_cells(stream: IO[bytes], strings: Sequence[str]) -> Iterator[list[str]]:
    """Give the rows that hold anything."""
    for _, element in iterparse(stream, forbid_dtd=True):
        if element.tag != f"{_MAIN}row":
            continue
        cells: list[str] = []
        for cell in element.iter(f"{_MAIN}c"):
            column = _column(cell.get("r", ""), len(cells))
            if column >= MOST_COLUMNS:
                break
            cells += [""] * (column - len(cells))
            value = cell.findtext(f"{_MAIN}v", "")
            if cell.get("t") == "s":
                value = strings[int(value)] if int(value) < len(strings) else ""
            elif cell.get("t") == "inlineStr":
                value = "".join(each.text or "" for each in cell.iter(f"{_MAIN}t"))
            cells.append(" ".join(value.split()))
        element.clear()
        if any(cells):
            yield cells


def _column(place: str, next_: int) -> int:
    """Read the column, counted from 0, of a place such as "AB12"; the next one for no place."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return next_
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return max(column - 1, next_)
