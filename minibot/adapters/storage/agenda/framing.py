"""How the agenda's file is written, and how an append that was cut short is told from damage.

The file is a header and then lines: ``length crc32 json``, the first two as eight hexadecimal
digits. JSON without white space holds no line break and no zero byte, so a line break ends a
record and nothing else, and a zero byte was never written. The checksum is zlib's CRC-32: the
Castagnoli one would need a library of its own and finds no more in records of this size.

One append is one record, and it is flushed before the next one begins. So a crash can harm the
last record alone, and in two ways only:

- It was written in part: the end is missing.
- The power went: the file has grown, and sectors of it that the disk had not reached are zeros.

Whatever else is wrong cannot come from a crash, and to cut it off would be to lose what was
acknowledged.
"""

import re
from zlib import crc32

HEADER = b"minibot agenda 1\n"
"""The first line. The number is that of the format."""

SECTOR = 512
"""What a disk writes as a whole or not at all, at the least."""

_PREFIX_LENGTH = len(b"01234567 01234567 ")
_BEGUN_PREFIX = re.compile(rb"[0-9a-f]{0,8}|[0-9a-f]{8} [0-9a-f]{0,8}|[0-9a-f]{8} [0-9a-f]{8} ")
_LENGTH = re.compile(rb"[0-9a-f]{8}")
_ZEROS = re.compile(rb"\0+")


def frame(body: bytes) -> bytes:
    """Make a record of JSON that has no line breaks."""
    return b"%08x %08x %b\n" % (len(body), crc32(body), body)


def unframe(line: bytes) -> bytes | None:
    """Give the JSON of a record; None when it is not whole."""
    body = line[_PREFIX_LENGTH:-1]
    return body if line == frame(body) else None


def is_cut_short(tail: bytes, start: int) -> bool:
    """Say whether a crash explains what the file ends with.

    Args:
        tail: everything behind the last whole record.
        start: where in the file that is.
    """
    if b"\n" in tail[:-1]:
        return False
    is_ended = tail.endswith(b"\n")
    promised = _promised_length(tail)
    if b"\0" in tail:
        fits = promised is None or promised == len(tail) or (promised > len(tail) and not is_ended)
        return fits and _has_unwritten_sectors(tail, start)
    return (
        not is_ended
        and _BEGUN_PREFIX.fullmatch(tail[:_PREFIX_LENGTH]) is not None
        and (promised is None or promised > len(tail))
    )


def _has_unwritten_sectors(tail: bytes, start: int) -> bool:
    """Say whether all zeros are where whole sectors of the append may be missing."""
    end = start + len(tail)
    for zeros in _ZEROS.finditer(tail):
        first, behind = start + zeros.start(), start + zeros.end()
        # The first sector may have been there before, up to the record.
        if first != start and first % SECTOR:
            return False
        if behind != end and behind % SECTOR:
            return False
    return True


def _promised_length(tail: bytes) -> int | None:
    """Give the length of the whole record, when its beginning is there to tell it."""
    if _LENGTH.match(tail) is None:
        return None
    return _PREFIX_LENGTH + int(tail[:8], 16) + len(b"\n")
