"""Paragraphs and tables of the XML in office documents, read without holding all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The names that count in one family of documents."""

    paragraphs: frozenset[str]
    row: str
    cell: str
    text: str = ""
    """What alone holds text; empty where all in a paragraph is text."""
    blanks: tuple[tuple[str, str], ...] = ()
    """What stands for a tab or the end of a line."""


WORD = Dialect(
    paragraphs=frozenset({f"{_WORD}p"}),
    row=f"{_WORD}tr",
    cell=f"{_WORD}tc",
    text=f"{_WORD}t",
    blanks=((f"{_WORD}tab", "\t"), (f"{_WORD}br", "\n"), (f"{_WORD}cr", "\n")),
)
PRESENTATION = Dialect(
    paragraphs=frozenset({f"{_DRAWING}p"}),
    row=f"{_DRAWING}tr",
    cell=f"{_DRAWING}tc",
    text=f"{_DRAWING}t",
    blanks=((f"{_DRAWING}br", "\n"),),
)
ODF = Dialect(
    paragraphs=frozenset({f"{_TEXT}p", f"{_TEXT}h"}),
    row=f"{_TABLE}table-row",
    cell=f"{_TABLE}table-cell",
    blanks=((f"{_TEXT}tab", "\t"), (f"{_TEXT}line-break", "\n"), (f"{_TEXT}s", " ")),
)


def lines_of(stream: IO[bytes], dialect: Dialect) -> Iterator[str]:
    """Give the paragraphs of a document, and the rows of its tables with bars between the cells.

    Raises `ParseError`, `DefusedXmlException`.
    """
    open_: list[tuple[str, list[str]]] = []
    """Rows and cells that have begun, with what was found in each."""
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            if element.tag in (dialect.row, dialect.cell):
                open_.append((element.tag, []))
            continue
        line = ""
        if element.tag in dialect.paragraphs:
            line = _words(element, dialect).strip()
        elif open_ and element.tag == open_[-1][0]:
            line = _joined(*open_.pop(), dialect)
        else:
            continue
        element.clear()
        if open_:
            open_[-1][1].append(line)
        elif line:
            yield line


def _joined(tag: str, found: list[str], dialect: Dialect) -> str:
    if tag == dialect.cell:
        return " ".join(line for line in found if line)
    return " | ".join(found).rstrip(" |")


def _words(paragraph: Element, dialect: Dialect) -> str:
    """Give what a paragraph says; one inside it was taken out before."""
    blanks = dict(dialect.blanks)
    pieces: list[str] = []
    for element in paragraph.iter():
        tag = str(element.tag)
        if tag in blanks:
            pieces.append(blanks[tag])
        elif not dialect.text or tag == dialect.text:
            pieces.append(element.text or "")
        if not dialect.text and element is not paragraph:
            pieces.append(element.tail or "")
    return "".join(pieces)
