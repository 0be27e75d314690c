"""A database file is private, checked before use, migrated with a copy, and never recreated."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.schema import CreateTable

from minibot.adapters.storage import open_storage
from minibot.adapters.storage.sqlite import files
from minibot.adapters.storage.sqlite.database import open_database
from minibot.adapters.storage.sqlite.migrations import MIGRATIONS, newest_version
from minibot.adapters.storage.sqlite.schema import conversations
from minibot.adapters.storage.sqlite.statement import Statement, Transaction
from minibot.core.errors import StorageDamaged, StorageError, StorageUnavailable
from tests.contracts.storages import ManualClock, an_arrival

EXTRA = Statement(CreateTable(Table("extra", MetaData(), Column("id", Integer))))


OLD, NEW = newest_version(MIGRATIONS), newest_version(MIGRATIONS) + 1


def add_a_table(tx: Transaction) -> None:
    tx.execute(EXTRA)


def fail_half_way(tx: Transaction) -> None:
    tx.execute(EXTRA)
    tx.execute(EXTRA)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "minibot.db"


async def fill(path: Path, count: int = 200) -> None:
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.inbox.admit([an_arrival(str(i), text="x" * 500) for i in range(count)])


async def refuses(path: Path) -> StorageError:
    with pytest.raises(StorageError) as caught:
        async with open_storage(path, clock=ManualClock()):
            pass
    return caught.value


def everything_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def content(path: Path) -> bytes:
    return path.read_bytes()


def change(path: Path, harm: Callable[[bytes], bytes]) -> None:
    path.write_bytes(harm(path.read_bytes()))


def put_back(folder: Path, contents: dict[str, bytes]) -> None:
    for name, each in contents.items():
        (folder / name).write_bytes(each)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def make_folder(path: Path) -> None:
    path.mkdir(parents=True)


def set_mode(path: Path, bits: int) -> None:
    path.chmod(bits)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def wide_open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("wide_open_umask")
async def test_folder_and_files_are_closed_to_others_whatever_the_umask(path: Path) -> None:
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.inbox.admit([an_arrival("1")])
        modes = {file.name: mode(file) for file in path.parent.iterdir()}

    assert modes == {"minibot.db": 0o600, "minibot.db-wal": 0o600, "minibot.db-shm": 0o600}
    assert mode(path.parent) == 0o700


async def test_files_that_were_open_to_others_are_closed(path: Path) -> None:
    await fill(path)
    set_mode(path, 0o644)
    set_mode(path.parent, 0o755)

    await fill(path)

    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


async def test_closing_leaves_one_whole_file(path: Path) -> None:
    await fill(path)

    assert [file.name for file in path.parent.iterdir()] == ["minibot.db"]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


async def test_unfinished_creation_is_begun_anew(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("minibot.db.new").write_bytes(b"half a database")

    await fill(path, 3)

    assert query(path, "SELECT count(*) FROM inbox") == [(3,)]


def truncate(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def truncate_within_a_page(whole: bytes) -> bytes:
    return whole[: 4096 * 3 + 100]


def keep_the_header_only(whole: bytes) -> bytes:
    return whole[:50]


def garble_a_page(whole: bytes) -> bytes:
    # In the middle: the newest rows, which a log may hold as well, are at the end.
    start = len(whole) // 4096 // 2 * 4096
    return whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :]


def garble_the_schema(whole: bytes) -> bytes:
    return whole[:100] + b"\xa5" * 3000 + whole[3100:]


def garble_the_header(whole: bytes) -> bytes:
    return b"\xa5" * 100 + whole[100:]


def replace_by_text(_whole: bytes) -> bytes:
    return b"this is a diary and not a database\n" * 300


def empty(_whole: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    "harm",
    [
        truncate,
        truncate_within_a_page,
        keep_the_header_only,
        garble_a_page,
        garble_the_schema,
        garble_the_header,
        replace_by_text,
        empty,
    ],
)
async def test_damaged_file_is_refused_and_left_as_it_is(
    path: Path, harm: Callable[[bytes], bytes]
) -> None:
    await fill(path)
    change(path, harm)
    before = everything_in(path.parent)

    error = await refuses(path)

    assert isinstance(error, StorageDamaged)
    assert str(path) in str(error)
    assert everything_in(path.parent) == before


async def test_damage_beside_a_log_is_refused_and_both_are_left_as_they_are(
    path: Path,
) -> None:
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.inbox.admit([an_arrival(str(i), text="x" * 500) for i in range(300)])
        await storage.maintenance.checkpoint()
        await storage.inbox.admit([an_arrival("one more")])
        left_by_a_kill = everything_in(path.parent)
    put_back(path.parent, left_by_a_kill)
    change(path, garble_a_page)
    log = path.with_name("minibot.db-wal")
    before = (content(path), content(log))

    assert isinstance(await refuses(path), StorageDamaged)
    assert (content(path), content(log)) == before


async def test_rows_that_are_in_the_log_alone_are_found(path: Path) -> None:
    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.inbox.admit([an_arrival("1")])
        left_by_a_kill = everything_in(path.parent)
    put_back(path.parent, left_by_a_kill)
    path.with_name("minibot.db-shm").unlink()

    async with open_storage(path, clock=ManualClock()) as storage:
        assert await storage.inbox.admit([an_arrival("1")]) == []


async def test_large_file_is_looked_at_but_not_read_through(
    path: Path,
) -> None:
    await fill(path)
    change(path, garble_a_page)
    before = content(path)
    async with files._opened(path, "mode=ro&immutable=1") as connection:
        with pytest.raises(StorageDamaged):
            await connection.run(
                lambda raw: files._inspect(raw, path=path, whole_up_to=len(before))
            )
        version, is_empty = await connection.run(
            lambda raw: files._inspect(raw, path=path, whole_up_to=len(before) - 1)
        )

    assert (version, is_empty) == (OLD, False)


async def test_database_of_something_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = content(path)

    assert "not minibot's" in str(await refuses(path))
    assert content(path) == before


async def test_database_with_nothing_in_it_is_used(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("VACUUM")
    assert content(path)

    await fill(path, 3)

    assert query(path, "SELECT count(*) FROM inbox") == [(3,)]


async def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    assert isinstance(await refuses(tmp_path / "data" / "minibot.db"), StorageUnavailable)


async def test_folder_in_place_of_the_file_is_reported(path: Path) -> None:
    make_folder(path)

    assert isinstance(await refuses(path), StorageUnavailable)


async def test_older_database_is_copied_and_then_migrated(path: Path) -> None:
    await fill(path, 5)

    async with open_database(path, clock=ManualClock(), migrations=[*MIGRATIONS, add_a_table]):
        pass

    assert query(path, "PRAGMA user_version") == [(NEW,)]
    assert query(path, "SELECT count(*) FROM extra") == [(0,)]
    assert query(path, "SELECT count(*) FROM inbox") == [(5,)]
    backup = path.with_name(f"minibot.db.v{OLD}.bak")
    assert mode(backup) == 0o600
    assert query(backup, "PRAGMA user_version") == [(OLD,)]
    assert query(backup, "SELECT count(*) FROM inbox") == [(5,)]


async def test_migrated_database_is_not_migrated_again(path: Path) -> None:
    for _ in range(2):
        async with open_database(path, clock=ManualClock(), migrations=[*MIGRATIONS, add_a_table]):
            pass

    assert query(path, "PRAGMA user_version") == [(NEW,)]
    assert not path.with_name(f"minibot.db.v{OLD}.bak").exists()


async def test_migration_that_fails_changes_nothing(path: Path) -> None:
    await fill(path, 5)

    with pytest.raises(StorageError, match="stays as it was"):
        async with open_database(
            path, clock=ManualClock(), migrations=[*MIGRATIONS, fail_half_way]
        ):
            pass

    assert query(path, "PRAGMA user_version") == [(OLD,)]
    assert query(path, "SELECT name FROM sqlite_schema WHERE name = 'extra'") == []
    await fill(path, 6)


async def test_migration_that_breaks_references_changes_nothing(path: Path) -> None:
    await fill(path, 5)

    def lose_the_conversations(tx: Transaction) -> None:
        tx.execute(Statement(conversations.delete()))

    with pytest.raises(StorageError, match="refer to nothing"):
        async with open_database(
            path, clock=ManualClock(), migrations=[*MIGRATIONS, lose_the_conversations]
        ):
            pass

    assert query(path, "SELECT count(*) FROM conversations") == [(1,)]


async def test_newer_database_is_refused_and_says_what_to_do(path: Path) -> None:
    async with open_database(path, clock=ManualClock(), migrations=[*MIGRATIONS, add_a_table]):
        pass
    before = content(path)

    assert "newer minibot" in str(await refuses(path))
    assert content(path) == before


async def test_database_that_vanishes_is_not_replaced_by_an_empty_one(path: Path) -> None:
    async with open_storage(path, clock=ManualClock()) as storage:
        await asyncio.to_thread(path.unlink)

        with pytest.raises(StorageUnavailable):  # one of them opens a connection of its own
            await asyncio.gather(*(storage.inbox.open_conversations() for _ in range(3)))

    assert "minibot.db" not in everything_in(path.parent)
