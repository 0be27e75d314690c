"""Chooses how to read a file, by how it begins."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

HEAD = 4_096

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\3\4"
_PDF = b"%PDF-"
_PDF_BEGINS_WITHIN = 1_024
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A file, and how much of it is wanted."""

    path: Path
    name: str
    mime_type: str
    max_pages: int
    max_characters: int


def read(order: Order) -> Extract:
    """Read a file. Raises `MediaUnreadable`.

    The libraries are loaded for the files that need them: each costs a part of a second.
    """
    with order.path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise MediaUnreadable("it is empty")
    if _PDF in head[:_PDF_BEGINS_WITHIN]:
        from minibot.adapters.media.pdf import read_pdf

        return read_pdf(order)
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        from minibot.adapters.media.pictures import read_picture

        return read_picture(order)
    if head.startswith(_ZIP) and zipfile.is_zipfile(order.path):
        from minibot.adapters.media.office import read_office

        return read_office(order)
    _refuse_known(head)
    from minibot.adapters.media.plain import read_plain

    return read_plain(order)


def _refuse_known(head: bytes) -> None:
    """Raise `MediaUnreadable` with better words than "not text" where there are some."""
    if head.startswith(_OLD_OFFICE):
        raise MediaUnreadable(
            "it is protected by a password, or in the format of an Office from before 2007: save "
            "it without one, or as docx, xlsx or pptx"
        )
    if head[4:12] in _HEIC:
        raise MediaUnreadable("I cannot read HEIC and AVIF: send it as a photo, or as JPEG")
    if head.startswith(b"{\\rtf"):
        raise MediaUnreadable("I cannot read RTF: save it as docx or as text")
    if head.startswith(_ARCHIVES) or head.startswith(b"PK"):
        raise MediaUnreadable("it is an archive, or a damaged one: send me what is in it")
