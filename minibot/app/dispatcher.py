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
from minibot.app.urgent import UrgentItems
from minibot.core.events import ChatRekeyed, Event, MessageAccepted, SettingsChanged
from minibot.core.inbox import InboxItem
from minibot.core.messages import ChatRef
from minibot.core.ports import Clock, Inbox

log = logging.getLogger(__name__)

CAPACITY = 10_000
"""Hints that may wait. When more do, all are dropped and the inbox is read instead."""

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
        self._urgent = UrgentItems(
            self._claims, begin=self._begin, on_rest=lambda: self._idle.set(), clock=clock
        )
        self._aside: set[int] = set()
        """Items that run on beside their lane."""
        self._scanned = False
        self._events: Subscription | None = None
        self._idle = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled; turns that still run are cancelled with it."""
        self._lanes.clear()
        self._urgent.clear()
        self._aside.clear()
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

    def let_go(self, item: InboxItem) -> None:
        """Have the lane that runs an item, which is no more in its line, go on without it."""
        wake = asyncio.Event()
        if self._tasks is None or item.id in self._aside:
            return
        self._aside.add(item.id)
        self._lanes[item.conversation] = wake
        self._tasks.create_task(
            self._serve(item.conversation, wake), name=f"lane {item.conversation}"
        )

    def stop_claiming(self) -> None:
        """Begin nothing new; what runs goes on."""
        self._claims.close()
        for wake in self._lanes.values():
            wake.set()
        self._urgent.wake_all()

    async def drained(self) -> None:
        """Wait until no turn runs and none is about to begin."""
        while self._is_busy():
            self._idle.clear()
            await self._idle.wait()

    def _is_busy(self) -> bool:
        if not self._scanned or self._events is None:
            return True
        running = self._lanes or self._aside or self._urgent.at_work
        return bool(running or self._events.stats().depth)

    async def _on_event(self, event: Event, tasks: asyncio.TaskGroup) -> None:
        match event:
            case MessageAccepted():
                await self._claims.put_back_abandoned()
                self._wake(event, tasks)
            case Resync():
                log.warning("too many messages at once; reading the inbox instead")
                await self._scan(tasks)
            case ChatRekeyed(old=old):
                # What comes under the new name finds the conversation busy: whoever has it busy
                # must look for more in the end.
                for conversation, wake in self._lanes.items():
                    if ChatRef.parse(conversation).chat_key == old.chat_key:
                        wake.set()
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
        if event.urgent:
            self._urgent.wake(event.inbox_id, tasks)
            return
        if (wake := self._lanes.get(event.conversation)) is not None:
            wake.set()
            return
        wake = self._lanes[event.conversation] = asyncio.Event()
        tasks.create_task(self._serve(event.conversation, wake), name=f"lane {event.conversation}")

    async def _serve(
        self, conversation: str, wake: asyncio.Event, first: "_First | None" = None
    ) -> None:
        try:
            if first is not None and await self._serve_first(first.item) and not wake.is_set():
                return  # an idle lane's only message, so there is nothing to ask the inbox
            while self._claims.open and self._lanes.get(conversation) is wake:
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
            if self._lanes.get(conversation) is wake:
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

    async def _begin(self, item: InboxItem) -> bool:
        self._crash_points.reach("P2")
        done = False
        try:
            done = await self._run_turn(item)
            return done
        finally:
            if item.id in self._aside:
                self._aside.discard(item.id)
                if not done:  # and so it is served by whoever serves urgent items
                    self._bus.publish(_accepted(item, urgent=True))


@dataclass(frozen=True, slots=True)
class _First:
    """What a reserved lane begins with; nothing, when the message was known already."""

    item: InboxItem | None


def _accepted(item: InboxItem, *, urgent: bool = False) -> MessageAccepted:
    return MessageAccepted(inbox_id=item.id, conversation=item.conversation, urgent=urgent)
