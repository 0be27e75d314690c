"""A server on loopback that answers as told, and what is needed to ask it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

from minibot.adapters.tools.http.family import HttpTools
from minibot.adapters.tools.http.guard import IpAddress, Lookup, SystemLookup
from minibot.core.messages import Person
from minibot.core.tools import ToolContext, ToolResult
from tests.fakes import START, make_chat, make_settings

REACHABLE = "127.0.0.2"
"""Where servers stand that may be read; the canary stands on 127.0.0.1."""

_NUMBER = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+))*")

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Takes connections, keeps what it was sent, and answers by path."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self.connections = 0
        self.requests: list[str] = []
        self.pages: dict[str, bytes | Answer] = {}

    @property
    def base(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def page(self, path: str, body: bytes, content_type: str = "text/html", *more: str) -> str:
        """Answer a path with a body of known length; gives the address."""
        head = [f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *more]
        self.pages[path] = raw(*head, body=body)
        return self.base + path

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        self.pages[path] = raw(f"Location: {location}", "Content-Length: 0", status=status)
        return self.base + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            answer = self.pages.get(head.split(" ")[1], raw("Content-Length: 0", status=404))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            writer.close()


def raw(*headers: str, status: int = 200, body: bytes = b"") -> bytes:
    """Write an answer as it goes over the wire."""
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", *headers, "", ""]).encode() + body


@asynccontextmanager
async def serving(host: str = REACHABLE) -> AsyncIterator[Server]:
    server = Server(host)
    listening = await asyncio.start_server(server.serve, host, 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def lookup_of(names: dict[str, list[str]]) -> Lookup:
    """Know these names; what is no name is left to the machine, which knows odd numbers."""
    threads = ThreadPoolExecutor(1)
    system = SystemLookup(threads)

    async def lookup(host: str, port: int) -> Sequence[IpAddress]:
        if host in names:
            return [ip_address(each) for each in names[host]]
        if host != "localhost" and not _NUMBER.fullmatch(host):
            raise OSError("no such host")
        return await system(host, port)

    return lookup


def make_context(**tools: Any) -> ToolContext:
    """Give the context of a call; `tools` is the section of the settings."""
    return ToolContext(
        person=Person(id="42", name="Ann"),
        owner="telegram:42",
        chat=make_chat(),
        conversation="telegram:42",
        now=START,
        settings=make_settings(tools=tools),
    )


def reaching(*networks: str, timeout_seconds: float = 15, **http: Any) -> ToolContext:
    """Give a context in which these networks may be read, the servers' own when none is named."""
    allowed = list(networks or (f"{REACHABLE}/32",))
    return make_context(
        http_client={"allowed_private_networks": allowed, **http}, timeout_seconds=timeout_seconds
    )


async def fetch(tools: HttpTools, url: str, context: ToolContext | None = None) -> str:
    result: ToolResult = await tools.http_fetch(context or reaching(), url)
    return result.text
