"""What was acknowledged is there after a kill and after a full disk."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Awaitable
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from minibot.adapters.storage import open_storage
from minibot.adapters.storage.sqlite.database import Database, open_database
from minibot.adapters.storage.sqlite.journal import SqliteJournal
from minibot.adapters.storage.sqlite.statement import Statement
from minibot.core.ports import CallOutcome
from minibot.core.tools import CallState, ToolResult
from tests.contracts.storages import START, ManualClock, a_step, an_arrival, an_undoable

WRITE_UNTIL_KILLED = """
import asyncio, sys
from itertools import count
from pathlib import Path
from minibot.adapters.storage import open_storage
from tests.contracts.storages import ManualClock, an_arrival

async def main():
    numbers = count()
    async with open_storage(Path(sys.argv[1]), clock=ManualClock()) as storage:
        async def work():
            for number in numbers:
                await storage.inbox.admit([an_arrival(str(number), text="x" * 300)])
                print(number, flush=True)
        await asyncio.gather(*(work() for _ in range(8)))

asyncio.run(main())
"""

CALL_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from minibot.adapters.storage import open_storage
from minibot.core.ports import CallOutcome
from minibot.core.tools import ToolResult
from tests.contracts.storages import ManualClock, a_step, an_undoable

async def main():
    async with open_storage(Path(sys.argv[1]), clock=ManualClock()) as storage:
        async def work(turn):
            number = 0
            while True:
                await storage.journal.add_step(turn, a_step(number, "a"))
                await storage.journal.start(turn, number, "a")
                print("started", turn, number, flush=True)
                outcome = CallOutcome(
                    result=ToolResult(text=str(number)),
                    untrusted=False,
                    undo=an_undoable(f"{turn}-{number}"),
                )
                await storage.journal.finish(turn, number, "a", outcome)
                print("finished", turn, number, flush=True)
                number += 1
        await asyncio.gather(*(work(turn) for turn in range(8)))

asyncio.run(main())
"""

WRITE_ON_A_FULL_DISK = """
import asyncio, json, resource, sys
from pathlib import Path
from minibot.adapters.storage import open_storage
from minibot.core.errors import StorageUnavailable
from tests.contracts.storages import ManualClock, an_arrival

async def main():
    path = Path(sys.argv[1])
    stored, refused, stored_later = [], [], []
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.inbox.admit([an_arrival("first")])
        size = path.with_name("minibot.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, resource.RLIM_INFINITY))
        for number in range(100):
            try:
                await storage.inbox.admit([an_arrival(str(number), text="x" * 2000)])
                stored.append(number)
            except StorageUnavailable:
                refused.append(number)
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        for number in range(100):
            if await storage.inbox.admit([an_arrival(str(number), text="x" * 2000)]):
                stored_later.append(number)
    print(json.dumps([stored, refused, stored_later]))

asyncio.run(main())
"""


def integrity(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall()


async def test_every_acknowledged_row_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "data" / "minibot.db"
    for _ in range(3):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITE_UNTIL_KILLED, str(path), stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        acknowledged = [(await child.stdout.readline()).decode().strip() for _ in range(150)]
        child.kill()
        rest = (await child.stdout.read()).decode().split("\n")[:-1]
        await child.wait()
        acknowledged += rest
        assert all(acknowledged)

        async with open_storage(path, clock=ManualClock()) as storage:
            again = await storage.inbox.admit([an_arrival(key) for key in acknowledged])

        assert again == []
        assert integrity(path) == [("ok",)]
        path.unlink()


async def test_every_begun_and_finished_call_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "data" / "minibot.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALL_UNTIL_KILLED, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    lines = [(await child.stdout.readline()).decode() for _ in range(200)]
    child.kill()
    lines += (await child.stdout.read()).decode().splitlines(keepends=True)
    await child.wait()
    told = [line.split() for line in lines if line.endswith("\n")]
    assert {word for word, *_ in told} == {"started", "finished"}

    async with open_storage(path, clock=ManualClock()) as storage:
        turns = [await storage.journal.steps(turn) for turn in range(8)]
        for word, turn, number in told:
            (call,) = turns[int(turn)][int(number)].calls
            if word == "started":
                assert call.state is not None
            else:
                assert call.result == ToolResult(text=number)
                undoable = await storage.undo_log.take(call.undo_token, "7", START)
                assert undoable == an_undoable(f"{turn}-{number}")
    assert integrity(path) == [("ok",)]


FLUSHES = Statement(text("PRAGMA synchronous"))
FULL, NORMAL = 2, 1
DONE = CallOutcome(result=ToolResult(text="x"), untrusted=False)


async def how_it_was_committed(database: Database, work: Awaitable[object]) -> int:
    """Say what the transaction with this unit in it waited for."""
    observe = database.write(lambda tx: tx.execute(FLUSHES), brisk=True)
    _, ((level,),) = await asyncio.gather(work, observe)
    return int(level)


async def test_disk_has_it_before_a_call_has_its_effect(tmp_path: Path) -> None:
    async with open_database(tmp_path / "minibot.db", clock=ManualClock()) as database:
        journal = SqliteJournal(database)
        begun = a_step(1, "a", state=CallState.STARTED)
        levels = [
            await how_it_was_committed(database, work)
            for work in (
                journal.add_step(1, a_step(0, "a")),
                journal.start(1, 0, "a"),
                journal.finish(1, 0, "a", DONE),
                journal.add_step(1, begun),
            )
        ]

    # A step of which no call has begun may be lost: the model is asked again.
    assert levels == [NORMAL, FULL, FULL, FULL]


async def test_full_disk_refuses_whole_writes_and_recovers_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "data" / "minibot.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITE_ON_A_FULL_DISK, str(path), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    assert child.returncode == 0
    stored, refused, stored_later = json.loads(output)

    assert stored
    assert refused
    assert stored_later == refused
    assert integrity(path) == [("ok",)]
