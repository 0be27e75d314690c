"""A journal that cannot be read is damage, and never a turn begun anew in silence."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from minibot.adapters.storage.sqlite.database import Database, open_database
from minibot.adapters.storage.sqlite.journal import SqliteJournal
from minibot.adapters.storage.sqlite.statement import Statement
from minibot.core.errors import StorageDamaged
from minibot.core.ports import CallOutcome
from minibot.core.tools import CallState, ToolResult
from tests.contracts.storages import ManualClock, a_step


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "minibot.db", clock=ManualClock()) as opened:
        yield opened


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE turn_steps SET usage = '{'",
        "UPDATE tool_calls SET call = '[]'",
        "UPDATE tool_calls SET state = 'asleep'",
        "UPDATE tool_calls SET state = 'started'",
        "UPDATE tool_calls SET state = NULL",
        "UPDATE tool_calls SET result = '{}'",
        "UPDATE tool_calls SET result = NULL",
    ],
)
async def test_what_cannot_be_read_is_damage(database: Database, harm: str) -> None:
    journal = SqliteJournal(database)
    await journal.add_step(1, a_step(0, "a", state=CallState.STARTED))
    outcome = CallOutcome(result=ToolResult(text="x"), untrusted=False)
    await journal.finish(1, 0, "a", outcome)
    assert len(await journal.steps(1)) == 1

    await database.write(lambda tx: tx.execute(Statement(text(harm))))

    with pytest.raises(StorageDamaged):
        await journal.steps(1)


async def test_items_without_steps_are_known_without_looking(database: Database) -> None:
    before = SqliteJournal(database)
    await before.add_step(1, a_step(0, "a", state=None))
    journal = SqliteJournal(database)
    await journal.load()
    await journal.add_step(2, a_step(0, "a", state=None))
    await database.write(lambda tx: tx.execute(Statement(text("DELETE FROM turn_steps"))))
    assert [await journal.steps(number) for number in (1, 2, 3)] == [[], [], []]
    await before.add_step(3, a_step(0, "a", state=None))
    assert await journal.steps(3) == []  # only one process writes, and this one did not


async def test_what_is_known_is_looked_up_again_before_it_grows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minibot.adapters.storage.sqlite.journal.MOST_GONE", 2)
    journal = SqliteJournal(database)
    await journal.load()
    for number in range(1, 6):
        await journal.add_step(number, a_step(0, "a", state=None))
    assert [len(await journal.steps(number)) for number in range(1, 7)] == [1, 1, 1, 1, 1, 0]
