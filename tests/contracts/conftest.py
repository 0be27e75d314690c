"""Every storage, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from minibot.adapters.storage import Storage
from minibot.core.ports import History
from tests.contracts.history_stores import HISTORIES
from tests.contracts.storages import HOMES, Home, ManualClock


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Where a storage can be opened, closed and opened again."""
    made: Home = request.param(tmp_path)
    return made


@pytest.fixture
async def storage(home: Home) -> AsyncIterator[Storage]:
    async with home.open() as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=HISTORIES)
async def history(
    request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[History]:
    """A history with nothing in it."""
    async with request.param(tmp_path, clock) as opened:
        yield opened
