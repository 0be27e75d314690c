"""What is committed briskly reaches the disk when it is asked for."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from minibot.adapters.storage.sqlite.engine import connection_to
from minibot.adapters.storage.sqlite.statement import Statement
from minibot.adapters.storage.sqlite.write_ahead_log import WriteAheadLog
from minibot.adapters.storage.sqlite.writer import Writer
from minibot.core.errors import StorageError, StorageUnavailable
from tests.contracts.storages import ManualClock

LOOK = Statement(text("SELECT word FROM words"))
ADD = Statement(text("INSERT INTO words VALUES ('a')"))
WRONG = Statement(text("INSERT INTO words VALUES (zeroblob(1099511627776))"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "x.db-wal").write_bytes(b"frames")
    return tmp_path / "x.db"


async def test_those_who_ask_meanwhile_share_the_next_flush(database: Path) -> None:
    flushes: list[int] = []

    def flush(descriptor: int) -> None:
        flushes.append(descriptor)
        os.fsync(descriptor)

    with WriteAheadLog(database, flush=flush, patience=0) as log:
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


async def test_a_commit_that_flushes_spares_the_flush(database: Path) -> None:
    flushes: list[int] = []
    with WriteAheadLog(database, flush=flushes.append, patience=60) as log:
        asking = asyncio.create_task(log.sync())
        await asyncio.sleep(0)
        log.note_flush()
        await asking

    assert flushes == []


async def test_only_a_durable_change_counts_as_a_flush(tmp_path: Path) -> None:
    noted: list[bool] = []
    with closing(sqlite3.connect(tmp_path / "x.db")) as maker:
        maker.execute("CREATE TABLE words (word)")
    connection = connection_to(tmp_path / "x.db", "mode=rw")
    await connection
    writer = Writer(
        connection, clock=ManualClock(), echo=False, on_flush=lambda: noted.append(True)
    )
    running = asyncio.create_task(writer.run())

    await writer.submit(lambda tx: tx.execute(LOOK, {}))
    await writer.submit(lambda tx: tx.execute(ADD, {}), brisk=True)
    assert noted == []
    await writer.submit(lambda tx: tx.execute(ADD, {}))
    assert noted == [True]
    with pytest.raises(StorageError):
        await writer.submit(lambda tx: [tx.execute(ADD, {}), tx.execute(WRONG, {})])
    assert noted == [True]

    writer.close()
    await running
    await connection.close()
