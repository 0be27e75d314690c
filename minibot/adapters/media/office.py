"""Text of docx, pptx, xlsx, odt, ods and odp: XML in a zip archive.

Nothing of an archive is trusted: what it unpacks to is counted while it is unpacked, and XML that
defines entities is refused.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from minibot.adapters.media.document_xml import ODF, PRESENTATION, WORD, Dialect, lines_of
from minibot.adapters.media.formats import Order
from minibot.adapters.media.spreadsheet import read_cells, shared_strings, sheet_names
from minibot.adapters.media.text import Page, span
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

MOST_MEMBERS = 20_000
MOST_UNPACKED = 100 * 1024**2
"""Bytes, of all that is unpacked of one archive."""

SHARED_STRINGS = "xl/sharedStrings.xml"
DAMAGED = "it is damaged: what is in it cannot be unpacked"
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")


class Archive:
    """A zip archive of which no more than so much is unpacked."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.left = MOST_UNPACKED
        self.names = frozenset(archive.namelist())
        if len(self.names) > MOST_MEMBERS:
            raise MediaUnreadable(f"it is an archive of more than {MOST_MEMBERS:,} files")

    def open(self, name: str) -> IO[bytes]:
        """Open a member. Raises `KeyError` when there is none."""
        return io.BufferedReader(_Counted(self, self._archive.open(name)))


class _Counted(io.RawIOBase):
    def __init__(self, archive: Archive, member: IO[bytes]) -> None:
        self._archive = archive
        self._member = member

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._member.close()
        super().close()

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._member.read(len(view))
        self._archive.left -= len(data)
        if self._archive.left < 0:
            raise MediaUnreadable(
                f"it unpacks to more than {MOST_UNPACKED // 1024**2} MB: I stopped there"
            )
        view[: len(data)] = data
        return len(data)


def read_office(order: Order) -> Extract:
    """Read a document. Raises `MediaUnreadable`."""
    try:
        with zipfile.ZipFile(order.path) as archive:
            return _read(Archive(archive), order)
    except DefusedXmlException:
        raise MediaUnreadable("it defines XML entities, which no office program does") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError):
        raise MediaUnreadable(DAMAGED) from None
    except RecursionError:
        raise
    except RuntimeError:  # what zipfile says of an encrypted member
        raise MediaUnreadable("it is protected by a password: send it without one") from None
    except (ParseError, ValueError, KeyError, IndexError, LookupError):
        raise MediaUnreadable("it is damaged: its XML cannot be read") from None


def _read(archive: Archive, order: Order) -> Extract:
    if "word/document.xml" in archive.names:
        return _flowing(archive, "word/document.xml", WORD, order)
    if "xl/workbook.xml" in archive.names:
        return _spreadsheet(archive, order)
    if slides := _slides(archive):
        return _presentation(archive, slides, order)
    if "content.xml" in archive.names:
        return _flowing(archive, "content.xml", ODF, order)
    raise MediaUnreadable("it is an archive: send me the files that are in it")


def _flowing(archive: Archive, name: str, dialect: Dialect, order: Order) -> Extract:
    page = Page(order.max_characters)
    for line in _lines(archive, name, dialect):
        page.add(f"{line}\n")
        if page.full:
            break
    return page.extract()


def _presentation(archive: Archive, slides: list[str], order: Order) -> Extract:
    page, shown = Page(order.max_characters), 0
    for number, name in enumerate(slides[: order.max_pages], start=1):
        page.add(f"\n[Slide {number}]\n")
        for line in _lines(archive, name, PRESENTATION):
            page.add(f"{line}\n")
        shown += 1
        if page.full:
            break
    return page.extract(span("slides", shown, len(slides)))


def _spreadsheet(archive: Archive, order: Order) -> Extract:
    with archive.open("xl/workbook.xml") as book:
        names = sheet_names(book)
    strings: list[str] = []
    if SHARED_STRINGS in archive.names:
        with archive.open(SHARED_STRINGS) as texts:
            strings = shared_strings(texts)
    page, shown = Page(order.max_characters), 0
    for number, name in enumerate(names[: order.max_pages], start=1):
        page.add(f"\n[Sheet {name}]\n")
        with archive.open(f"xl/worksheets/sheet{number}.xml") as sheet:
            for cells in read_cells(sheet, strings):
                page.add("\t".join(cells) + "\n")
                if page.full:
                    break
        shown += 1
        if page.full:
            break
    return page.extract(span("sheets", shown, len(names)))


def _slides(archive: Archive) -> list[str]:
    found = [match for name in archive.names if (match := _SLIDE.fullmatch(name))]
    return [match[0] for match in sorted(found, key=lambda match: int(match[1]))]


def _lines(archive: Archive, name: str, dialect: Dialect) -> Iterator[str]:
    with archive.open(name) as stream:
        yield from lines_of(stream, dialect)
