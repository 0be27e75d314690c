"""Several processes at one agenda, and processes that die."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from pathlib import Path

import pytest

from minibot.core.ports import Entry
from tests.adapters.storage.agenda.samples import FileHome, SqliteHome, by_id
from tests.adapters.storage.agenda.writing import SHARED_EVERY, WRITES

Home = FileHome | SqliteHome

BACKENDS = {FileHome: "file", SqliteHome: "sqlite"}
ROUNDS = 5


@pytest.fixture(params=[FileHome, SqliteHome])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    made: Home = request.param(tmp_path)
    return made


async def start(home: Home, what: str, name: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.adapters.storage.agenda.writing",
        BACKENDS[type(home)], str(home.path), what, name, stdout=PIPE,
    )  # fmt: skip


async def loaded(home: Home) -> dict[str, Entry]:
    async with home.open() as store:
        return by_id(await store.load())


async def test_two_that_write_at_the_same_time_lose_nothing(home: Home) -> None:
    processes = [await start(home, "500", name) for name in "ab"]
    outputs = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    acknowledged = {line for output, _ in outputs for line in output.decode().split()} - {"open"}

    found = await loaded(home)

    own = WRITES - WRITES // SHARED_EVERY
    assert len(acknowledged) == 2 * own
    assert found.keys() == acknowledged | {"shared"}
    assert found["shared"].version == 2 * WRITES // SHARED_EVERY


async def kill_after(process: Process, lines: int) -> list[str]:
    """Let a process write so much, kill it, and give what it had said."""
    assert process.stdout is not None
    said = [await process.stdout.readline() for _ in range(lines)]
    process.kill()
    rest = await process.stdout.read()
    await process.wait()
    # What is not a whole line was not said.
    whole = [line for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    return [line.decode().strip() for line in [*said, *whole]]


async def test_what_was_acknowledged_outlives_kill_9(home: Home) -> None:
    written: set[str] = set()
    forgotten: set[str] = set()
    for number in range(ROUNDS):
        processes = [await start(home, "until-killed", f"{name}{number}") for name in "ab"]
        said = await asyncio.gather(*(kill_after(each, 20 + 23 * number) for each in processes))
        lines = [line.split() for each in said for line in each]
        written |= {line[1] for line in lines if line[0] == "wrote"}
        forgotten |= {line[1] for line in lines if line[0] == "forgot"}

        found = await loaded(home)

        # What goes away without that being acknowledged was on its way when the kill came.
        unheard = {id_ for id_ in written - forgotten if int(id_.split("-")[1]) % 3 == 0}
        assert written - forgotten - unheard <= found.keys()
        assert not forgotten & found.keys()
        assert len(unheard - found.keys()) <= 4 * 2 * (number + 1)
        assert len(found.keys() - written) <= 4 * 2 * (number + 1)


async def test_full_disk_refuses_whole_writes_and_recovers_by_itself(home: Home) -> None:
    process = await start(home, "full-disk", "a")
    output, _ = await process.communicate()
    assert process.returncode == 0
    lines = [line.split() for line in output.decode().splitlines()[1:]]
    count = Counter(outcome for outcome, _ in lines)

    found = await loaded(home)

    assert count["wrote"] > 20
    assert count["refused"] > 20
    assert ["news", "0"] in lines
    assert found.keys() == {"first"} | {id_ for outcome, id_ in lines if outcome == "wrote"}
