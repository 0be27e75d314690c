"""How many turns run at once, and when one must run alone."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class _Waiter:
    ready: asyncio.Future[None]
    alone: bool


class Slots:
    """Admits first come, first served, up to a limit that may change at any time."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._running = 0
        self._alone = False
        self._waiters: deque[_Waiter] = deque()

    @property
    def running(self) -> int:
        return self._running

    def limit_changed(self) -> None:
        """Let those in who wait, should there be more room now."""
        self._admit()

    @asynccontextmanager
    async def hold(self, *, alone: bool = False) -> AsyncIterator[None]:
        """Wait for a slot and keep it while inside; `alone`, with nobody else inside."""
        await self._enter(alone)
        try:
            yield
        finally:
            if alone:
                self._alone = False
            self.leave()

    def try_enter(self) -> bool:
        """Take a slot if one is free and nobody waits; `leave` has to follow."""
        if self._waiters or self._alone or self._running >= self._limit():
            return False
        self._running += 1
        return True

    def leave(self) -> None:
        """Give back what `try_enter` took."""
        self._running -= 1
        self._admit()

    async def _enter(self, alone: bool) -> None:
        waiter = _Waiter(asyncio.get_running_loop().create_future(), alone)
        self._waiters.append(waiter)
        self._admit()
        try:
            await waiter.ready
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise

    def _abandon(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif waiter.ready.done() and not waiter.ready.cancelled():
            # Admitted and cancelled in the same pass of the loop: hand the slot on.
            self._running -= 1
            if waiter.alone:
                self._alone = False
        self._admit()

    def _admit(self) -> None:
        while self._waiters and self._has_room_for(self._waiters[0]):
            waiter = self._waiters.popleft()
            if waiter.ready.cancelled():
                continue
            self._running += 1
            self._alone = waiter.alone
            waiter.ready.set_result(None)

    def _has_room_for(self, waiter: _Waiter) -> bool:
        if waiter.alone:
            return self._running == 0
        return not self._alone and self._running < self._limit()
