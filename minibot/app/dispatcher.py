"""Lanes: one message after the other inside a conversation, conversations side by side."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from minibot.app.claims import Claims
from minibot.app.crash_points import CrashPoints
from minibot.app.event_bus import EventBus, Resync, Subscription, WhenFull
from minibot.app.first_of import first_of
from minibot.app.slots import Slots
from minibot.core.events import ChatRekeyed, Event, MessageAccepted, SettingsChanged
from minibot.core.inbox import InboxItem, retry_delay
from minibot.core.ports import Clock, Inbox

log = logging.getLogger(__name__)

CAPACITY = 10_000
"""Hints that may wait. When more do, all are dropped and the inbox is read instead."""

LONGEST_LOOK_SECONDS = 60.0
GONE_AFTER_SECONDS = 600.0
"""An urgent item that nobody could claim for so long is over: none is put off for longer."""

Reserved = Mapping[str, asyncio.Event]
"""Lanes that are held, by conversation; see `Dispatcher.reserve`."""

RunTurn = Callable[[InboxItem], Awaitable[bool]]
"""Takes a claimed item to its end, or back into the inbox; says whether that was its end.
Raises only when cancelled."""


class Dispatcher:
    """Claims what the inbox holds and runs it, lane by lane.

    A lane is a task that lives while its conversation has something to do. It holds no
    messages: what is next is asked of the inbox each time.
    """

    def __init__(
        self,
        inbox: Inbox,
        bus: EventBus,
        *,
        run_turn: RunTurn,
        slots: Slots,
        clock: Clock,
        crash_points: CrashPoints,
    ) -> None:
        self._claims = Claims(inbox, clock)
        self._bus = bus
        self._run_turn = run_turn
        self._slots = slots
        self._clock = clock
        self._crash_points = crash_points
        self._lanes: dict[str, asyncio.Event] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._urgent: dict[int, asyncio.Event] = {}
        """What wakes those who serve an urgent item."""
        self._asleep: set[int] = set()
        """Those of them whose item was put off."""
        self._scanned = False
        self._events: Subscription | None = None
        self._idle = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled; turns that still run are cancelled with it."""
        self._lanes.clear()
        self._urgent.clear()
        self._asleep.clear()
        self._scanned = False
        with self._bus.subscribe(
            "dispatcher",
            MessageAccepted,
            ChatRekeyed,
            SettingsChanged,
            capacity=CAPACITY,
            when_full=WhenFull.RESYNC,
        ) as events:
            self._events = events
            async with asyncio.TaskGroup() as tasks:
                try:
                    await self._scan(tasks)
                    self._tasks = tasks
                    async for event in events:
                        await self._on_event(event, tasks)
                        self._idle.set()
                finally:
                    self._tasks = None  # a group that is ending takes no new tasks

    def reserve(self, conversations: Iterable[str]) -> Reserved:
        """Hold a lane and a slot for each of these that is idle, while there are slots.

        What arrives for them can then be claimed in the transaction that stores it. `begin`
        has to follow, whatever happens.
        """
        reserved: dict[str, asyncio.Event] = {}
        if self._tasks is None or not self._claims.open:
            return reserved
        for conversation in conversations:
            if conversation not in self._lanes and self._slots.try_enter():
                reserved[conversation] = self._lanes[conversation] = asyncio.Event()
        return reserved

    def begin(self, reserved: Reserved, items: Iterable[InboxItem]) -> None:
        """Start the lanes that `reserve` held, each with what was claimed for it."""
        claimed = {item.conversation: item for item in items}
        for conversation, wake in reserved.items():
            item = claimed.get(conversation)
            if self._tasks is not None and self._lanes.get(conversation) is wake:
                self._tasks.create_task(
                    self._serve(conversation, wake, _First(item)), name=f"lane {conversation}"
                )
                continue
            self._slots.leave()
            if item is not None:  # this dispatcher died and came back meanwhile
                self._claims.abandon(item)
                self._bus.publish(_accepted(item))

    def stop_claiming(self) -> None:
        """Begin nothing new; what runs goes on."""
        self._claims.close()
        for wake in (*self._lanes.values(), *self._urgent.values()):
            wake.set()

    async def drained(self) -> None:
        """Wait until no turn runs and none is about to begin."""
        while self._is_busy():
            self._idle.clear()
            await self._idle.wait()

    def _is_busy(self) -> bool:
        if not self._scanned or self._events is None:
            return True
        at_work = len(self._urgent) > len(self._asleep)
        return bool(self._lanes or at_work or self._events.stats().depth)

    async def _on_event(self, event: Event, tasks: asyncio.TaskGroup) -> None:
        match event:
            case MessageAccepted():
                await self._claims.put_back_abandoned()
                self._wake(event, tasks)
            case Resync():
                log.warning("too many messages at once; reading the inbox instead")
                await self._scan(tasks)
            case ChatRekeyed():
                await self._scan(tasks)
            case SettingsChanged():
                self._slots.limit_changed()

    async def _scan(self, tasks: asyncio.TaskGroup) -> None:
        self._scanned = False
        await self._claims.put_back_abandoned()
        for found in await self._claims.find():
            self._wake(found, tasks)
        self._scanned = True
        self._idle.set()

    def _wake(self, event: MessageAccepted, tasks: asyncio.TaskGroup) -> None:
        if not self._claims.open:
            return
        wake = (
            self._urgent.get(event.inbox_id)
            if event.urgent
            else self._lanes.get(event.conversation)
        )
        if wake is not None:
            self._asleep.discard(event.inbox_id)
            wake.set()
            return
        if event.urgent:
            wake = self._urgent[event.inbox_id] = asyncio.Event()
            serving = self._serve_urgent(event.inbox_id, wake)
            tasks.create_task(serving, name=f"urgent {event.inbox_id}")
            return
        wake = self._lanes[event.conversation] = asyncio.Event()
        tasks.create_task(self._serve(event.conversation, wake), name=f"lane {event.conversation}")

    async def _serve(
        self, conversation: str, wake: asyncio.Event, first: "_First | None" = None
    ) -> None:
        try:
            if first is not None and await self._serve_first(first.item) and not wake.is_set():
                return  # an idle lane's only message, so there is nothing to ask the inbox
            while self._claims.open:
                wake.clear()
                async with self._slots.hold():
                    item = await self._claims.take(conversation)
                    if isinstance(item, InboxItem) and not item.must_run_alone:
                        await self._begin(item)
                        continue
                    if isinstance(item, InboxItem):
                        # Should one of those who run kill the process, it is not this one.
                        await self._claims.put_back(item)
                if isinstance(item, InboxItem):
                    await self._serve_alone(conversation)
                elif item is not None:
                    # Those behind the head of the line wait too, because order holds.
                    pause = max((item - self._clock.now()).total_seconds(), 0.0)
                    await first_of(self._clock.sleep(pause), wake.wait())
                elif not wake.is_set():
                    return
        finally:
            del self._lanes[conversation]
            self._idle.set()

    async def _serve_first(self, item: InboxItem | None) -> bool:
        """Run what was claimed for a reserved lane, in the slot that was reserved with it.

        Says whether the item is done with, and not back in the inbox.
        """
        try:
            if item is None:
                return True
            if item.must_run_alone:
                await self._claims.put_back(item)
                return False
            return await self._begin(item)
        finally:
            self._slots.leave()

    async def _serve_alone(self, conversation: str) -> None:
        async with self._slots.hold(alone=True):
            item = await self._claims.take(conversation)
            if isinstance(item, InboxItem):
                log.warning(
                    "a message was in hand when the process died; running it alone",
                    extra={"inbox_id": item.id, "crashes": item.crashes},
                )
                await self._begin(item)

    async def _serve_urgent(self, inbox_id: int, wake: asyncio.Event) -> None:
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
                    self._idle.set()
                    await first_of(self._clock.sleep(pause), wake.wait())
                    self._asleep.discard(inbox_id)
        finally:
            self._asleep.discard(inbox_id)
            del self._urgent[inbox_id]
            self._idle.set()

    async def _begin(self, item: InboxItem) -> bool:
        self._crash_points.reach("P2")
        return await self._run_turn(item)


@dataclass(frozen=True, slots=True)
class _First:
    """What a reserved lane begins with; nothing, when the message was known already."""

    item: InboxItem | None


def _put_off_for(item: InboxItem) -> float:
    """Give the seconds until an item whose handler raised runs again."""
    return retry_delay(item.failures).total_seconds()


def _accepted(item: InboxItem) -> MessageAccepted:
    return MessageAccepted(inbox_id=item.id, conversation=item.conversation, urgent=False)
