"""Speech to text, against a server on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from minibot.adapters.media.transcription import HttpTranscriber
from minibot.core.errors import MediaUnreadable
from minibot.core.settings import Transcription

KEY = "sk-canary-of-speech"


class Server:
    """Answers as told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body = '{"text": "buy milk"}'
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.keys.append(request.headers.get("Authorization", ""))
        file = form["file"]
        assert isinstance(file, web.FileField)
        asked: dict[str, object] = {
            "model": form["model"],
            "name": file.filename,
            "data": file.file.read(),
        }
        if "language" in form:
            asked["language"] = form["language"]
        self.asked.append(asked)
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_post("/v1/audio/transcriptions", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


async def heard(url: str, folder: Path, *, key: str = KEY, language: str = "") -> str:
    path = folder / "stored"
    path.write_bytes(b"OggS speech")
    settings = Transcription.model_validate(
        {
            "enabled": True,
            "base_url": url,
            "api_key": key,
            "model": "whisper-1",
            "language": language,
        }
    )
    transcriber = HttpTranscriber()
    try:
        return await transcriber.transcribe(str(path), name="speech.ogg", settings=settings)
    finally:
        await transcriber.close()


async def test_words_come_back(tmp_path: Path) -> None:
    async with serving() as server:
        assert await heard(server.url, tmp_path) == "buy milk"
    asked = {"model": "whisper-1", "name": "speech.ogg", "data": b"OggS speech"}
    assert (server.asked, server.keys) == ([asked], [f"Bearer {KEY}"])


async def test_the_language_is_passed_on(tmp_path: Path) -> None:
    async with serving() as server:
        await heard(server.url, tmp_path, language="de")
    assert server.asked[0]["language"] == "de"


async def test_a_server_of_ones_own_needs_no_key(tmp_path: Path) -> None:
    async with serving() as server:
        await heard(server.url, tmp_path, key="")
    assert server.keys == [""]


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (401, f'{{"error": "bad key {KEY}"}}', "refused it .HTTP 401"),
        (500, "", "refused it .HTTP 500"),
        (200, "not json", "cannot be read"),
        (200, "[]", "cannot be read"),
        (200, '{"text": 7}', "cannot be read"),
    ],
)
async def test_a_failure_is_told_without_the_key(
    tmp_path: Path, status: int, body: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as server:
        server.status, server.body = status, body
        with pytest.raises(MediaUnreadable, match=problem) as raised:
            await heard(server.url, tmp_path)
    assert KEY not in f"{raised.value} {caplog.text}"


async def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    async with serving() as server:
        url = server.url
    with pytest.raises(MediaUnreadable, match="cannot be reached"):
        await heard(url, tmp_path)


async def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    transcriber = HttpTranscriber()
    with pytest.raises(MediaUnreadable, match="send it again"):
        await transcriber.transcribe(
            str(tmp_path / "gone"), name="x", settings=Transcription(enabled=True)
        )
    await transcriber.close()
