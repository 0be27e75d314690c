"""A database of version 1 is brought up to date with all that is in it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minibot.adapters.storage import open_storage
from minibot.adapters.storage.sqlite.migrations import MIGRATIONS, migrate
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxItem
from minibot.core.llm import Role, ToolCall, Usage, Utterance
from minibot.core.messages import Part, Span, SpanKind
from tests.adapters.storage.version_1 import ROWS, write_version_1
from tests.contracts.storages import START, ManualClock, a_chat, finish, take

Schema = dict[tuple[str, str], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "minibot.db"


@pytest.fixture
async def migrated(path: Path) -> Path:
    write_version_1(path)
    async with open_storage(path, clock=ManualClock()):
        pass
    return path


def rows_of(path: Path, table: str, columns: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            f"SELECT {columns} FROM {table} ORDER BY 1"  # noqa: S608 - names of this module
        ).fetchall()


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def schema_of(path: Path) -> Schema:
    """Describe all there is. Where a column stands in its table makes no difference."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        return {
            (kind, name): _table(connection, name, sql) if kind == "table" else _plain(sql)
            for kind, name, sql in found
        }


def _plain(sql: str | None) -> str:
    """Leave out how it was broken into lines. An index of a constraint has no text at all."""
    return " ".join((sql or "").split())


def _table(connection: sqlite3.Connection, name: str, sql: str) -> object:
    if sql.startswith("CREATE VIRTUAL"):
        return _plain(sql)
    columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
    indexes = connection.execute(f"PRAGMA index_list({name})").fetchall()
    references = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
    return (
        sorted(column[1:] for column in columns),
        sorted(
            # By name, and the names of its columns: their numbers count within the table.
            (*index[1:], tuple(row[2:] for row in _columns_of_index(connection, index[1])))
            for index in indexes
        ),
        references,
        "AUTOINCREMENT" in sql,
        "WITHOUT ROWID" in sql,
    )


def _columns_of_index(connection: sqlite3.Connection, name: str) -> list[tuple[object, ...]]:
    return connection.execute(f"PRAGMA index_xinfo({name})").fetchall()


