"""What was acknowledged is there after a kill and after a full disk."""

import asyncio
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from minibot.adapters.storage import open_storage
from tests.contracts.storages import ManualClock, an_arrival

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
