"""The one writer: units of work of many callers, committed together.

A commit waits for the disk and costs the same for one row as for hundreds. So whatever is
submitted while a commit is on its way goes into the next one. Nothing is delayed for company:
a unit that comes alone is committed alone, at once.

Most units must outlive a power cut before anybody hears of them. Some, `brisk` ones, need only
outlive the process: marks whose loss leads to the same work once more, such as a claim. A batch
of these is committed without waiting for the disk, and the next other batch takes them along.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from minibot.adapters.storage.sqlite.engine import Connection
from minibot.adapters.storage.sqlite.failures import is_busy, translate
from minibot.adapters.storage.sqlite.statement import Transaction, Work
from minibot.core.errors import StorageError, StorageUnavailable
from minibot.core.ports import Clock

LOG = logging.getLogger(__name__)

T = TypeVar("T")

BATCH_UNITS = 256
"""Units in one transaction at the most, so that the first does not wait for too many."""

OUTSTANDING_UNITS = 1024
"""Units submitted and not committed at the most. Beyond that, submitters wait their turn."""

BUSY_DELAYS = (0.1, 0.3, 0.9)
"""Seconds between tries when another process holds the lock, on top of SQLite's own wait."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What a unit raised, on its way back to who submitted it."""

    error: Exception


@dataclass(slots=True)
class _Unit:
    work: Work[Any]
    done: asyncio.Future[Any]
    brisk: bool
    undo: Callable[[Any], Work[object] | None] | None


class Writer:
    """Collects units of work and commits them in batches. `run` does it, until `close`."""

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock,
        echo: bool,
        on_flush: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_flush` is called whenever a commit has brought the whole log onto the disk."""
        self._connection = connection
        self._on_flush = on_flush
        self._clock = clock
        self._echo = echo
        self._units: deque[_Unit] = deque()
        self._room = asyncio.Semaphore(OUTSTANDING_UNITS)
        self._wake = asyncio.Event()
        self._closed = False

    async def submit(
        self,
        work: Work[T],
        *,
        brisk: bool = False,
        undo: Callable[[T], Work[object] | None] | None = None,
    ) -> T:
        """Run a unit in a transaction and give its result once that is on the disk.

        Args:
            work: may be run more than once; only the last run counts.
            brisk: True when the unit may be lost in a power cut, though not in a crash.
            undo: gives the unit that takes the result back when nobody waits for it any more,
                because the caller was cancelled while it was being committed.
        """
        async with self._room:
            if self._closed:
                raise StorageUnavailable("the storage is closed")
            unit = _Unit(work, asyncio.get_running_loop().create_future(), brisk, undo)
            self._units.append(unit)
            self._wake.set()
            result: T = await unit.done
            return result

    async def run(self) -> None:
        try:
            while self._units or not self._closed:
                if self._units:
                    await self._commit(self._next_batch())
                else:
                    self._wake.clear()
                    await self._wake.wait()
        finally:
            self._closed = True
            for unit in self._next_batch(limit=len(self._units)):
                unit.done.set_exception(StorageUnavailable("the storage is closed"))

    def close(self) -> None:
        """Take nothing more; `run` returns when what was taken is committed."""
        self._closed = True
        self._wake.set()

    def _next_batch(self, limit: int = BATCH_UNITS) -> list[_Unit]:
        taken = [self._units.popleft() for _ in range(min(limit, len(self._units)))]
        return [unit for unit in taken if not unit.done.cancelled()]

    async def _commit(self, batch: Sequence[_Unit]) -> None:
        if not batch:
            return
        try:
            brisk = all(unit.brisk for unit in batch)
            outcomes = await self._transact([unit.work for unit in batch], brisk=brisk)
        except asyncio.CancelledError:
            # The loop is going down; nobody may be left waiting for an answer.
            for unit in batch:
                unit.done.cancel()
            raise
        undo: list[Work[object]] = []
        for unit, outcome in zip(batch, outcomes, strict=True):
            if unit.done.cancelled():
                undo += _undoing(unit, outcome)
            elif isinstance(outcome, Failed):
                unit.done.set_exception(outcome.error)
            else:
                unit.done.set_result(outcome)
        if undo:
            for outcome in await self._transact(undo):
                if isinstance(outcome, Failed):
                    LOG.warning("a cancelled write was not undone", exc_info=outcome.error)

    async def _transact(self, works: Sequence[Work[Any]], *, brisk: bool = False) -> Sequence[Any]:
        def run(raw: sqlite3.Connection) -> tuple[list[Any], bool]:
            before = raw.total_changes
            with _briskly(raw) if brisk else nullcontext():
                results = transact(raw, works, echo=self._echo)
            # What was rolled back counts as changed, too; then nobody can rely on this one.
            failed = any(isinstance(result, Failed) for result in results)
            return results, not brisk and not failed and raw.total_changes > before

        for delay in BUSY_DELAYS:
            try:
                results, flushed = await self._connection.run(run)
            except sqlite3.Error as error:
                if not is_busy(error):
                    return [Failed(translate(error))] * len(works)
            except StorageError as error:
                return [Failed(error)] * len(works)
            else:
                if flushed:
                    self._on_flush()
                return results
            await self._clock.sleep(delay)
        return [Failed(StorageUnavailable("another process holds the database"))] * len(works)


@contextmanager
def _briskly(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit without waiting for the disk inside."""
    connection.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous=FULL")


def _undoing(unit: _Unit, outcome: object) -> list[Work[object]]:
    if unit.undo is None or isinstance(outcome, Failed):
        return []
    work = unit.undo(outcome)
    return [] if work is None else [work]


def transact(
    connection: sqlite3.Connection, works: Sequence[Work[Any]], *, echo: bool = False
) -> list[Any]:
    """Run units in one transaction and give what each returned, or `Failed`.

    When one raises, all is rolled back and each runs in a transaction of its own, so that a
    bad unit fails alone.

    Raises:
        sqlite3.Error: the transaction could not be begun or committed; nothing was written.
    """
    connection.execute("BEGIN IMMEDIATE")
    tx = Transaction(connection, echo=echo)
    try:
        results = [work(tx) for work in works]
    # A boundary: whatever a unit raises belongs to its caller, in another task.
    except Exception as error:  # noqa: BLE001
        _roll_back(connection)
        if len(works) == 1:
            return [Failed(translate(error) if isinstance(error, sqlite3.Error) else error)]
        return [_alone(connection, work, echo=echo) for work in works]
    try:
        connection.execute("COMMIT")
    except sqlite3.Error:
        _roll_back(connection)
        raise
    return results


def _alone(connection: sqlite3.Connection, work: Work[Any], *, echo: bool) -> Any:
    try:
        return transact(connection, [work], echo=echo)[0]
    except sqlite3.Error as error:
        return Failed(translate(error))


def _roll_back(connection: sqlite3.Connection) -> None:
    # A full disk makes SQLite roll back by itself, and then there is nothing to roll back.
    if connection.in_transaction:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
