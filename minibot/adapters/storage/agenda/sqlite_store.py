"""The agenda in an SQLite database of its own.

Every batch gets a number, and every row the number of the batch that changed it last; whoever
looks for news asks for greater numbers. Rows of what is forgotten stay, empty, to be told of as
well, until `compact` removes them. Who looks after that compares all ids.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from minibot.adapters.storage.agenda.codec import Reader, encode
from minibot.adapters.storage.agenda.file_lock import FileLock
from minibot.adapters.storage.agenda.gc_pause import paused_gc
from minibot.adapters.storage.agenda.grouping import Batch, GroupedWrites, Outcomes
from minibot.adapters.storage.agenda.news import News, Seen
from minibot.adapters.storage.sqlite.engine import Connection, build_engine, driver_connection
from minibot.adapters.storage.sqlite.failures import translate
from minibot.adapters.storage.sqlite.files import prepare
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.adapters.storage.sqlite.writer import Failed, transact
from minibot.core.errors import StaleEntry, StorageError, StorageUnavailable
from minibot.core.ports import Entry

T = TypeVar("T")

metadata = MetaData()

agenda = Table(
    "agenda",
    metadata,
    Column("id", Text, primary_key=True),
    Column("change", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("forgotten", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("agenda_change", agenda.c.change)

counter = Table(
    "agenda_counter",
    metadata,
    Column("row", Integer, CheckConstraint("row = 1"), primary_key=True),
    Column("changes", Integer, nullable=False),
    # Rows that were forgotten by then may be gone.
    Column("removed_through", Integer, nullable=False),
)

_CREATE = (
    *(Statement(CreateTable(table)) for table in (agenda, counter)),
    *(Statement(CreateIndex(index)) for index in agenda.indexes),
    Statement(insert(counter).values(row=1, changes=0, removed_through=0)),
)
_COUNTER = Statement(select(counter.c.changes, counter.c.removed_through))
_COUNT = Statement(update(counter).values(changes=param("changes")))
_NOTE_REMOVAL = Statement(update(counter).values(removed_through=counter.c.changes))

_new = upsert(agenda).values(
    id=param("id"), change=param("change"), version=1, forgotten=False, body=param("body")
)
_ADD = Statement(
    _new.on_conflict_do_update(
        index_elements=[agenda.c.id],
        set_={
            name: getattr(_new.excluded, name)
            for name in ("change", "version", "forgotten", "body")
        },
        where=agenda.c.forgotten == true(),
    )
)
_CHANGE = Statement(
    update(agenda)
    .where(
        agenda.c.id == param("entry_id"),
        agenda.c.version == param("entry_version") - 1,
        agenda.c.forgotten == false(),
    )
    .values(change=param("change"), version=param("entry_version"), body=param("body"))
)
_FORGET = Statement(
    update(agenda)
    .where(agenda.c.id == param("entry_id"), agenda.c.forgotten == false())
    .values(change=param("change"), forgotten=True, body="")
)
_ALL = Statement(select(agenda.c.body).where(agenda.c.forgotten == false()))
_NEWS = Statement(
    select(agenda.c.id, agenda.c.change, agenda.c.body).where(agenda.c.change > param("seen"))
)
_ONE = Statement(select(agenda.c.body).where(agenda.c.id == param("id")))
_IDS = Statement(select(agenda.c.id).where(agenda.c.forgotten == false()))
_REMOVE = Statement(agenda.delete().where(agenda.c.forgotten == true()))


class AgendaTable:
    """What the agenda's database says, in the thread of its connection."""

    def __init__(self, *, echo: bool = False) -> None:
        self._echo = echo
        self._seen = 0
        self._ids: set[str] = set()
        """What the app knows, for when rows that would tell what is forgotten are gone."""
        self._own: dict[str, int] = {}
        """The changes since the last look that are ours."""

    def load(self, raw: sqlite3.Connection) -> list[Entry]:
        with _snapshot(raw, echo=self._echo) as tx:
            ((self._seen, _),) = tx.execute(_COUNTER)
            bodies = tx.execute(_ALL)
        self._own.clear()
        reader = Reader()
        with paused_gc():
            entries = [reader.parse(body) for (body,) in bodies]
        self._ids = {entry.id for entry in entries}
        return entries

    def commit(self, raw: sqlite3.Connection, batches: Sequence[Batch]) -> Outcomes:
        works = [partial(_write, batch) for batch in batches]
        results = transact(raw, works, echo=self._echo)
        for batch, result in zip(batches, results, strict=True):
            if not isinstance(result, Failed):
                self._note(batch, result)
        return [result.error if isinstance(result, Failed) else None for result in results]

    def refresh(self, raw: sqlite3.Connection, orphans: Sequence[Batch]) -> Seen:
        with _snapshot(raw, echo=self._echo) as tx:
            ((changes, removed_through),) = tx.execute(_COUNTER)
            news: dict[str, str] = {}
            if changes > self._seen:
                news = {
                    id_: body
                    for id_, change, body in tx.execute(_NEWS, {"seen": self._seen})
                    if change != self._own.get(id_)
                }
            if removed_through > self._seen:
                here = {id_ for (id_,) in tx.execute(_IDS)}
                news |= dict.fromkeys(self._ids - here, "")
            for batch in orphans:
                news |= _as_stored(tx, batch)
        reader = Reader()
        changed = [reader.parse(body) for body in news.values() if body]
        forgotten = [id_ for id_, body in news.items() if not body]
        self._seen = changes
        self._own.clear()
        self._ids |= {entry.id for entry in changed}
        self._ids.difference_update(forgotten)
        return changed, forgotten

    def _note(self, batch: Batch, change: int) -> None:
        ids = {entry.id for entry in batch.entries}
        self._ids |= ids
        self._ids.difference_update(batch.forget)
        self._own |= dict.fromkeys(ids.union(batch.forget), change)


