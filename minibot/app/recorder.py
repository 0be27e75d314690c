"""Writes what came of a turn, and hands the answer on once it is stored."""

import logging
from collections.abc import Awaitable, Callable

from minibot.app.channels import ChannelSet
from minibot.app.crash_points import CrashPoints
from minibot.app.delivery import Delivery
from minibot.app.event_bus import EventBus
from minibot.app.pipeline import Answer
from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import IllegalTransition, StorageUnavailable
from minibot.core.events import TurnFinished
from minibot.core.inbox import InboxItem, retry_delay
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Inbox, Ledger, TurnResult

log = logging.getLogger(__name__)

STORAGE_PAUSE_SECONDS = 0.5
"""Wait before a record that could not be written is offered again."""


class Recorder:
    """Ends items. A full disk delays a record and never drops it."""

    def __init__(
        self,
        inbox: Inbox,
        ledger: Ledger,
        *,
        channels: ChannelSet,
        delivery: Delivery,
        bus: EventBus,
        clock: Clock,
        crash_points: CrashPoints,
    ) -> None:
        self._inbox = inbox
        self._ledger = ledger
        self._channels = channels
        self._delivery = delivery
        self._bus = bus
        self._clock = clock
        self._crash_points = crash_points

    async def finish(self, item: InboxItem, answer: Answer) -> None:
        """Record history, outbox and inbox in one transaction, then deliver."""
        result = TurnResult(
            item=item,
            state=answer.state,
            entries=answer.entries,
            drafts=self._drafts(item, answer.markdown),
            problem=answer.problem,
            forget_history=answer.forget_history,
        )
        chat = item.message.chat

        async def write() -> None:
            claim_first = self._delivery.is_free(chat)
            parts = await self._ledger.finish(result, claim_first=claim_first)
            self._crash_points.reach("P5")
            self._delivery.hand_over(parts)

        if await self._insist(item, write):
            self._bus.publish(
                TurnFinished(
                    inbox_id=item.id, conversation=item.conversation, outcome=answer.state.value
                )
            )

    async def postpone(self, item: InboxItem, problem: str) -> None:
        """Put a failed item back, to run again after a pause that grows."""
        until = self._clock.now() + retry_delay(item.failures)
        await self._insist(item, lambda: self._inbox.postpone(item.id, until, problem))

    async def give_back(self, item: InboxItem) -> None:
        """Put an item back as if it had not been claimed, unless it was recorded already."""
        try:
            await self._inbox.release(item.id)
        except IllegalTransition:
            log.debug("nothing to give back", extra={"inbox_id": item.id})
        except StorageUnavailable:
            log.exception("storage failed; the next start takes the message back")

    async def _insist(self, item: InboxItem, write: Callable[[], Awaitable[None]]) -> bool:
        """Write until it succeeds; False when this process holds the item no more."""
        while True:
            try:
                await uninterrupted(_as_coroutine(write))
            except StorageUnavailable:
                log.exception("storage failed; the record is kept and offered again")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)
            except IllegalTransition:
                log.exception("not ours any more; nothing is recorded", extra={"inbox_id": item.id})
                return False
            else:
                return True

    def _drafts(self, item: InboxItem, markdown: str) -> tuple[Draft, ...]:
        if not markdown:
            return ()
        message = item.message
        parts = self._channels.render(message.chat.channel, markdown)
        return tuple(
            Draft(
                key=f"inbox:{item.id}:{number}",
                chat=message.chat,
                part=part,
                reply_to="" if message.private or number else message.id,
                inbox_id=item.id,
            )
            for number, part in enumerate(parts)
        )


async def _as_coroutine(write: Callable[[], Awaitable[None]]) -> None:
    await write()
