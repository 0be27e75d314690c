"""Connections for reading the pages of strangers, over the client that also asks the models.

The client trusts its server: it reads any number of headers, and a chunk of any size in one
piece. And it keeps connections, which would outlive the permission to use them.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http.cookies import CookieError
from socket import AF_INET, AF_INET6, AI_NUMERICHOST, AI_NUMERICSERV
from ssl import SSLContext
from types import TracebackType
from typing import Any
from urllib.parse import ParseResult

from aiosonic import HttpResponse
from aiosonic.connection import Connection
from aiosonic.exceptions import (
    AiosonicError,
    ConnectionDisconnected,
    ConnectTimeout,
    HttpParsingError,
)
from aiosonic.resolver import AbstractResolver

from minibot.adapters.tools.http.guard import IpAddress

MAX_HEAD_BYTES = 128 * 1024
PIECE_BYTES = 64 * 1024
CONNECT_SECONDS = 5.0

BROKEN_TRANSPORT = (
    AiosonicError,
    OSError,
    EOFError,  # asyncio.IncompleteReadError
    asyncio.LimitOverrunError,
    ValueError,  # a chunk size, header or status line that is none
    CookieError,
    zlib.error,
)
"""Everything that reading from a server which misbehaves may raise."""

_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)\d\d")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n")


class VettedAddress(AbstractResolver):
    """Knows one address, the one that was found allowed, whatever it is asked for."""

    def __init__(self, address: IpAddress) -> None:
        self._address = address

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [
            {
                "hostname": host,
                "host": str(self._address),
                "port": port,
                "family": AF_INET if self._address.version == 4 else AF_INET6,
                "proto": 0,
                "flags": AI_NUMERICHOST | AI_NUMERICSERV,
            }
        ]

    async def close(self) -> None:
        """There is nothing to close."""


class PageConnection(Connection):
    """A connection for one page, which reads no more of a head than a head needs."""

    received = 0
    """Bytes of the body, with what frames them."""
    _head_left = MAX_HEAD_BYTES

    async def connect(
        self,
        urlparsed: ParseResult,
        dns_info: dict[str, object],
        verify: bool,
        ssl_context: SSLContext,
        http2: bool = False,
    ) -> None:
        """Connect within `CONNECT_SECONDS`. Raises `ConnectTimeout`.

        The client would keep that time with `asyncio.wait_for`, which before Python 3.12 forgets
        that it was cancelled when the connection is made at the same moment.
        """
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await super().connect(urlparsed, dns_info, verify, ssl_context, http2)
        except TimeoutError:
            raise ConnectTimeout from None

    def reuse(self, urlparsed: ParseResult, verify: bool) -> bool:
        return False

    def keep_alive(self) -> None:
        """Do not."""

    async def __aexit__(
        self, exc_type: None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        # blocked means that whoever reads the body gives the connection back
        self.blocked = exc is None
        await super().__aexit__(exc_type, exc, tb)  # type: ignore[arg-type]  # annotated as None

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Read the status line, the only line read this way, past those of interim answers."""
        self.blocked = True
        line = await self._head_line()
        while _INTERIM.match(line):
            while (await self._head_line()).strip():
                pass
            line = await self._head_line()
        return line

    async def readline(self) -> bytes:
        """Read a header; cookies are left out, and what is not UTF-8 is taken for Latin-1."""
        line = await self._head_line()
        while line[:10].lower() == b"set-cookie":
            line = await self._head_line()
        try:
            line.decode()
        except UnicodeDecodeError:
            return line.decode("latin-1").encode()
        return line

    async def pieces(self, response: HttpResponse) -> AsyncGenerator[bytes, None]:
        """Read the body as it comes. Raises one of `BROKEN_TRANSPORT`."""
        length = response.headers.get("content-length")
        if response.chunked:
            parts = self._chunked()
        elif length:
            parts = self._counted(int(length))
        else:
            parts = self._until_close()
        async with aclosing(parts):
            async for part in parts:
                yield part

    async def _head_line(self) -> bytes:
        line: bytes = await super().readline()  # type: ignore[no-untyped-call]
        self._head_left -= len(line)
        if self._head_left < 0:
            raise HttpParsingError("the head is too long")
        return line

    async def _chunked(self) -> AsyncGenerator[bytes, None]:
        while True:
            line: bytes = await super().readline()  # type: ignore[no-untyped-call]
            self.received += len(line)
            size = _CHUNK_SIZE.fullmatch(line)
            if size is None:
                raise HttpParsingError("a chunk without a size")
            left = int(size[1], 16)
            if not left:
                return  # trailers are of no interest
            async for part in self._counted(left):
                yield part
            end: bytes = await super().readline()  # type: ignore[no-untyped-call]
            if end.strip():
                raise HttpParsingError("a chunk longer than its size")

    async def _counted(self, left: int) -> AsyncGenerator[bytes, None]:
        while left > 0:
            part: bytes = await self.read(min(left, PIECE_BYTES))
            if not part:
                raise ConnectionDisconnected
            left -= len(part)
            self.received += len(part)
            yield part

    async def _until_close(self) -> AsyncGenerator[bytes, None]:
        while part := await self.read(PIECE_BYTES):
            self.received += len(part)
            yield part
