"""Servers that fail, or mean to do harm."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from minibot.adapters.tools.http.family import HttpTools
from minibot.core.errors import ToolFailed
from tests.adapters.tools.http.rig import Answer, Server, fetch, raw, reaching


def bomb() -> Iterator[bytes]:
    """Give 10 GB of one letter, packed: a block of 1 MB again and again."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"a" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(10_000):
        yield block


def flood() -> Iterator[bytes]:
    while True:
        yield b"a" * 65_536


def chunks_of_one() -> Iterator[bytes]:
    while True:
        yield b"1\r\na\r\n" * 10_000


def one_chunk() -> Iterator[bytes]:
    yield b"fffffffffff\r\n"
    yield from flood()


def pouring(head: bytes, source: Iterator[bytes]) -> Answer:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for piece in source:
            writer.write(piece)
            await writer.drain()

    return pour


@pytest.mark.parametrize(
    "answer",
    [
        pouring(raw("Content-Type: text/plain", "Content-Encoding: gzip"), bomb()),
        pouring(raw("Content-Type: text/plain"), flood()),
        pouring(raw("Content-Type: text/plain", "Content-Length: 99999999999"), flood()),
        pouring(raw("Content-Type: text/plain", "Transfer-Encoding: chunked"), one_chunk()),
        pouring(raw("Content-Type: text/plain", "Transfer-Encoding: chunked"), chunks_of_one()),
    ],
    ids=["bomb", "no end", "large length", "large chunk", "small chunks"],
)
async def test_body_without_end_is_cut_within_memory(
    tools: HttpTools, server: Server, answer: Answer
) -> None:
    server.pages["/"] = answer
    tracemalloc.start()

    text = await fetch(tools, server.base, reaching(max_bytes=200_000))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "There is more" in text
    assert peak < 8_000_000


def endless_headers() -> Iterator[bytes]:
    while True:
        yield b"X-Header: value\r\n" * 1_000


def endless_header() -> Iterator[bytes]:
    yield b"X-Header: "
    yield from flood()


def endless_hints() -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100


GARBAGE: list[bytes | Answer] = [
    b"",
    b"\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.9\r\n",
    b"HTTP/1.1 abc OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: abc\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: -5\r\n\r\nhello",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    raw("Content-Type: text/html", "Content-Length: 100", body=b"<p>short"),
    raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"zz\r\nhello"),
    raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n0\r\n\r\n"),
    raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n"),
    raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"3\r\nhello\r\n0\r\n\r\n"),
    raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"),
    raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"5\r\nhel"),
    raw("Content-Type: text/html", "Content-Encoding: gzip", body=b"not packed"),
    raw("Content-Type: text/html", "Content-Encoding: gzip", body=gzip.compress(b"<p>page")[:-12]),
    pouring(b"HTTP/1.1 200 OK\r\n", endless_headers()),
    pouring(b"HTTP/1.1 200 OK\r\n", endless_header()),
    pouring(b"", endless_hints()),
    pouring(b"HTTP/1.1 200 ", flood()),
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_a_failure_that_may_pass(
    tools: HttpTools, server: Server, answer: bytes | Answer
) -> None:
    server.pages["/"] = answer

    with pytest.raises(ToolFailed, match="connection broke|HTTP 101") as failed:
        await fetch(tools, server.base)

    assert failed.value.transient or "101" in str(failed.value)


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        raw("Content-Type: text/html", "Content-Length: 100"),
        raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"5\r\nhe"),
    ],
    ids=["silent", "in the head", "before the body", "in a chunk"],
)
async def test_slow_server_is_given_up(tools: HttpTools, server: Server, before: bytes) -> None:
    async def hold(writer: asyncio.StreamWriter) -> None:
        writer.write(before)
        await held.wait()

    held = asyncio.Event()
    server.pages["/"] = hold

    with pytest.raises(ToolFailed, match=r"the page was not there after 0\.285 s") as failed:
        await fetch(tools, server.base, reaching(timeout_seconds=0.3))

    assert failed.value.transient
    held.set()


async def test_nobody_there_may_pass(tools: HttpTools, server: Server) -> None:
    async with asyncio.timeout(5):
        free = await asyncio.start_server(server.serve, server.host, 0)
        port = free.sockets[0].getsockname()[1]
        free.close()
        await free.wait_closed()

    with pytest.raises(ToolFailed, match="takes no connection") as failed:
        await fetch(tools, f"http://{server.host}:{port}/")

    assert failed.value.transient


async def test_reset_connection_may_pass(tools: HttpTools, server: Server) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.write(raw("Content-Type: text/html", "Content-Length: 100", body=b"<p>"))
        await writer.drain()
        writer.transport.abort()

    server.pages["/"] = reset

    with pytest.raises(ToolFailed, match="connection broke") as failed:
        await fetch(tools, server.base)

    assert failed.value.transient


async def test_server_that_speaks_no_tls_is_told(tools: HttpTools, server: Server) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw("Content-Length: 0"))
        writer.close()

    listening = await asyncio.start_server(answer, server.host, 0)
    port = listening.sockets[0].getsockname()[1]

    with pytest.raises(ToolFailed, match="no secure connection"):
        await fetch(tools, f"https://{server.host}:{port}/")

    listening.close()


@pytest.mark.parametrize("location", ["http://[", "http://x:0/", "http://a b/", "http://"])
async def test_redirect_to_no_address_is_told(
    tools: HttpTools, server: Server, location: str
) -> None:
    with pytest.raises(ToolFailed, match="redirects") as failed:
        await fetch(tools, server.redirect("/", location))

    assert not failed.value.transient