def _write(batch: Batch, tx: Transaction) -> int:
    ((changes, _),) = tx.execute(_COUNTER)
    change: int = changes + 1
    for entry in batch.entries:
        values = {"change": change, "body": encode(entry).decode()}
        if entry.version == 1:
            tx.execute(_ADD, values | {"id": entry.id})
        else:
            tx.execute(_CHANGE, values | {"entry_id": entry.id, "entry_version": entry.version})
        if not tx.rowcount:
            raise StaleEntry(f"{entry.id}: version {entry.version} does not follow upon the stored")
    for id_ in batch.forget:
        tx.execute(_FORGET, {"entry_id": id_, "change": change})
    tx.execute(_COUNT, {"changes": change})
    return change


def _as_stored(tx: Transaction, batch: Batch) -> dict[str, str]:
    ids = [*(entry.id for entry in batch.entries), *batch.forget]
    rows = {id_: tx.execute(_ONE, {"id": id_}) for id_ in ids}
    return {id_: found[0][0] if found else "" for id_, found in rows.items()}


@contextmanager
def _snapshot(raw: sqlite3.Connection, *, echo: bool) -> Iterator[Transaction]:
    """Read everything inside as of one moment."""
    raw.execute("BEGIN").close()
    try:
        yield Transaction(raw, echo=echo)
    finally:
        raw.execute("ROLLBACK").close()


class SqliteAgenda:
    """The agenda in an SQLite database; see `AgendaStore`."""

    def __init__(self, connection: Connection, *, echo: bool = False) -> None:
        self._connection = connection
        self._table = AgendaTable(echo=echo)
        self._writes = GroupedWrites(self._commit)
        self._news = News(self._look)

    async def load(self) -> list[Entry]:
        return await self._run(self._table.load)

    async def write(self, entries: Sequence[Entry], *, forget: Collection[str] = ()) -> None:
        if entries or forget:
            await self._writes.submit(Batch(entries=tuple(entries), forget=tuple(forget)))

    async def refresh(self) -> Seen:
        return await self._news.tell()

    async def compact(self) -> None:
        await self._run(_compact)

    async def close(self) -> None:
        await self._writes.close()
        await self._news.close()

    async def _commit(self, batches: Sequence[Batch]) -> Outcomes:
        return await _in(self._connection, partial(self._table.commit, batches=batches))

    async def _look(self) -> Seen:
        orphans = tuple(self._writes.orphans)
        seen = await self._run(partial(self._table.refresh, orphans=orphans))
        del self._writes.orphans[: len(orphans)]
        return seen

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._writes.refuse_when_closed()
        return await _in(self._connection, work)


def _compact(raw: sqlite3.Connection) -> None:
    def remove(tx: Transaction) -> None:
        tx.execute(_REMOVE)
        if tx.rowcount:
            tx.execute(_NOTE_REMOVAL)

    (result,) = transact(raw, [remove])
    if isinstance(result, Failed):
        raise result.error
    raw.execute("VACUUM").close()
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


@asynccontextmanager
async def open_sqlite_agenda(
    path: Path, *, lock_timeout_ms: int, echo: bool = False
) -> AsyncIterator[SqliteAgenda]:
    """Open the database at `path`, creating it first, and close it at the end.

    Args:
        echo: True to log every statement at DEBUG, without the values in it.

    Raises:
        StorageDamaged: the file cannot be trusted; it was not touched.
        StorageUnavailable: it cannot be opened now.
        StorageError: it is a database of something else.
    """
    lock = FileLock(path, timeout_ms=lock_timeout_ms)
    async with AsyncExitStack() as stack:
        async with _alone(path, lock):
            connection = await _open(path, stack, lock_timeout_ms)
        store = SqliteAgenda(connection, echo=echo)
        stack.push_async_callback(store.close)
        yield store


@asynccontextmanager
async def _alone(path: Path, lock: FileLock) -> AsyncIterator[None]:
    """Keep other processes from opening the same file at the same time: it is looked at as if
    nobody changed it."""
    descriptor = await asyncio.to_thread(_take, path, lock)
    try:
        yield
    finally:
        os.close(descriptor)


def _take(path: Path, lock: FileLock) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return lock.take()
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be used: {error.strerror}") from error


async def _open(path: Path, stack: AsyncExitStack, lock_timeout_ms: int) -> Connection:
    try:
        await asyncio.to_thread(_create_missing, path)
        await prepare(path, ())
        engine = build_engine(path, connections=1, busy_timeout_ms=lock_timeout_ms)
        stack.push_async_callback(engine.dispose)
        connection = await driver_connection(await stack.enter_async_context(engine.connect()))
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be used: {error}") from error
    except sqlite3.Error as error:
        raise translate(error) from error
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise translate(error.orig) from error
        raise
    if not await _in(connection, _is_agenda):
        raise StorageError(
            f"{path} is a database of something else: name another file in tasks.storage"
        )
    return connection


def _create_missing(path: Path) -> None:
    """Make an empty agenda under another name first: it is whole or not there at all."""
    if path.exists():
        return
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as raw:
        (result,) = transact(raw, [_create])
        if isinstance(result, Failed):
            raise result.error
        raw.execute("PRAGMA user_version=1").close()
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _create(tx: Transaction) -> None:
    for statement in _CREATE:
        tx.execute(statement)


def _is_agenda(raw: sqlite3.Connection) -> bool:
    with suppress(sqlite3.OperationalError):
        Transaction(raw).execute(_COUNTER)
        return True
    return False


async def _in(connection: Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        return await connection.run(work)
    except sqlite3.Error as error:
        raise translate(error) from error
