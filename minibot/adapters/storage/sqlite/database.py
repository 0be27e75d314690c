"""An open database: one writer, several readers."""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.sqlite.conversations import Moves
from minibot.adapters.storage.sqlite.engine import (
    BUSY_TIMEOUT_MS,
    Connection,
    build_engine,
    driver_connection,
)
from minibot.adapters.storage.sqlite.failures import translate
from minibot.adapters.storage.sqlite.files import prepare
from minibot.adapters.storage.sqlite.migrations import MIGRATIONS, Migration
from minibot.adapters.storage.sqlite.statement import Transaction, Work
from minibot.adapters.storage.sqlite.write_ahead_log import WriteAheadLog
from minibot.adapters.storage.sqlite.writer import Writer
from minibot.core.errors import StorageUnavailable
from minibot.core.ports import Clock

LOG = logging.getLogger(__name__)

T = TypeVar("T")


class Database:
    """Runs units of work. `boot_id` is written beside every row this process claims."""

    def __init__(
        self,
        connection: Connection,
        *,
        writer: Writer,
        readers: "Readers",
        clock: Clock,
        moves: Moves,
        log: WriteAheadLog,
    ) -> None:
        self.boot_id = secrets.token_hex(8)
        self.moves = moves
        self._log = log
        self._connection = connection
        self._writer = writer
        self._readers = readers
        self._clock = clock

    def now(self) -> int:
        """Give the time as it is stored."""
        return to_micros(self._clock.now())

    async def write(
        self,
        work: Work[T],
        *,
        brisk: bool = False,
        undo: Callable[[T], Work[object] | None] | None = None,
    ) -> T:
        """Run a unit in a durable transaction; see `Writer.submit`."""
        return await self._writer.submit(work, brisk=brisk, undo=undo)

    async def read(self, work: Work[T]) -> T:
        """Run a unit that only reads. It sees every write that was acknowledged before."""
        return await self._readers.run(work)

    async def secure(self) -> None:
        """Return when everything committed before, brisk or not, is on the disk.

        Raises:
            StorageUnavailable: the disk failed.
        """
        await self._log.sync()

    async def checkpoint(self) -> None:
        """Copy the log into the file and cut it to nothing, unless a reader still needs it."""
        try:
            await self._connection.run(_checkpoint)
        except sqlite3.Error as error:
            raise translate(error) from error


class Readers:
    """Connections that cannot write, opened when first needed and then kept."""

    def __init__(self, engine: AsyncEngine, *, size: int, echo: bool) -> None:
        self._engine = engine
        self._echo = echo
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Connection] = []
        self._opened = AsyncExitStack()
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        async with self._slots:
            if self._closed:
                raise StorageUnavailable("the storage is closed")
            try:
                connection = self._idle.pop() if self._idle else await self._open()
                try:
                    return await connection.run(lambda raw: work(Transaction(raw, echo=self._echo)))
                finally:
                    self._idle.append(connection)
            except sqlite3.Error as error:
                raise translate(error) from error

    async def close(self) -> None:
        self._closed = True
        self._idle.clear()
        await self._opened.aclose()

    async def _open(self) -> Connection:
        connection = await _checked_out(self._engine, self._opened)
        await connection.run(lambda raw: raw.execute("PRAGMA query_only=ON").close())
        return connection


@asynccontextmanager
async def open_database(
    path: Path,
    *,
    clock: Clock,
    pool_size: int = 5,
    echo: bool = False,
    migrations: Sequence[Migration] = MIGRATIONS,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
) -> AsyncIterator[Database]:
    """Open a database, creating or migrating it first.

    Raises:
        StorageDamaged: the file cannot be trusted; it was not touched.
        StorageUnavailable: it cannot be opened now.
        StorageError: it is not minibot's, or of a newer minibot.
    """
    await prepare(path, migrations)
    engine = build_engine(path, connections=pool_size + 1, busy_timeout_ms=busy_timeout_ms)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        connection = await _checked_out(engine, stack)
        stack.push_async_callback(_checkpoint_at_the_end, connection)
        readers = Readers(engine, size=pool_size, echo=echo)
        stack.push_async_callback(readers.close)
        log = WriteAheadLog(path)
        writer = Writer(connection, clock=clock, echo=echo, on_flush=log.note_flush)
        await stack.enter_async_context(_running(writer))
        moves = await writer.submit(Moves)
        yield Database(
            connection,
            writer=writer,
            readers=readers,
            clock=clock,
            moves=moves,
            log=stack.enter_context(log),
        )


@asynccontextmanager
async def _running(writer: Writer) -> AsyncIterator[None]:
    task = asyncio.create_task(writer.run(), name="storage writer")
    try:
        yield
    finally:
        writer.close()
        await asyncio.wait([task])


async def _checked_out(engine: AsyncEngine, stack: AsyncExitStack) -> Connection:
    try:
        return await driver_connection(await stack.enter_async_context(engine.connect()))
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise translate(error.orig) from error
        raise


async def _checkpoint_at_the_end(connection: Connection) -> None:
    try:
        await connection.run(_checkpoint)
    except sqlite3.Error as error:
        # Nothing is lost: the next start reads the log.
        LOG.warning("the database log was not copied into the file", exc_info=error)


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
