"""Every storage, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from minibot.adapters.storage import Storage
from tests.contracts.storages import HOMES, Home


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Where a storage can be opened, closed and opened again."""
    made: Home = request.param(tmp_path)
    return made


@pytest.fixture
async def storage(home: Home) -> AsyncIterator[Storage]:
    async with home.open() as opened:
        yield opened
