"""Brings stored parts to their chats: in order, paced, and until they arrive."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from minibot.app.channels import ChannelSet
from minibot.app.chat_queues import ChatQueues, Queue
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
    """Sends parts, one after the other in each chat, by whichever channel the chat is of."""

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
        self.pacing = Pacing(clock)
        self._queues = ChatQueues(self._advance, clock)

    async def run(self) -> None:
        """Serve until cancelled; a part whose sending is cut short is sent again."""
        await self._queues.run(await self._outbox.waiting())

    def is_free(self, chat: ChatRef) -> bool:
        """Say whether a part handed over now would be sent at once."""
        return self._queues.is_free(chat) and self.pacing.delay(chat) <= 0

    def hand_over(self, parts: Sequence[OutgoingPart]) -> None:
        """Deliver parts that are stored."""
        self._queues.add(parts)

    async def settled(self) -> None:
        """Wait until nothing is left that could be delivered at this moment."""
        await self._queues.settled()

    async def _advance(self, queue: Queue) -> None:
        try:
            await self._deliver(queue)
        except StorageUnavailable:
            log.exception("storage failed; trying again")
            await self._queues.rest(queue[0].chat, PAUSE_SECONDS)

    async def _deliver(self, queue: Queue) -> None:
        """Bring the first part one step further."""
        part = queue[0]
        await self._await_permission(part)
        channel = self._channels.find(part.chat.channel)
        if channel is None:
            await self._queues.rest(part.chat, PAUSE_SECONDS)
        elif part.state is OutboxState.SENDING or await uninterrupted(self._claim(queue)):
            with bind(request_id=part.reference, conversation=part.chat.key):
                await self._send(channel, queue)

    async def _claim(self, queue: Queue) -> bool:
        """Mark the first part as being sent; one that does not wait any more is dropped."""
        claimed = await self._outbox.claim(queue[0].id)
        if claimed is None:
            queue.popleft()
            return False
        queue[0] = claimed
        return True

    async def _send(self, channel: Channel, queue: Queue) -> None:
        part = queue[0]
        resolved = await _resolved(part, self._outbox)
        self._crash_points.reach("P6")
        try:
            message_id = await channel.send(resolved)
        except SlowDown as error:
            self.pacing.slow_down(part.chat, error.retry_after)
            pause = timedelta(seconds=error.retry_after)
            consequence = self._postpone(queue, pause, str(error))
        except ChatMoved as error:
            consequence = self._move(queue, error.new_chat_id)
        except ChatClosed as error:
            consequence = self._bury(queue, str(error), parts=len(queue))
        except SendRefused as error:
            consequence = self._bury(queue, str(error))
        except SendFailed as error:
            consequence = self._after_failure(queue, str(error))
        except Exception as error:
            # Boundary: a part that breaks its channel holds up its own chat and no other.
            log.exception("a channel broke", extra={"part_id": part.id})
            consequence = self._after_failure(queue, f"{type(error).__name__}: {error}")
        else:
            self._crash_points.reach("P7")
            queue.popleft()  # before it is recorded: whatever happens, it is not sent twice
            await self._mark_sent(part, message_id)
            return
        await uninterrupted(consequence)

    async def _mark_sent(self, part: OutgoingPart, message_id: str) -> None:
        """Insist: while this is not recorded, a restart would send the part again."""
        self.pacing.succeeded(part.chat)
        while True:
            try:
                await uninterrupted(self._outbox.mark_sent(part.id, message_id))
            except StorageUnavailable:
                log.exception("storage failed; a delivered part is not recorded yet")
                await self._queues.rest(part.chat, PAUSE_SECONDS)
            else:
                break
        self._bus.publish(
            PartDelivered(
                part_id=part.id,
                conversation=part.chat.key,
                attempts=part.attempts,
                inbox_id=part.inbox_id,
            )
        )

    async def _after_failure(self, queue: Queue, problem: str) -> None:
        part = queue[0]
        if self._clock.now() - part.created_at > GIVE_UP_AFTER:
            await self._bury(queue, f"could not be delivered for a day: {problem}")
            return
        log.warning(
            "a part could not be sent and will be tried again",
            extra={"part_id": part.id, "attempts": part.attempts, "problem": problem},
        )
        await self._postpone(queue, retry_delay(part.attempts, self._random()), problem)

    async def _postpone(self, queue: Queue, pause: timedelta, problem: str) -> None:
        until = self._clock.now() + pause
        await self._outbox.postpone(queue[0].id, until, problem)
        queue[0] = replace(queue[0], state=OutboxState.RETRY, not_before=until)

    async def _bury(self, queue: Queue, problem: str, *, parts: int = 1) -> None:
        for _ in range(parts):
            part = queue[0]
            await self._outbox.bury(part.id, problem)
            queue.popleft()
            log.error("a part is given up", extra={"part_id": part.id, "problem": problem})
            self._bus.publish(
                PartDead(
                    part_id=part.id,
                    conversation=part.chat.key,
                    problem=problem,
                    inbox_id=part.inbox_id,
                )
            )

    async def _move(self, queue: Queue, new_chat_id: str) -> None:
        part = queue[0]
        await self._outbox.release(part.id)
        queue[0] = replace(part, state=OutboxState.PENDING)
        moved = await self._moved_chats.move(part.chat, new_chat_id)
        # What waits here is not among them when somebody else had moved the chat before.
        left = (replace(part, chat=replace(part.chat, chat_id=new_chat_id)) for part in queue)
        parts = {part.id: part for part in (*left, *moved)}
        queue.clear()
        self.hand_over([parts[part_id] for part_id in sorted(parts)])

    async def _await_permission(self, part: OutgoingPart) -> None:
        def pause() -> float:
            own = (part.not_before - self._clock.now()).total_seconds()
            return max(own, self.pacing.delay(part.chat))

        while (seconds := pause()) > 0:
            await self._queues.rest(part.chat, seconds)
        self.pacing.take(part.chat)


async def _resolved(part: OutgoingPart, outbox: Outbox) -> OutgoingPart:
    """Find the message that a part replaces: it was sent before this, being first in line."""
    if not part.replaces:
        return part
    return replace(part, edits=await outbox.message_id(part.replaces))
