"""Files on their way from people, out of a Bot API that keeps state and out of one that fails."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from minibot.adapters.channels.telegram.client import TelegramClient
from minibot.adapters.channels.telegram.downloads import download
from minibot.core.errors import MediaUnreadable, MinibotError, SendFailed
from minibot.core.messages import Attachment, AttachmentKind
from tests.adapters.channels.telegram.scripted_api import TOKEN
from tests.adapters.channels.telegram.served import Served
from tests.adapters.channels.telegram.update_samples import OWNER
from tests.peers.telegram.faults import Fault

MB = 1024**2


class Sink:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def write(self, piece: bytes) -> None:
        self.pieces.append(piece)

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def sent(served: Served, data: bytes = b"", **file: object) -> Attachment:
    """Have the owner send a document; gives it as the bot gets to know it."""
    spec = {"text": data.decode("latin-1"), "name": "a.bin", **file} if data else file
    injected = served.api.app.inject({"chat_id": OWNER, "kind": "document", "file": spec})
    message = served.api.app.default_bot.messages[OWNER, injected["message_id"]]
    return Attachment(kind=AttachmentKind.DOCUMENT, file_id=message["document"]["file_id"])


async def test_a_file_arrives_whole_in_pieces(served: Served) -> None:
    data, sink = bytes(range(128)) * 8_192, Sink()

    await served.channel.download(sent(served, data), sink.write, max_bytes=2 * MB)

    assert sink.data == data
    assert max(map(len, sink.pieces)) < len(data)


async def test_a_size_that_is_said_to_be_too_large_is_not_asked_for(served: Served) -> None:
    attachment = Attachment(kind=AttachmentKind.DOCUMENT, file_id="F", size=3 * MB)

    with pytest.raises(MediaUnreadable, match=r"3\.0 MB, and I fetch 2 MB"):
        await served.channel.download(attachment, Sink().write, max_bytes=2 * MB)

    assert served.api.app.counts["getFile"] == 0


async def test_a_size_that_getfile_tells_too_large_is_not_fetched(served: Served) -> None:
    with pytest.raises(MediaUnreadable, match=r"2\.0 MB, and I fetch 1 MB"):
        await served.channel.download(sent(served, size=2 * MB), Sink().write, max_bytes=MB)

    assert served.api.app.counts["file_download"] == 0


async def test_what_telegram_gives_to_no_bot_is_told(served: Served) -> None:
    with pytest.raises(MediaUnreadable, match="larger than Telegram gives to bots"):
        await served.channel.download(sent(served, size=30 * MB), Sink().write, max_bytes=99 * MB)


async def test_a_file_nobody_knows_is_told(served: Served) -> None:
    attachment = Attachment(kind=AttachmentKind.PHOTO, file_id="nope")

    with pytest.raises(MediaUnreadable, match="send it again"):
        await served.channel.download(attachment, Sink().write, max_bytes=MB)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(code=500, method="getFile"),
        Fault(kind="drop", method="getFile"),
        Fault(code=429, retry_after=3, method="getFile"),
    ],
)
async def test_a_failure_that_may_pass_is_one(served: Served, fault: Fault) -> None:
    served.api.app.faults.append(fault)

    with pytest.raises(SendFailed):
        await served.channel.download(sent(served, b"x"), Sink().write, max_bytes=MB)


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def files_answered_by(answer: Answer, path: str = "a/b.bin") -> AsyncIterator[TelegramClient]:
    """Run a Bot API whose files come as a test wants them."""

    async def get_file(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"file_path": path}})

    app = web.Application()
    app.router.add_post(f"/bot{TOKEN}/getFile", get_file)
    app.router.add_get("/file/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    client = TelegramClient(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def fetched(client: TelegramClient, max_bytes: int = MB) -> bytes:
    sink, photo = Sink(), Attachment(kind=AttachmentKind.PHOTO, file_id="F")
    await download(client, photo, sink.write, max_bytes=max_bytes)
    return sink.data


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(64):
        await response.write(b"x" * 65_536)
    return response


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"x" * 10)
    assert request.transport is not None
    request.transport.abort()
    return response


async def _failing(request: web.Request) -> web.StreamResponse:
    return web.Response(status=502, text="bad gateway")


async def _gone(request: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text=str(request.url))


async def _elsewhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://169.254.169.254/latest/meta-data")


async def _whole(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"whole")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (_endless, MediaUnreadable, "larger than it was said to be"),
        (_cut, SendFailed, "Payload"),
        (_failing, SendFailed, "502"),
        (_gone, MediaUnreadable, "send it again"),
        (_elsewhere, MediaUnreadable, "send it again"),
    ],
)
async def test_a_download_that_fails_says_so_without_the_token(
    answer: Answer, error: type[MinibotError], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with files_answered_by(answer) as client:
        with pytest.raises(error, match=words) as raised:
            await fetched(client)
    shown = f"{raised.value!r} {raised.value.__cause__!r} {caplog.text}"
    assert TOKEN not in shown
    assert TOKEN.partition(":")[2] not in shown


async def test_a_file_as_large_as_may_be_is_fetched() -> None:
    async with files_answered_by(_whole) as client:
        assert await fetched(client, max_bytes=5) == b"whole"
        with pytest.raises(MediaUnreadable):
            await fetched(client, max_bytes=4)


@pytest.mark.parametrize("path", ["../../etc/passwd", "a/../b", "/etc/passwd", "a?b", "a b", ""])
async def test_an_odd_path_is_not_followed(path: str) -> None:
    async with files_answered_by(_whole, path) as client:
        with pytest.raises(MediaUnreadable, match="does not say where"):
            await fetched(client)
