"""Writes of many callers, committed together.

Waiting for the disk costs the same for one write as for a hundred, so what is submitted while a
commit is on its way goes into the next one. Nothing is delayed for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from minibot.core.errors import StaleEntry, StorageError, StorageUnavailable
from minibot.core.ports import Entry

GROUP_SIZE = 256
"""Writes in one commit at the most, so that the first does not wait for too many."""

OUTSTANDING = 1024
"""Writes submitted and not committed at the most. Beyond that, callers wait their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one caller wants written, all or nothing."""

    entries: tuple[Entry, ...]
    forget: tuple[str, ...]


Outcomes = Sequence[Exception | None]
"""For each batch what it is refused with, or None when it is durable."""


def refuse_stale(entry: Entry, stored: int) -> None:
    """Raise `StaleEntry` unless an entry follows upon the version that is stored, 0 for none."""
    if entry.version != stored + 1:
        raise StaleEntry(
            f"{entry.id} is stored in version {stored}, and {entry.version} does not follow upon it"
        )


@dataclass(slots=True)
class _Unit:
    batch: Batch
    done: asyncio.Future[None]


class GroupedWrites:
    """Hands what waits to `commit`, one group after the other."""

    def __init__(self, commit: Callable[[Sequence[Batch]], Awaitable[Outcomes]]) -> None:
        self._commit = commit
        self._waiting: deque[_Unit] = deque()
        self._room = asyncio.Semaphore(OUTSTANDING)
        self._running: asyncio.Task[None] | None = None
        self._closed = False
        self.orphans: list[Batch] = []
        """Written after their callers were cancelled, who therefore do not know of it."""

    async def submit(self, batch: Batch) -> None:
        """Return when a batch is durable; raise what it is refused with."""
        async with self._room:
            self.refuse_when_closed()
            unit = _Unit(batch, asyncio.get_running_loop().create_future())
            self._waiting.append(unit)
            if self._running is None or self._running.done():
                self._running = asyncio.create_task(self._drain(), name="agenda writes")
            try:
                await unit.done
            except asyncio.CancelledError:
                # Cancelled in the moment between the commit and hearing of it.
                if not unit.done.cancelled() and unit.done.exception() is None:
                    self.orphans.append(batch)
                raise

    def refuse_when_closed(self) -> None:
        """Raise `StorageUnavailable` once nothing is taken any more."""
        if self._closed:
            raise StorageUnavailable("the agenda is closed")

    async def close(self) -> None:
        """Take nothing more, and return when what was taken is committed."""
        self._closed = True
        if self._running is not None:
            await self._running

    async def _drain(self) -> None:
        try:
            while self._waiting:
                size = min(GROUP_SIZE, len(self._waiting))
                taken = [self._waiting.popleft() for _ in range(size)]
                if units := [unit for unit in taken if not unit.done.cancelled()]:
                    await self._commit_together(units)
        finally:
            _refuse(self._waiting)

    async def _commit_together(self, units: Sequence[_Unit]) -> None:
        try:
            outcomes = await self._outcomes(units)
            for unit, problem in zip(units, outcomes, strict=True):
                if unit.done.cancelled():
                    self.orphans += [unit.batch] if problem is None else []
                elif problem is None:
                    unit.done.set_result(None)
                else:
                    unit.done.set_exception(problem)
        finally:
            _refuse(units)

    async def _outcomes(self, units: Sequence[_Unit]) -> Outcomes:
        try:
            return await self._commit([unit.batch for unit in units])
        except StorageError as error:
            return [error] * len(units)


def _refuse(units: Iterable[_Unit]) -> None:
    # Only when the loop goes down under it: nobody may be left waiting for an answer.
    for unit in units:
        if not unit.done.done():
            unit.done.set_exception(StorageUnavailable("it is not known what became of the write"))
