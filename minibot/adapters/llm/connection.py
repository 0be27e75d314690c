"""Connections of llm-async's HTTP client, mended in five places."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from ssl import SSLContext
from typing import ClassVar, cast
from urllib.parse import ParseResult

from aiosonic import HttpResponse
from aiosonic.connection import Connection
from aiosonic.exceptions import ConnectionDisconnected, ConnectTimeout

UNTIL_CLOSE = str(2**62)
"""The length we write into the head of an answer whose body ends with the connection."""

LENGTH_HEADERS = frozenset({b"content-length", b"transfer-encoding"})


class LiveConnection(Connection):
    """A connection that knows when the server left and when a body has no stated length.

    The client reuses a connection that the server has closed, because it looks at our side
    alone; the first request after the server's keep-alive timeout would fail. And it takes an
    answer without a length for one without a body, which small model servers send. And it sends
    a request's head and its body apart, which costs a system call and a packet more. And it keeps
    the deadline for connecting with `asyncio.wait_for`, which before Python 3.12 forgets that it
    was cancelled when the connection is made at the same moment: the request would then go on
    with no deadline at all. Worst of all it keeps a connection whose request was given up before
    the answer began, when one before that went well: the next question would be asked behind the
    forgotten one, and get the answer to that.
    """

    connect_seconds: ClassVar[float | None] = None

    _in_head = False
    _has_length = False
    _held_line = b""
    _unsent: tuple[bytes, ...] = ()

    async def connect(
        self,
        urlparsed: ParseResult,
        dns_info: dict[str, object],
        verify: bool,
        ssl_context: SSLContext,
        http2: bool = False,
    ) -> None:
        """Connect. Raises `ConnectTimeout`."""
        try:
            async with asyncio.timeout(self.connect_seconds):
                await super().connect(urlparsed, dns_info, verify, ssl_context, http2)
        except TimeoutError:
            raise ConnectTimeout from None

    def reuse(self, urlparsed: ParseResult, verify: bool) -> bool:
        return (
            super().reuse(urlparsed, verify)
            and self.reader is not None
            and not self.reader.at_eof()
        )

    def write(self, data: bytes) -> None:
        """Keep what is to be sent until the client turns to reading.

        From here on the connection is worth nothing until the head of an answer was read, which
        makes the client say so again.
        """
        self.keep = False
        self._unsent = (*self._unsent, data)

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Send the request, then read the status line, the only line read this way."""
        unsent, self._unsent = self._unsent, ()
        if unsent:
            super().write(b"".join(unsent))
        line: bytes = await super().readuntil(separator)
        self._in_head, self._has_length, self._held_line = True, False, b""
        return line

    async def readline(self) -> bytes:
        """Read a line; behind a head without a length, slip one in."""
        held, self._held_line = self._held_line, b""
        if held:
            return held
        line: bytes = await super().readline()  # type: ignore[no-untyped-call]
        if not self._in_head:
            return line
        name, colon, _ = line.partition(b":")
        if colon:
            self._has_length = self._has_length or name.strip().lower() in LENGTH_HEADERS
            return line
        self._in_head = False
        if self._has_length:
            return line
        self._held_line = line or b"\r\n"
        return f"Content-Length: {UNTIL_CLOSE}\r\n".encode()


def connection_type(connect_seconds: float) -> type[LiveConnection]:
    """Give the type of connections with this deadline; the client makes them by type alone."""
    return type(LiveConnection.__name__, (LiveConnection,), {"connect_seconds": connect_seconds})


def chunks_of(response: HttpResponse) -> AsyncGenerator[bytes, None]:
    """Give a body as it comes."""
    # the client's annotation hides that its iterator can be closed
    chunks = cast("AsyncGenerator[bytes, None]", response.iter_bytes())
    if response.headers.get("content-length") == UNTIL_CLOSE:
        return _until_close(chunks)
    return chunks


async def _until_close(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        try:
            async for chunk in chunks:
                yield chunk
        except ConnectionDisconnected as error:
            if error.__cause__ is not None:  # reset, not closed
                raise
