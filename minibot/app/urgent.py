"""Urgent items: each runs by itself, whatever its conversation is doing."""

import asyncio
from collections.abc import Awaitable, Callable

from minibot.app.claims import Claims
from minibot.app.first_of import first_of
from minibot.core.inbox import InboxItem, retry_delay
from minibot.core.ports import Clock

LONGEST_LOOK_SECONDS = 60.0
GONE_AFTER_SECONDS = 600.0
"""An urgent item that nobody could claim for so long is over: none is put off for longer."""


class UrgentItems:
    """Those that are served at this moment."""

    def __init__(
        self,
        claims: Claims,
        *,
        begin: Callable[[InboxItem], Awaitable[bool]],
        on_rest: Callable[[], None],
        clock: Clock,
    ) -> None:
        """Serve none yet.

        Args:
            begin: runs a claimed item; says whether that was its end.
            on_rest: is called whenever one of them has nothing to do for now.
        """
        self._claims = claims
        self._begin = begin
        self._on_rest = on_rest
        self._clock = clock
        self._wakes: dict[int, asyncio.Event] = {}
        self._asleep: set[int] = set()
        """Those that were put off."""

    @property
    def at_work(self) -> bool:
        return len(self._wakes) > len(self._asleep)

    def clear(self) -> None:
        self._wakes.clear()
        self._asleep.clear()

    def wake(self, inbox_id: int, tasks: asyncio.TaskGroup) -> None:
        """Serve an item, at once where it was put off."""
        if (wake := self._wakes.get(inbox_id)) is not None:
            self._asleep.discard(inbox_id)
            wake.set()
            return
        wake = self._wakes[inbox_id] = asyncio.Event()
        tasks.create_task(self._serve(inbox_id, wake), name=f"urgent {inbox_id}")

    def wake_all(self) -> None:
        """Have those that were put off look around."""
        for wake in self._wakes.values():
            wake.set()

    async def _serve(self, inbox_id: int, wake: asyncio.Event) -> None:
        """Run an item outside the lanes, and again each time it was put off.

        The inbox does not say when an item may run that cannot be claimed, so it is looked for
        until it must be over.
        """
        pause, seen = 0.5, self._clock.monotonic()
        try:
            while self._claims.open and self._clock.monotonic() - seen < GONE_AFTER_SECONDS:
                wake.clear()
                item = await self._claims.take_urgent(inbox_id)
                if item is None:
                    pause = min(pause * 2, LONGEST_LOOK_SECONDS)
                elif await self._begin(item) and not wake.is_set():
                    return
                else:
                    pause, seen = _put_off_for(item), self._clock.monotonic()
                if not wake.is_set():
                    self._asleep.add(inbox_id)
                    self._on_rest()
                    await first_of(self._clock.sleep(pause), wake.wait())
                    self._asleep.discard(inbox_id)
        finally:
            self._asleep.discard(inbox_id)
            del self._wakes[inbox_id]
            self._on_rest()


def _put_off_for(item: InboxItem) -> float:
    """Give the seconds until an item whose handler raised runs again."""
    return retry_delay(item.failures).total_seconds()
