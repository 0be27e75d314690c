"""What is committed briskly reaches the disk when it is asked for."""

import asyncio
import os
from pathlib import Path

import pytest

from minibot.adapters.storage.sqlite.write_ahead_log import WriteAheadLog
from minibot.core.errors import StorageUnavailable


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "x.db-wal").write_bytes(b"frames")
    return tmp_path / "x.db"


async def test_those_who_ask_meanwhile_share_the_next_flush(database: Path) -> None:
    flushes: list[int] = []

    def flush(descriptor: int) -> None:
        flushes.append(descriptor)
        os.fsync(descriptor)

    with WriteAheadLog(database, flush=flush) as log:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(50):
                tasks.create_task(log.sync())
        assert len(flushes) == 2
        await log.sync()
    assert len(flushes) == 3


async def test_log_that_cannot_be_flushed_is_an_unavailable_storage(database: Path) -> None:
    with WriteAheadLog(database) as log:
        pass  # its file is closed now

    with pytest.raises(StorageUnavailable, match="Bad file descriptor"):
        await log.sync()
