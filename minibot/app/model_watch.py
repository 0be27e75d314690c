"""Brings messages that wait for a language model back to work when one answers again."""

import asyncio

from minibot.app.event_bus import EventBus
from minibot.app.first_of import first_of
from minibot.app.model_chain import ModelChain
from minibot.core.ports import Clock, Inbox

PROBE_SECONDS = 3.0
"""While messages wait, one of them asks again so often. A failed question costs nothing, and
people notice every second more."""

PATIENT_AFTER_SECONDS = 600.0
"""An outage that lasted so long is looked at less and less often, down to once in
`SLOWEST_PROBE_SECONDS`."""

SLOWEST_PROBE_SECONDS = 60.0
GROWTH = 1.5

EVERYTHING = 100_000


class ModelWatch:
    """Sleeps while nothing waits."""

    def __init__(self, inbox: Inbox, chain: ModelChain, *, bus: EventBus, clock: Clock) -> None:
        self._inbox = inbox
        self._chain = chain
        self._bus = bus
        self._clock = clock
        self._waiting = asyncio.Event()

    def notice(self) -> None:
        """Note that a message waits."""
        self._waiting.set()

    async def run(self) -> None:
        self._waiting.set()  # for a model that nobody found before
        pause, lost_since = PROBE_SECONDS, None
        while True:
            await self._waiting.wait()
            if lost_since is None:
                lost_since = self._clock.monotonic()
            await self._pause(pause)
            await self._wake()
            if not self._chain.lost:
                pause, lost_since = PROBE_SECONDS, None
            elif self._clock.monotonic() - lost_since > PATIENT_AFTER_SECONDS:
                pause = min(pause * GROWTH, SLOWEST_PROBE_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Wait for the next probe, or for a model that answers before it."""
        await first_of(self._clock.sleep(seconds), self._chain.found.wait())

    async def _wake(self) -> None:
        """Let everything that waits go on; while no model answers, only the oldest."""
        if self._chain.lost:
            self._chain.invite_probe()
        self._waiting.clear()  # before the look, so that who begins to wait meanwhile is noticed
        woken = await self._inbox.wake_waiting(1 if self._chain.lost else EVERYTHING)
        if woken:
            self._waiting.set()
        for event in woken:
            self._bus.publish(event)
