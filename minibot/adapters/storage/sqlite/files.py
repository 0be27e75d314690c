"""The database file before it is opened: whose it is, whether it is whole, its version.

A file that exists is first looked at through a connection that cannot write. Whatever is wrong
with it, not a byte changes: the damage may be smaller than what a repair would make of it.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

from minibot.adapters.storage.sqlite.engine import Connection, connection_to
from minibot.adapters.storage.sqlite.failures import translate
from minibot.adapters.storage.sqlite.migrations import (
    Migration,
    create,
    is_empty,
    migrate,
    newest_version,
    read_version,
    refuse_foreign,
)
from minibot.core.errors import StorageDamaged, StorageError, StorageUnavailable

MAGIC = b"SQLite format 3\0"

QUICK_CHECK_MAX_BYTES = 256 * 1024 * 1024
"""`quick_check` reads every page, about a second a gigabyte from memory and ten from a disk. A
larger file gets a look at its header, length and schema only: a start is not to take minutes."""


async def prepare(path: Path, migrations: Sequence[Migration]) -> None:
    """Leave a private, whole database of the newest version at `path`.

    Raises:
        StorageDamaged: the file cannot be trusted; it was not touched.
        StorageUnavailable: the file or its folder cannot be used now.
        StorageError: the file is not minibot's, or of a newer minibot.
    """
    try:
        if await asyncio.to_thread(_make_folder, path):
            await _prepare_existing(path, migrations)
        else:
            await _create_new(path, migrations)
        await asyncio.to_thread(_make_private, path)
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be used: {error}") from error
    except sqlite3.Error as error:
        raise translate(error) from error


def _make_folder(path: Path) -> bool:
    """Make the folder private; say whether the file exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent.stat().st_mode & 0o777 != 0o700:
        path.parent.chmod(0o700)
    return path.exists()


def _make_private(path: Path) -> None:
    # SQLite gives its log and its index the mode of the database, whatever the umask.
    for file in (path, _beside(path, "-wal"), _beside(path, "-shm")):
        if file.exists() and file.stat().st_mode & 0o777 != 0o600:
            file.chmod(0o600)


async def _create_new(path: Path, migrations: Sequence[Migration]) -> None:
    # Under another name until it is whole: a file at `path` is then never half a database, and
    # an empty one there is known to be damage.
    unfinished = _beside(path, ".new")
    await asyncio.to_thread(_create_empty, unfinished)
    async with _opened(unfinished, "mode=rw") as connection:
        await connection.run(partial(create, migrations=migrations))
    await asyncio.to_thread(_move_into_place, unfinished, path)


def _create_empty(file: Path) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _move_into_place(file: Path, path: Path) -> None:
    file.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _prepare_existing(path: Path, migrations: Sequence[Migration]) -> None:
    options = await asyncio.to_thread(_look_at_header, path)
    async with _opened(path, options) as connection:
        version, empty = await connection.run(partial(_inspect, path=path))
    if version == 0 and empty:
        async with _opened(path, "mode=rw") as connection:
            await connection.run(partial(create, migrations=migrations))
        return
    refuse_foreign(path, version, migrations)
    if version < newest_version(migrations):
        await _migrate(path, version, migrations)


def _look_at_header(path: Path) -> str:
    """Check what can be seen without SQLite; give the options to open the file for reading."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        raise _damaged(path, "it is empty")
    if len(header) < 100 or not header.startswith(MAGIC):
        raise _damaged(path, "it does not begin like an SQLite database")
    log = _beside(path, "-wal")
    if log.exists() and log.stat().st_size:
        # Committed rows may be in the log alone, so it has to be read as well.
        return "mode=ro"
    # Nothing but the file: it is read without locks, log or index, so none is created.
    return "mode=ro&immutable=1"


def _inspect(
    connection: sqlite3.Connection, *, path: Path, whole_up_to: int = QUICK_CHECK_MAX_BYTES
) -> tuple[int, bool]:
    """Give the schema version, and whether there is no schema at all.

    Raises:
        StorageDamaged: the file is not whole.
    """
    try:
        result = (read_version(connection), is_empty(connection))
        if path.stat().st_size <= whole_up_to:
            with closing(connection.execute("PRAGMA quick_check(1)")) as cursor:
                (verdict,) = cursor.fetchone()
            if verdict != "ok":
                raise _damaged(path, verdict)
    except sqlite3.Error as error:
        if isinstance(translated := translate(error), StorageDamaged):
            raise _damaged(path, str(error)) from error
        raise translated from error
    return result


def _damaged(path: Path, problem: str) -> StorageDamaged:
    return StorageDamaged(
        f"{path} is damaged ({problem}) and was left as it is: put back a backup, "
        "or move the file away to begin with an empty one"
    )


async def _migrate(path: Path, version: int, migrations: Sequence[Migration]) -> None:
    backup = _beside(path, f".v{version}.bak")
    unfinished = _beside(path, ".bak.new")
    await asyncio.to_thread(_create_empty, unfinished)
    async with _opened(path, "mode=rw") as connection:
        await connection.run(partial(_copy, target=unfinished))
        await asyncio.to_thread(_move_into_place, unfinished, backup)
        try:
            await connection.run(partial(migrate, migrations=migrations))
        except (sqlite3.Error, StorageError) as error:
            raise StorageError(
                f"{path} could not be brought from version {version} to "
                f"{newest_version(migrations)} and stays as it was: {error}"
            ) from error


def _copy(connection: sqlite3.Connection, *, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@asynccontextmanager
async def _opened(path: Path, options: str) -> AsyncIterator[Connection]:
    connection = connection_to(path, options)
    async with connection:
        yield connection
