"""Writes what came of a turn, and hands the answer on once it is stored."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import takewhile

from minibot.app.composing import Composer
from minibot.app.crash_points import CrashPoints
from minibot.app.delivery import Delivery
from minibot.app.event_bus import EventBus
from minibot.app.pipeline import Answer
from minibot.app.taking_back import removals
from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import IllegalTransition, StorageUnavailable
from minibot.core.events import TurnFinished
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxItem, InboxState, retry_delay
from minibot.core.messages import Part
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Inbox, Ledger, Outbox, SaidPart, TurnResult

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
        composer: Composer,
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
        self._composer = composer
        self._delivery = delivery
        self._bus = bus
        self._clock = clock
        self._crash_points = crash_points

    async def finish(
        self, item: InboxItem, answer: Answer, joined: Sequence[InboxItem] = ()
    ) -> bool:
        """Record what came of a turn; False when the item is back in line.

        Items that were `joined` end with it, or go back into the line behind it.
        """
        if answer.state in (InboxState.WAITING, InboxState.RETRY):
            await self._put_off(item, answer, joined)
            return False
        await self._end(item, answer, joined)
        return True

    async def _end(self, item: InboxItem, answer: Answer, joined: Sequence[InboxItem]) -> None:
        """Record history, outbox and inbox in one transaction, then deliver."""
        chat, result = item.message.chat, None

        async def write() -> None:
            nonlocal result
            if result is None:
                result = await self._result(item, answer, joined)
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

    async def _result(
        self, item: InboxItem, answer: Answer, joined: Sequence[InboxItem]
    ) -> TurnResult:
        return TurnResult(
            item=item,
            state=answer.state,
            entries=answer.entries,
            exchange=_exchange(item, answer),
            account=answer.account,
            drops=answer.drops,
            drafts=(*await self._drafts(item, answer), *answer.drafts),
            problem=answer.problem,
            forget_history=answer.forget_history,
            also=tuple(each.id for each in joined),
            choices=answer.choices,
        )

    async def _put_off(self, item: InboxItem, answer: Answer, joined: Sequence[InboxItem]) -> None:
        """Put an item back to be answered later, and say so, once however often it happens."""
        if answer.state is InboxState.RETRY:
            put_off = await self.postpone(item, answer.problem, joined)
        else:
            put_off = await self._let_wait(item, answer.problem)
            await self._give_all_back(joined)
        if not put_off:
            return
        drafts = await self._drafts(item, answer, key=f"queued:{item.id}")

        async def tell() -> None:
            self._delivery.hand_over(await self._outbox.enqueue(drafts))

        if drafts:
            await self._insist(item, tell)

    async def postpone(
        self, item: InboxItem, problem: str, joined: Sequence[InboxItem] = ()
    ) -> bool:
        """Put a failed item back, to run again after a pause that grows, and before what joined it.

        False when this process holds the item no more.
        """
        until = self._clock.now() + retry_delay(item.failures)
        postponed = await self._insist(item, lambda: self._inbox.postpone(item.id, until, problem))
        await self._give_all_back(joined)
        return postponed

    async def _let_wait(self, item: InboxItem, problem: str) -> bool:
        until = self._clock.now() + WAITING_AT_MOST
        waits = await self._insist(item, lambda: self._inbox.wait(item.id, until, problem))
        if waits:
            self._on_waiting()
        return waits

    async def give_back(self, item: InboxItem, joined: Sequence[InboxItem] = ()) -> None:
        """Put an item back as if it had not been claimed, unless it was recorded already."""
        for each in (*joined, item):
            try:
                await self._inbox.release(each.id)
            except IllegalTransition:
                log.debug("nothing to give back", extra={"inbox_id": each.id})
            except StorageUnavailable:
                log.exception("storage failed; the next start takes the message back")

    async def _give_all_back(self, joined: Sequence[InboxItem]) -> None:
        """Put back what joined an item; the line stands still until that is done."""
        for item in joined:
            await self._insist(item, partial(self._inbox.release, item.id))

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

    async def _drafts(
        self, item: InboxItem, answer: Answer, key: str | None = None
    ) -> tuple[Draft, ...]:
        message = item.message
        parts = await self._composer.compose(message, answer)
        key = key or f"inbox:{item.id}"
        quotes = answer.quote or not message.private
        places, left_over = _places(parts, answer)
        said = tuple(
            Draft(
                key=f"{key}:{number}",
                chat=message.chat,
                part=replace(part, incognito=True) if answer.incognito else part,
                reply_to=message.id if quotes and not number else "",
                inbox_id=item.id,
                replaces=place,
            )
            for number, (part, place) in enumerate(zip(parts, places, strict=True))
        )
        return said + removals(left_over, f"redone:{item.id}", message.chat)


def _exchange(item: InboxItem, answer: Answer) -> Exchange | None:
    """Name what goes into the history, so that it can be found there again."""
    entries, asked = len(answer.entries), answer.exchange
    if not entries:
        return None
    if asked is None:
        return Exchange(item=item.id, questions=(item.id,), entries=entries)
    return Exchange(item=asked.item, questions=asked.questions, turns=asked.turns, entries=entries)


def _places(parts: Sequence[Part], answer: Answer) -> tuple[list[str], Sequence[SaidPart]]:
    """Give for each part the key of the one whose place it takes, and those nobody takes.

    Only a text can become another text, and what stands behind a file belongs to that.
    """
    former = [each for each in answer.in_place_of if each.part is None or each.part.file is None]
    if [part.text for part in parts] == [each.part and each.part.text for each in former]:
        former = []  # an edit would not be seen: said anew, it is
    keys = [answer.replaces] if answer.replaces else [each.key for each in former]
    texts = sum(1 for _ in takewhile(lambda part: part.file is None, parts))
    places = [*keys[:texts], *([""] * (len(parts) - len(keys[:texts])))]
    return places, [each for each in answer.in_place_of if each.key not in places]


async def _as_coroutine(write: Callable[[], Awaitable[None]]) -> None:
    await write()
