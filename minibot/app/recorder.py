"""Writes what came of a turn, and hands the answer on once it is stored."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from minibot.app.channels import ChannelSet
from minibot.app.crash_points import CrashPoints
from minibot.app.delivery import Delivery
from minibot.app.event_bus import EventBus
from minibot.app.pipeline import Answer
from minibot.app.uninterrupted import uninterrupted
from minibot.core.account import CHOICE, dump_account
from minibot.core.errors import IllegalTransition, StorageUnavailable
from minibot.core.events import TurnFinished
from minibot.core.inbox import InboxItem, InboxState, retry_delay
from minibot.core.messages import Part
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Inbox, Ledger, Outbox, TurnResult

log = logging.getLogger(__name__)

STORAGE_PAUSE_SECONDS = 0.5
"""Wait before a record that could not be written is offered again."""

WAITING_AT_MOST = timedelta(minutes=5)
"""An item that waits for a model is looked at again after this, if nobody wakes it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """Where turns begin and end."""

    inbox: Inbox
    outbox: Outbox
    ledger: Ledger


class Recorder:
    """Ends items. A full disk delays a record and never drops it."""

    def __init__(
        self,
        queues: Queues,
        *,
        channels: ChannelSet,
        delivery: Delivery,
        bus: EventBus,
        clock: Clock,
        crash_points: CrashPoints,
        on_waiting: Callable[[], None],
    ) -> None:
        self._inbox = queues.inbox
        self._outbox = queues.outbox
        self._ledger = queues.ledger
        self._on_waiting = on_waiting
        self._channels = channels
        self._delivery = delivery
        self._bus = bus
        self._clock = clock
        self._crash_points = crash_points

    async def finish(self, item: InboxItem, answer: Answer) -> bool:
        """Record what came of a turn; False when the item is back in line."""
        if answer.state in (InboxState.WAITING, InboxState.RETRY):
            await self._put_off(item, answer)
            return False
        await self._end(item, answer)
        return True

    async def _end(self, item: InboxItem, answer: Answer) -> None:
        """Record history, outbox and inbox in one transaction, then deliver."""
        result = TurnResult(
            item=item,
            state=answer.state,
            entries=answer.entries,
            drafts=(*self._drafts(item, answer), *answer.drafts),
            problem=answer.problem,
            forget_history=answer.forget_history,
            choices=() if answer.account is None else ((CHOICE, dump_account(answer.account)),),
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

    async def _put_off(self, item: InboxItem, answer: Answer) -> None:
        """Put an item back to be answered later, and say so, once however often it happens."""
        if answer.state is InboxState.RETRY:
            put_off = await self.postpone(item, answer.problem)
        else:
            put_off = await self._let_wait(item, answer.problem)
        if not put_off:
            return
        drafts = self._drafts(item, answer, key=f"queued:{item.id}")

        async def tell() -> None:
            self._delivery.hand_over(await self._outbox.enqueue(drafts))

        if drafts:
            await self._insist(item, tell)

    async def postpone(self, item: InboxItem, problem: str) -> bool:
        """Put a failed item back, to run again after a pause that grows.

        False when this process holds the item no more.
        """
        until = self._clock.now() + retry_delay(item.failures)
        return await self._insist(item, lambda: self._inbox.postpone(item.id, until, problem))

    async def _let_wait(self, item: InboxItem, problem: str) -> bool:
        until = self._clock.now() + WAITING_AT_MOST
        waits = await self._insist(item, lambda: self._inbox.wait(item.id, until, problem))
        if waits:
            self._on_waiting()
        return waits

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

    def _drafts(self, item: InboxItem, answer: Answer, key: str | None = None) -> tuple[Draft, ...]:
        message = item.message
        parts = self._parts(message.chat.channel, answer)
        key = key or f"inbox:{item.id}"
        quotes = answer.quote or not message.private
        return tuple(
            Draft(
                key=f"{key}:{number}",
                chat=message.chat,
                part=part,
                reply_to=message.id if quotes and not number else "",
                inbox_id=item.id,
                replaces=answer.replaces if not number and part.file is None else "",
            )
            for number, part in enumerate(parts)
        )

    def _parts(self, channel: str, answer: Answer) -> list[Part]:
        """Render an answer: its text, buttons under the end of it, then its files."""
        parts: list[Part] = []
        if answer.markdown:
            parts += self._channels.render(channel, answer.markdown)
        if parts and answer.buttons:
            parts[-1] = replace(parts[-1], buttons=answer.buttons)
        for file in answer.files:
            caption = self._channels.render(channel, file.caption)[:1] if file.caption else ()
            text = caption[0] if caption else Part(text="")
            parts.append(replace(text, file=file))
        return parts


async def _as_coroutine(write: Callable[[], Awaitable[None]]) -> None:
    await write()
