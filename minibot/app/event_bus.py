"""Tells whoever asked that something happened.

Publishing never waits, so nobody can lock himself by publishing into a queue he drains. Each
subscription is bounded and says what happens when it is full. What must not be lost is in the
storage before it is published; the bus carries copies and hints.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto

from minibot.core.events import Event

log = logging.getLogger(__name__)


class WhenFull(Enum):
    """What a full subscription does with one event more."""

    DROP_OLDEST = auto()
    """Forget the oldest and count it: for those who watch."""
    RESYNC = auto()
    """Forget all and deliver one `Resync`: for those who can read the storage instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync(Event):
    """Events were dropped: read the storage to see what is to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStats:
    """Counters of one subscriber since it subscribed."""

    name: str
    depth: int
    delivered: int
    dropped: int
    mean_latency_seconds: float
    max_latency_seconds: float


class Subscription:
    """One subscriber's queue: iterate it. Only one task may."""

    def __init__(
        self,
        name: str,
        types: tuple[type[Event], ...],
        *,
        capacity: int,
        when_full: WhenFull,
        wanted: Callable[[Event], bool],
    ) -> None:
        if capacity < 1:
            raise ValueError("a subscription holds at least one event")
        self.types = types
        self.wanted = wanted
        self._name = name
        self._capacity = capacity
        self._when_full = when_full
        self._queue: deque[tuple[float, Event]] = deque()
        self._filled = asyncio.Event()
        self._delivered = 0
        self._dropped = 0
        self._latency_sum = 0.0
        self._latency_max = 0.0

    def offer(self, event: Event) -> None:
        now = time.monotonic()
        if len(self._queue) >= self._capacity:
            event = self._make_room(event)
        self._queue.append((now, event))
        self._filled.set()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        published, event = self._queue.popleft()
        latency = time.monotonic() - published
        self._delivered += 1
        self._latency_sum += latency
        self._latency_max = max(self._latency_max, latency)
        return event

    def stats(self) -> SubscriptionStats:
        return SubscriptionStats(
            name=self._name,
            depth=len(self._queue),
            delivered=self._delivered,
            dropped=self._dropped,
            mean_latency_seconds=self._latency_sum / self._delivered if self._delivered else 0.0,
            max_latency_seconds=self._latency_max,
        )

    def _make_room(self, event: Event) -> Event:
        if self._when_full is WhenFull.DROP_OLDEST:
            self._queue.popleft()
            self._dropped += 1
            return event
        self._dropped += len(self._queue) + 1
        self._queue.clear()
        return Resync()


class EventBus:
    """Delivers every event to every subscription of its type."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._published = 0

    def publish(self, event: Event) -> None:
        self._published += 1
        if log.isEnabledFor(logging.DEBUG):
            told = {"event_type": type(event).__name__, "event_id": self._published}
            log.debug("event published", extra=told)
        for subscription in self._subscriptions:
            if isinstance(event, subscription.types) and subscription.wanted(event):
                subscription.offer(event)

    @contextmanager
    def subscribe(
        self,
        name: str,
        *types: type[Event],
        capacity: int,
        when_full: WhenFull,
        wanted: Callable[[Event], bool] = lambda event: True,
    ) -> Iterator[Subscription]:
        """Receive events of these types, and of those derived from them, while inside.

        Args:
            wanted: says at once which of them wake the subscriber at all; cheap.
        """
        subscription = Subscription(
            name, types, capacity=capacity, when_full=when_full, wanted=wanted
        )
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    def stats(self) -> list[SubscriptionStats]:
        return [subscription.stats() for subscription in self._subscriptions]