async def test_schema_becomes_that_of_a_new_database(migrated: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "minibot.db"
    async with open_storage(new, clock=ManualClock()):
        pass

    assert schema_of(migrated) == schema_of(new)
    version = rows_of(new, "pragma_user_version", "*")
    assert rows_of(migrated, "pragma_user_version", "*") == version


@pytest.mark.parametrize("table", ROWS)
async def test_every_row_is_kept(migrated: Path, table: str) -> None:
    copy = migrated.with_name("minibot.db.v1.bak")
    with closing(sqlite3.connect(copy)) as connection:
        columns = ", ".join(f'"{name}"' for name in columns_of(connection, table))

    assert rows_of(migrated, table, columns) == sorted(ROWS[table], key=lambda row: str(row[0]))


async def test_copy_of_the_old_one_is_left(migrated: Path, tmp_path: Path) -> None:
    old = tmp_path / "old" / "minibot.db"
    write_version_1(old)
    copy = migrated.with_name("minibot.db.v1.bak")

    assert schema_of(copy) == schema_of(old)
    assert rows_of(copy, "pragma_user_version", "*") == [(1,)]
    for table, rows in ROWS.items():
        assert rows_of(copy, table, "*") == sorted(rows, key=lambda row: str(row[0]))


async def test_ids_go_on_behind_the_old_ones(migrated: Path) -> None:
    assert rows_of(migrated, "sqlite_sequence", "name, seq")[:2] == [("inbox", 5), ("outbox", 3)]


async def test_work_goes_on_where_version_1_left_it(path: Path) -> None:
    write_version_1(path)
    clock = ManualClock()
    async with open_storage(path, clock=clock) as storage:
        recovery = await storage.inbox.recover()
        first = await take(storage)
        urgent = await storage.inbox.claim_urgent(5)
        (part,) = await storage.outbox.waiting()
        said = await storage.history.recent("telegram:42", 9)

        assert recovery.requeued == 1
        assert (first.id, first.message.text, first.message.press) == (3, "hi", None)
        assert isinstance(urgent, InboxItem)
        assert [dead.id for dead in await storage.dead_letters.dead()] == [2]
        assert (part.part, part.edits) == (
            Part(text="bold", spans=(Span(kind=SpanKind.BOLD, offset=0, length=4),)),
            "",
        )
        assert await storage.outbox.message_id("m1:0") == "77"
        assert said[1] == Utterance(
            role=Role.ASSISTANT,
            text="",
            tool_calls=(ToolCall(id="c1", name="look", arguments="{}"),),
        )
        assert [entry.text for entry in said] == ["what is there?", "", "a tree", "A tree."]


async def test_retry_of_version_1_runs_when_its_time_has_come(path: Path) -> None:
    write_version_1(path)
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.inbox.recover()
        first = await take(storage)
        await finish(storage, first)

        again = await take(storage)

        assert (again.id, again.attempts) == (4, 3)


async def test_chat_that_moved_in_version_1_is_still_found(path: Path) -> None:
    write_version_1(path)
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.preferences.set("telegram:-1:17", "a", "x")

        assert storage.preferences.get("telegram:-100:17", "a") == "x"
        assert await storage.outbox.moved_chats() == {"telegram:-1": "telegram:-100"}
        found = await storage.history.recent(a_chat("-1", "17").key, 5)
        assert [entry.text for entry in found] == ["in the topic"]


ACCOUNT_OF_VERSION_4 = (
    '{"reference": "m102", "answered_at": "2026-01-02T03:04:05.678901+00:00", '
    '"models": ["openai/a", "claude/b"], "tools": ["look"], "usage": {"input_tokens": 10, '
    '"output_tokens": 2, "cached_tokens": 3, "reasoning_tokens": 1}, "cost": null, '
    '"first_seconds": 0.5, "seconds": 2.5, "exchanges": 4, "facts": 2, "summary": true, '
    '"prompt": false}'
)
PREFERENCES_OF_VERSION_4 = (
    ("telegram:42", "exchanges", "[[90, [90], [], 2], [103, [101, 103], [101], 4], "
     "[102, [102], [], 2], [104, [104], [], 2]]"),
    ("telegram:42", "last_answer", ACCOUNT_OF_VERSION_4),
    ("telegram:42", "model", "large"),
    ("telegram:-100:17", "exchanges", "[[102, [102], [], 2]]"),
    ("telegram:-100:17", "last_answer", ACCOUNT_OF_VERSION_4),
    ("telegram:1", "exchanges", "[1"),
    ("telegram:2", "exchanges", '{"0": [103, [103], [], 2]}'),
    ("telegram:3", "exchanges", '[3, "x", null, [103], {"0": 103}, ["103", "x", 1, "y"]]'),
    ("telegram:4", "exchanges", "7"),
    ("telegram:1", "last_answer", "{"),
    ("telegram:2", "last_answer", "[]"),
    ("telegram:3", "last_answer", "7"),
    ("telegram:4", "last_answer", '{"reference": 102}'),
)  # fmt: skip


def write_version_4(path: Path) -> None:
    """Leave what version 4 kept of answers: 104 is still being given, 90 is long gone."""
    write_version_1(path)
    now = (START - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, MIGRATIONS[:3])
        for number in (101, 102, 103, 104):
            over = number != 104
            connection.execute(
                "INSERT INTO inbox VALUES (?, 'telegram', '1', ?, 'telegram:42', '42', '', ?, 0, "
                "NULL, '', '', 1, 0, 0, 0, ?, ?, ?)",
                (
                    number,
                    f"of version 4: {number}",
                    "done" if over else "processing",
                    now + number if over else None,
                    None if over else "dead process",
                    over,
                ),
            )
        connection.executemany("INSERT INTO preferences VALUES (?, ?, ?)", PREFERENCES_OF_VERSION_4)


async def test_what_version_4_knew_of_answers_is_found_in_their_messages(path: Path) -> None:
    write_version_4(path)
    async with open_storage(path, clock=ManualClock()) as storage:
        assert await storage.outcomes.exchanges("telegram:42") == [
            Exchange(item=103, questions=(101, 103), turns=(101,), entries=4),
            Exchange(item=102, questions=(102,), entries=2),
        ]
        assert await storage.outcomes.account("telegram:42") == AnswerAccount(
            reference="m102",
            answered_at=START + timedelta(microseconds=102),
            models=("openai/a", "claude/b"),
            tools=("look",),
            usage=Usage(input_tokens=10, output_tokens=2, cached_tokens=3, reasoning_tokens=1),
            first_seconds=0.5,
            seconds=2.5,
            exchanges=4,
            facts=2,
            summary=True,
        )
        for key in ("telegram:-100:17", "telegram:1", "telegram:2", "telegram:3", "telegram:4"):
            assert await storage.outcomes.exchanges(key) == []
            assert await storage.outcomes.account(key) is None

    assert rows_of(path, "preferences", "*") == [("telegram:42", "model", "large")]


async def test_a_last_answer_that_was_taken_back_in_version_4_is_still_told_of(path: Path) -> None:
    write_version_4(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM preferences WHERE name = 'exchanges'")
    async with open_storage(path, clock=ManualClock()) as storage:
        assert await storage.outcomes.exchanges("telegram:42") == []
        account = await storage.outcomes.account("telegram:42")
        assert account is not None
        assert account.reference == "m102"


async def test_exchanges_of_version_4_end_at_one_that_cannot_be_read(path: Path) -> None:
    write_version_4(path)
    damaged = '[[101, [101], [], 2], [102, "x", 1, "y"], [103, [103], [], 2]]'
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE preferences SET value = ? WHERE name = 'exchanges'", [damaged])
    async with open_storage(path, clock=ManualClock()) as storage:
        (kept,) = await storage.outcomes.exchanges("telegram:42")
        assert kept == Exchange(item=103, questions=(103,), entries=2)
