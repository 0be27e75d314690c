"""Brings stored parts to their chats: in order, paced, and until they arrive."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from minibot.app.channels import ChannelSet
from minibot.app.crash_points import CrashPoints
from minibot.app.event_bus import EventBus
from minibot.app.moved_chats import MovedChats
from minibot.app.pacing import Pacing
from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import (
    ChatClosed,
    ChatMoved,
    SendFailed,
    SendRefused,
    SlowDown,
    StorageUnavailable,
)
from minibot.core.events import PartDead, PartDelivered
from minibot.core.log_context import bind
from minibot.core.messages import ChatRef
from minibot.core.outbox import GIVE_UP_AFTER, OutboxState, OutgoingPart, retry_delay
from minibot.core.ports import Channel, Clock, Outbox

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""Wait before the storage, or a channel that is off, is tried again."""


class Delivery:
    """One serial sender a chat. A queue holds no more than the outbox does."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        channels: ChannelSet,
        moved_chats: MovedChats,
        bus: EventBus,
        clock: Clock,
        random: Callable[[], float],
        crash_points: CrashPoints,
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._moved_chats = moved_chats
        self._bus = bus
        self._clock = clock
        self._random = random
        self._crash_points = crash_points
        self._pacing = Pacing(clock)
        self._queues: dict[str, deque[OutgoingPart]] = {}
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._resting: set[str] = set()
        self._progress = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled; a part whose sending is cut short is sent again."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._load(await self._outbox.waiting())
                self._tasks = tasks
                self._start_senders(list(self._queues))
                self._note_progress()
                await asyncio.get_running_loop().create_future()
        finally:
            self._tasks = None
            self._senders.clear()
            self._resting.clear()

    def is_free(self, chat: ChatRef) -> bool:
        """Say whether a part handed over now would be sent at once."""
        running = self._tasks is not None
        return running and chat.chat_key not in self._queues and self._pacing.delay(chat) <= 0

    def hand_over(self, parts: Sequence[OutgoingPart]) -> None:
        """Deliver parts that are stored."""
        for part in parts:
            self._queues.setdefault(part.chat.chat_key, deque()).append(part)
        self._start_senders({part.chat.chat_key for part in parts})

    async def settled(self) -> None:
        """Wait until nothing is left that could be delivered at this moment."""
        while self._tasks is None or self._senders.keys() - self._resting:
            self._progress.clear()
            await self._progress.wait()

    def _load(self, waiting: Sequence[OutgoingPart]) -> None:
        """Queue what is stored behind what was handed over already, in the order of writing."""
        known = {part.id for queue in self._queues.values() for part in queue}
        for part in waiting:
            if part.id not in known:
                self._queues.setdefault(part.chat.chat_key, deque()).append(part)
        for chat, queue in self._queues.items():
            self._queues[chat] = deque(sorted(queue, key=lambda part: part.id))

    def _start_senders(self, chats: Iterable[str]) -> None:
        if self._tasks is None:
            return
        for chat in chats:
            if chat not in self._senders:
                self._senders[chat] = self._tasks.create_task(
                    self._serve(chat, self._queues[chat]), name=f"sender {chat}"
                )

    async def _serve(self, chat: str, queue: deque[OutgoingPart]) -> None:
        while queue:
            try:
                await self._deliver(queue)
            except StorageUnavailable:
                log.exception("storage failed; trying again")
                await self._rest(queue[0].chat, PAUSE_SECONDS)
        # Nothing is awaited from the check of the queue to here, so nothing is overlooked.
        del self._senders[chat]
        del self._queues[chat]
        self._note_progress()

    async def _deliver(self, queue: deque[OutgoingPart]) -> None:
        """Bring the first part one step further."""
        part = queue[0]
        channel = self._channels.find(part.chat.channel)
        if channel is None:
            await self._rest(part.chat, PAUSE_SECONDS)
            return
        await self._await_permission(part)
        if part.state is not OutboxState.SENDING:
            claimed = await self._outbox.claim(part.id)
            if claimed is None:
                queue.popleft()
                return
            part = queue[0] = claimed
        self._crash_points.reach("P6")
        await self._send(channel, part, queue)

    async def _send(self, channel: Channel, part: OutgoingPart, queue: deque[OutgoingPart]) -> None:
        try:
            with bind(request_id=part.reference, conversation=part.chat.key):
                message_id = await channel.send(part)
        except SlowDown as error:
            self._pacing.slow_down(part.chat, error.retry_after)
            await self._postpone(queue, timedelta(seconds=error.retry_after), str(error))
        except ChatMoved as error:
            await self._move(queue, error.new_chat_id)
        except ChatClosed as error:
            while queue:
                await self._bury(queue, str(error))
        except SendRefused as error:
            await self._bury(queue, str(error))
        except SendFailed as error:
            await self._after_failure(queue, str(error))
        else:
            self._crash_points.reach("P7")
            self._pacing.succeeded(part.chat)
            await self._mark_sent(part, message_id)
            queue.popleft()
            self._bus.publish(
                PartDelivered(part_id=part.id, conversation=part.chat.key, attempts=part.attempts)
            )

    async def _mark_sent(self, part: OutgoingPart, message_id: str) -> None:
        """Insist: while this is not recorded, a restart would send the part again."""
        while True:
            try:
                return await uninterrupted(self._outbox.mark_sent(part.id, message_id))
            except StorageUnavailable:
                log.exception("storage failed; a delivered part is not recorded yet")
                await self._rest(part.chat, PAUSE_SECONDS)

    async def _after_failure(self, queue: deque[OutgoingPart], problem: str) -> None:
        part = queue[0]
        if self._clock.now() - part.created_at > GIVE_UP_AFTER:
            await self._bury(queue, f"could not be delivered for a day: {problem}")
            return
        log.warning(
            "a part could not be sent and will be tried again",
            extra={"part_id": part.id, "attempts": part.attempts, "problem": problem},
        )
        await self._postpone(queue, retry_delay(part.attempts, self._random()), problem)

    async def _postpone(self, queue: deque[OutgoingPart], pause: timedelta, problem: str) -> None:
        until = self._clock.now() + pause
        await self._outbox.postpone(queue[0].id, until, problem)
        queue[0] = replace(queue[0], state=OutboxState.RETRY, not_before=until)

    async def _bury(self, queue: deque[OutgoingPart], problem: str) -> None:
        part = queue[0]
        await self._outbox.bury(part.id, problem)
        queue.popleft()
        log.error("a part is given up", extra={"part_id": part.id, "problem": problem})
        self._bus.publish(PartDead(part_id=part.id, conversation=part.chat.key, problem=problem))

    async def _move(self, queue: deque[OutgoingPart], new_chat_id: str) -> None:
        part = queue[0]
        await self._outbox.release(part.id)
        queue[0] = replace(part, state=OutboxState.PENDING)
        moved = await self._moved_chats.move(part.chat, new_chat_id)
        queue.clear()
        self.hand_over(moved)

    async def _await_permission(self, part: OutgoingPart) -> None:
        while (pause := self._pause_before(part)) > 0:
            await self._rest(part.chat, pause)
        self._pacing.take(part.chat)

    def _pause_before(self, part: OutgoingPart) -> float:
        own = (part.not_before - self._clock.now()).total_seconds()
        return max(own, self._pacing.delay(part.chat))

    async def _rest(self, chat: ChatRef, seconds: float) -> None:
        self._resting.add(chat.chat_key)
        self._note_progress()
        try:
            await self._clock.sleep(seconds)
        finally:
            self._resting.discard(chat.chat_key)

    def _note_progress(self) -> None:
        self._progress.set()
