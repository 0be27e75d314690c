"""The agenda in a database."""

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from minibot.adapters.storage.agenda import open_agenda
from minibot.core.errors import StorageDamaged, StorageError, StorageUnavailable
from tests.adapters.storage.agenda.samples import SqliteHome, a_job


@pytest.fixture
def home(tmp_path: Path) -> SqliteHome:
    return SqliteHome(tmp_path)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


async def refuse(home: SqliteHome) -> StorageError:
    with pytest.raises(StorageError) as refusal:
        async with home.open():
            pass
    return refusal.value


async def test_file_and_folder_are_closed_to_others(home: SqliteHome) -> None:
    async with home.open() as store:
        await store.write([a_job()])

    assert {file.name: mode(file) for file in home.path.parent.iterdir()} == {
        "tasks.db": 0o600,
        "tasks.db.lock": 0o600,
    }
    assert mode(home.path.parent) == 0o700


async def test_compacting_removes_what_was_forgotten(home: SqliteHome) -> None:
    async with home.open() as store:
        await store.write([a_job("a"), a_job("b")])
        await store.write([], forget=["a"])
        await store.compact()

    assert query(home.path, "SELECT id FROM agenda") == [("b",)]


async def test_damaged_file_is_refused_and_left_as_it_is(home: SqliteHome) -> None:
    async with home.open() as store:
        await store.write([a_job(f"j{number}") for number in range(100)])
    whole = home.path.read_bytes()
    garbled = whole[:8192] + b"\xa5" * 4096 + whole[12288:]
    home.path.write_bytes(garbled)

    assert isinstance(await refuse(home), StorageDamaged)
    assert home.path.read_bytes() == garbled


async def test_entry_that_cannot_be_read_is_damage(home: SqliteHome) -> None:
    async with home.open() as store:
        await store.write([a_job()])
    with closing(sqlite3.connect(home.path)) as connection:
        connection.execute("UPDATE agenda SET body = '{}'")
        connection.commit()

    async with home.open() as store:
        with pytest.raises(StorageDamaged):
            await store.load()


async def test_database_of_something_else_is_refused(home: SqliteHome) -> None:
    home.path.parent.mkdir()
    with closing(sqlite3.connect(home.path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("PRAGMA user_version=1")

    assert "something else" in str(await refuse(home))


async def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    assert isinstance(await refuse(SqliteHome(tmp_path)), StorageUnavailable)


async def test_lock_that_is_held_for_too_long_is_reported(home: SqliteHome) -> None:
    async with home.open(lock_timeout_ms=5) as store:
        await store.load()
        with closing(sqlite3.connect(home.path, isolation_level=None)) as another:
            another.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageUnavailable):
                await store.write([a_job()])
            assert await store.refresh() == ([], [])
        await store.write([a_job()])

        assert await store.load() == [a_job()]


async def test_loop_goes_on_while_the_lock_is_held_elsewhere(home: SqliteHome) -> None:
    async with home.open(lock_timeout_ms=60_000) as store:
        with closing(sqlite3.connect(home.path, isolation_level=None)) as another:
            another.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(store.write([a_job()]))
            for _ in range(1000):
                await asyncio.sleep(0)
            assert not writing.done()
        await writing

        assert await store.load() == [a_job()]


async def test_several_may_open_a_new_one_at_the_same_time(home: SqliteHome) -> None:
    async def open_and_write(number: int) -> None:
        async with home.open() as store:
            await store.write([a_job(f"j{number}")])

    await asyncio.gather(*(open_and_write(number) for number in range(4)))

    async with home.open() as store:
        assert len(await store.load()) == 4


async def test_echo_shows_statements_and_not_what_people_wrote(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="minibot.adapters.storage")
    path = tmp_path / "data" / "tasks.db"
    async with open_agenda(backend="sqlite", path=path, lock_timeout_ms=2000, echo=True) as store:
        await store.load()
        await store.write([a_job("j1", text="a secret")])

    statements = [str(vars(record)["sql"]) for record in caplog.records if "sql" in vars(record)]
    assert any(text.startswith("INSERT INTO agenda") for text in statements)
    assert not any("a secret" in text for text in statements)
