"""The peer, started for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.peers.telegram import FakeTelegram, start
from tests.peers.telegram.rig import TOKEN, Rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    telegram = await start(FakeTelegram([TOKEN]))
    async with aiohttp.ClientSession() as http:
        yield Rig(telegram, http)
    await telegram.stop()
