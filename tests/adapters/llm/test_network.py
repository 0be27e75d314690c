"""What the network does, and what is sent over it."""

import asyncio
import re
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlparse

import pytest
from aiosonic.connectors import TCPConnector

from minibot.adapters.llm import open_model
from minibot.adapters.llm.connection import LiveConnection
from minibot.adapters.llm.transport import http_options
from minibot.core.errors import (
    ModelBusy,
    ModelError,
    ModelReplyInvalid,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnreachable,
)
from minibot.core.llm import (
    CompletionRequest,
    Restarted,
    TextDelta,
    collect,
)
from minibot.core.settings import ModelTimeouts
from tests.adapters.llm.rig import KEY, PATHS, model_settings, open_rig, question

EVENTS = (
    b'data: {"choices": [{"delta": {"content": "hi"}, "finish_reason": "stop"}]}\n\n'
    b"data: [DONE]\n\n"
)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    """A server that answers with bytes as given, one answer a request."""

    answers: list[bytes]
    url: str = ""
    heads: list[str] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        writer.write(self.answers.pop(0))
        writer.close()


@asynccontextmanager
async def raw_server(*answers: bytes) -> AsyncIterator[RawServer]:
    raw = RawServer(list(answers))
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()
        await server.wait_closed()


async def ask_raw(server: RawServer, request: CompletionRequest | None = None) -> str:
    model = open_model(model_settings("openai", base_url=f"{server.url}/v1"))
    try:
        return (await collect(model.stream(request or question()))).text
    finally:
        await model.close()


def sized(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


@pytest.mark.parametrize("provider", PATHS)
async def test_connections_are_used_again(provider: str) -> None:
    async with open_rig(provider) as rig:
        for _ in range(3):
            await rig.ask()
        assert len(rig.app.ledger.connections) == 1


async def test_many_slow_answers_are_waited_for_at_the_same_time() -> None:
    async with open_rig("openai") as rig:
        rig.breaks("hang")
        asked = [asyncio.create_task(rig.ask()) for _ in range(200)]
        await rig.app.ledger.until_inflight(200)
        for task in asked:
            task.cancel()
        await asyncio.wait(asked)
        await rig.app.ledger.until_inflight(0)


async def test_a_connection_the_server_closed_is_not_used_again() -> None:
    leave = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await leave.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = urlparse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    connector = TCPConnector(connection_cls=LiveConnection)
    connection = await connector.acquire(url, True, None, connector.timeouts, False)
    assert connection.reuse(url, True)
    leave.set()
    assert connection.reader is not None
    assert await connection.reader.read() == b""
    assert not connection.reuse(url, True)
    connection.close()
    server.close()


async def test_cancelling_while_connecting_is_never_forgotten() -> None:
    hung = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = urlparse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    connector = http_options(ModelTimeouts())["connector"]
    assert isinstance(connector, TCPConnector)

    async def connect() -> None:
        (await connector.acquire(url, True, None, connector.timeouts, False)).close()

    await connect()  # the name is known from here on
    for passes in range(30):
        connecting = asyncio.create_task(connect())
        for _ in range(passes):
            await asyncio.sleep(0)
        was_running = connecting.cancel()
        await asyncio.wait([connecting])
        assert connecting.cancelled() == was_running
    hung.set()
    server.close()
    await server.wait_closed()


async def test_a_body_without_a_length_ends_with_the_connection() -> None:
    async with raw_server(STREAM_HEAD + b"\r\n" + EVENTS) as server:
        assert await ask_raw(server) == "hi"


async def test_a_stream_without_its_end_mark_is_whole_once_the_model_said_stop() -> None:
    body = EVENTS.removesuffix(b"data: [DONE]\n\n")
    async with raw_server(sized(body, b"Content-Type: text/event-stream")) as server:
        assert await ask_raw(server) == "hi"


async def test_a_body_shorter_than_announced_is_invalid() -> None:
    answer = STREAM_HEAD + b"Content-Length: 9999\r\n\r\n" + EVENTS[:40]
    async with raw_server(answer) as server:
        with pytest.raises(ModelReplyInvalid):
            await ask_raw(server)


async def test_compressed_answers_are_read() -> None:
    body = zlib.compress(EVENTS)
    headers = (b"Content-Type: text/event-stream", b"Content-Encoding: deflate")
    async with raw_server(sized(body, *headers)) as server:
        assert await ask_raw(server) == "hi"
    async with raw_server(sized(b"no zlib at all", *headers)) as server:
        with pytest.raises(ModelReplyInvalid):
            await ask_raw(server)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=\x00; a b\r\nContent-Length: 1\r\n\r\n",
    ],
)
async def test_a_server_that_speaks_no_http_is_a_model_error(answer: bytes) -> None:
    async with raw_server(answer) as server:
        with pytest.raises(ModelError):
            await ask_raw(server)


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    async with raw_server() as server:
        url = server.url
    model = open_model(model_settings("openai", base_url=url))
    with pytest.raises(ModelUnreachable, match="cannot be reached"):
        await collect(model.stream(question()))


