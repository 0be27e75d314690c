"""The engine, and the connection that runs a whole unit of work in one go."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from minibot.core.errors import StorageUnavailable

T = TypeVar("T")

BUSY_TIMEOUT_MS = 5000

_PRAGMAS = (
    # Readers and the writer do not wait for each other.
    "PRAGMA journal_mode=WAL",
    # What was confirmed to a channel must outlive a power cut; NORMAL may forget it.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # What a person had erased must not be left in free pages.
    "PRAGMA secure_delete=ON",
    # Pages of 4 KiB in the log before it is copied into the file: 4 MiB.
    "PRAGMA wal_autocheckpoint=1000",
)


class Connection(aiosqlite.Connection):
    """A connection in a thread of its own that takes a function as well as statements.

    Every awaited call of aiosqlite is a trip to its thread and back, about 0.1 ms, and a unit
    of work is several statements between BEGIN and COMMIT. `run` makes them one trip. It is
    built on `_execute`, which aiosqlite's own methods are built on and which subclasses may
    therefore use.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # A process that exits in a hurry does not wait for this thread.
        self._thread.daemon = True

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call `work` with the raw connection, in the connection's thread."""
        if self._connection is None:
            raise StorageUnavailable("the database is closed")
        result = await self._execute(work, self._connection)  # type: ignore[no-untyped-call]
        return cast(T, result)


def database_uri(path: Path, options: str) -> str:
    """Name a file the way SQLite takes options with it, e.g. ``mode=ro``."""
    return f"file:{quote(str(path))}?{options}"


def connection_to(path: Path, options: str) -> Connection:
    """Prepare a connection without the pragmas, to look at a file or to change its schema."""
    return Connection(
        partial(
            sqlite3.connect,
            database_uri(path, options),
            uri=True,
            isolation_level=None,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
    )


def build_engine(path: Path, *, connections: int, busy_timeout_ms: int) -> AsyncEngine:
    """Build the one engine of a database; it opens connections as they are asked for."""

    def connect() -> sqlite3.Connection:
        # mode=rw: a database that vanished is an error, not a reason to begin an empty one.
        # Transactions are begun by hand: sqlite3's own would begin them as readers, and two
        # readers that want to write cannot both.
        raw = sqlite3.connect(
            database_uri(path, "mode=rw"),
            uri=True,
            isolation_level=None,
            timeout=busy_timeout_ms / 1000,
        )
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        return raw

    async def create() -> Connection:
        connection = Connection(connect)
        await connection
        return connection

    return create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=create,
        pool_size=connections,
        max_overflow=0,
    )


async def driver_connection(connection: AsyncConnection) -> Connection:
    """Give the connection of ours that SQLAlchemy's is a wrapper of."""
    raw = await connection.get_raw_connection()
    return cast(Connection, raw.driver_connection)
