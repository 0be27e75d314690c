"""A scripted Bot API and a client of it, for one test."""

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from minibot.adapters.channels.telegram.client import TelegramClient
from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.scripted_api import TOKEN, ScriptedApi, scripted_api
from tests.adapters.channels.telegram.served import Served
from tests.adapters.channels.telegram.update_samples import GROUP, OWNER
from tests.peers.telegram import FakeTelegram, start


@pytest.fixture
def formatting_is_never_given_up(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A mistake in rendering is caught, for an answer is worth more; a test has to see it."""
    yield
    assert "markdown not rendered" not in caplog.text


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with scripted_api() as started:
        yield started


@pytest.fixture
async def client(api: ScriptedApi) -> AsyncIterator[TelegramClient]:
    opened = TelegramClient(TOKEN, api.url)
    yield opened
    await opened.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    running = await start(FakeTelegram([TOKEN]))
    running.app.chat(OWNER)
    running.app.chat(GROUP)
    rig = Rig(running)
    yield rig
    await rig.channel.close()
    await running.stop()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