async def test_connecting_has_its_own_deadline() -> None:
    # a listener whose queue is full lets nobody finish connecting
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with ExitStack() as held:
            for _ in range(3):
                waiting = held.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(address)
            url = f"http://127.0.0.1:{address[1]}"
            settings = model_settings("openai", base_url=url, timeouts={"connect": 0.1})
            with pytest.raises(ModelTimeout, match=r"no connection .* 0\.1 s"):
                await collect(open_model(settings).stream(question()))


async def test_redirects_are_not_followed_and_the_text_says_what_to_check() -> None:
    async with raw_server(sized(EVENTS)) as target:
        location = b"Location: " + target.url.encode()
        async with raw_server(sized(b"", location, status=b"307 Temporary Redirect")) as server:
            with pytest.raises(ModelRequestRefused, match=r"check llm\.base_url"):
                await ask_raw(server)
        assert target.connections == 0


async def test_retry_after_may_be_a_date() -> None:
    header = b"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"
    async with raw_server(sized(b"{}", header, status=b"429 Too Many Requests")) as server:
        with pytest.raises(ModelBusy) as caught:
            await ask_raw(server)
        assert caught.value.retry_after == 0


async def test_retries_submit_no_more_than_attempts_and_void_what_came_before() -> None:
    async with open_rig("openai", attempts=3) as rig:
        rig.says("word " * 40)
        rig.breaks("cut_mid_stream", times=1)
        rig.breaks("status", status=500, times=1)
        events = [event async for event in rig.model.stream(question())]
        assert rig.submissions == 3
        assert events.count(Restarted()) == 1
        whole = events[events.index(Restarted()) :]
        text = "".join(event.text for event in whole if isinstance(event, TextDelta))
        assert text == "word " * 40


@pytest.mark.parametrize("provider", PATHS)
async def test_without_a_key_no_credentials_are_sent(provider: str) -> None:
    for key, sent in ((KEY, True), ("", False)):
        async with raw_server(sized(b"", status=b"404 Not Found")) as server:
            model = open_model(model_settings(provider, base_url=server.url, key=key))
            with pytest.raises(ModelRequestRefused):
                await collect(model.stream(question()))
            await model.close()
            head = server.heads[0].lower()
        named = any(name in head for name in ("authorization:", "x-api-key:", "x-goog-api-key:"))
        assert named is sent
        assert (KEY in head) is sent


async def test_half_a_surrogate_pair_does_not_stop_a_question() -> None:
    async with open_rig("openai") as rig:
        assert (await rig.ask(question("broken \ud83d emoji"))).text == "Echo: broken ? emoji"


async def test_thinking_left_in_the_text_is_taken_out() -> None:
    async with open_rig("openai") as rig:
        rig.says("<think>hm, let me see</think>\n\nfine")
        answer = await rig.ask()
        assert (answer.reasoning, answer.text) == ("hm, let me see", "fine")


async def test_spending_all_tokens_on_thinking_is_not_tried_again() -> None:
    event = b'data: {"choices": [{"delta": {}, "finish_reason": "length"}]}\n\ndata: [DONE]\n\n'
    async with raw_server(sized(event)) as server:
        with pytest.raises(ModelRequestRefused, match="max_new_tokens"):
            await ask_raw(server)
