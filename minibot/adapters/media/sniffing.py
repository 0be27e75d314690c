"""What a file is, by how it begins: its name and type are only what its sender says."""

from pathlib import Path

LONGEST_SIDE = 2_560
MOST_BYTES = 3_500_000
"""In base64 a picture may have 5 MB where the limit is least (Anthropic, "Vision")."""

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_END_OF_JPEG, _END_OF_PNG = b"\xff\xd9", b"IEND\xaeB`\x82"
_TAIL = 64
_TELLING = (b"Exif\0\0", b"eXIf", b"http://ns.adobe.com/xap/", b"Photoshop 3.0", b"iTXt", b"tEXt")
"""Where Exif, XMP and IPTC data begin, and texts in PNG."""
_NO_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
"""Markers among those of JPEG's frames that are none (ITU T.81, table B.1)."""


def plain_picture(path: Path) -> str:
    """Give the type of a picture that can be sent to a model as it is; empty for all else.

    One that tells of itself is not: it may lie on its side, and tell where somebody lives.
    """
    data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    if any(each in data for each in _TELLING):
        return ""
    if data.startswith(JPEG) and _END_OF_JPEG in data[-_TAIL:]:
        return "image/jpeg" if _fits(_size_of_jpeg(data)) else ""
    if data.startswith(PNG) and _END_OF_PNG in data[-_TAIL:]:
        size = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        return "image/png" if _fits(size) else ""
    return ""


def _fits(size: tuple[int, int]) -> bool:
    return all(0 < side <= LONGEST_SIDE for side in size)


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    """Find the frame among the segments; 0 by 0 when there is none."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0
