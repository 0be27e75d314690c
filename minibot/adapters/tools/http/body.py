"""Reading the body of an answer, unpacked, up to a limit."""

import zlib
from contextlib import aclosing
from dataclasses import dataclass

from aiosonic import HttpResponse

from minibot.adapters.tools.http.connection import PageConnection
from minibot.core.errors import ToolFailed

ENCODINGS = "gzip, deflate"
"""What may be asked for."""

_GZIP = 0x1F
"""How gzip begins."""
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_BARE = -zlib.MAX_WBITS
"""What some servers take deflate for: without a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    data: bytes
    complete: bool
    """False when there was more than the limit."""


async def read_body(response: HttpResponse, limit: int) -> Body:
    """Read `limit` bytes at the most, counted after unpacking; memory is bounded by it too.

    Raises:
        ToolFailed: it is packed in an unknown way.
        Exception: one of `BROKEN_TRANSPORT`.
    """
    unpacking = _unpacking(response)
    connection = response._connection  # the client's own way of reading is not bounded
    if not isinstance(connection, PageConnection):
        return Body(data=b"", complete=True)
    data = bytearray()
    async with aclosing(connection.pieces(response)) as pieces:
        async for piece in pieces:
            data += unpacking.feed(piece, limit - len(data) + 1)
            if max(len(data), connection.received) > limit:
                return Body(data=bytes(data[:limit]), complete=False)
    unpacking.finish()
    return Body(data=bytes(data), complete=True)


class _Plain:
    def feed(self, piece: bytes, most: int) -> bytes:
        return piece

    def finish(self) -> None:
        pass


class _Zipped:
    """Unpacks gzip, with several members too, and both kinds of what is called deflate."""

    def __init__(self) -> None:
        self._member: zlib._Decompress | None = None
        self._begun = False

    def feed(self, piece: bytes, most: int) -> bytes:
        """Unpack what comes next, `most` bytes (at least 1) at the most."""
        data = bytearray()
        while piece and len(data) < most:
            if self._member is None:
                if self._begun and piece[0] != _GZIP:
                    break  # padding behind the last member
                self._begun = True
                self._member = zlib.decompressobj(_window(piece))
            data += self._member.decompress(piece, most - len(data))
            if not self._member.eof:
                break
            piece, self._member = self._member.unused_data, None
        return bytes(data)

    def finish(self) -> None:
        if self._member is not None:
            raise EOFError("the packed data ends too early")


def _window(piece: bytes) -> int:
    if piece[0] == _GZIP or piece[0] & 0x0F == zlib.DEFLATED:
        return _GZIP_OR_ZLIB
    return _BARE


def _unpacking(response: HttpResponse) -> _Plain | _Zipped:
    encoding = str(response.headers.get("content-encoding", "")).strip().lower()
    if encoding in ("", "identity"):
        return _Plain()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Zipped()
    raise ToolFailed("the server packed the page in a way that was not asked for")
