"""Servers and the tool."""

from collections.abc import AsyncIterator

import pytest

from minibot.adapters.tools.http.family import HttpTools
from tests.adapters.tools.http.rig import Server, lookup_of, serving
from tests.corpora.ssrf import NAMES


@pytest.fixture
async def tools() -> AsyncIterator[HttpTools]:
    tools = HttpTools(lookup=lookup_of(NAMES))
    yield tools
    await tools.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that may be read."""
    async with serving() as server:
        yield server


@pytest.fixture
async def canary() -> AsyncIterator[Server]:
    """A server that must not be reached."""
    async with serving("127.0.0.1") as server:
        server.page("/", b"canary")
        yield server
