"""Answers that take long: their person is asked whether the chat shall go on without them."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from minibot.app.durations import spoken
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.running_turns import RunningTurns, aside_name
from minibot.app.wording import Wording, in_own_language
from minibot.core.approvals import Refusal
from minibot.core.errors import IllegalTransition, StorageUnavailable
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.messages import Button, ChatRef, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Inbox, Outbox, Tell
from minibot.core.texts import Texts

log = logging.getLogger(__name__)

PRESS = "aside"
GO, STOP = "go", "stop"

STORAGE_PAUSE_SECONDS = 1.0

LetGo = Callable[[InboxItem], None]
"""Has the lane of an item go on without it; see `Dispatcher.let_go`."""


@dataclass(slots=True)
class _Turn:
    item: InboxItem
    began: float
    """Monotonic seconds."""
    is_aside: bool
    joined: Sequence[InboxItem]
    """Answered with the item."""
    card: str = ""
    """The key of the offer; empty before there is one."""


class LongTurns:
    """Knows the questions that are being answered, and what became of their offers."""

    def __init__(
        self,
        inbox: Inbox,
        outbox: Outbox,
        running: RunningTurns,
        *,
        let_go: LetGo,
        tell: Tell,
        clock: Clock,
        wording: Wording = in_own_language,
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._running = running
        self._let_go = let_go
        self._tell = tell
        self._clock = clock
        self._wording = wording
        self._turns: dict[int, _Turn] = {}

    def begin(self, context: TurnContext) -> None:
        item = context.item
        # One that is urgent was set aside by a process before this one.
        self._turns[item.id] = _Turn(item, self._clock.monotonic(), item.urgent, context.joined)

    def end(self, item: InboxItem) -> None:
        self._turns.pop(item.id, None)

    def is_aside(self, item: InboxItem) -> bool:
        turn = self._turns.get(item.id)
        return turn is not None and turn.is_aside

    async def offer(self, context: TurnContext) -> float:
        """Ask once, when an answer has taken as long as the settings say.

        Gives the seconds until there may be something to ask, which may be never.
        """
        turn = self._turns.get(context.item.id)
        patience = context.settings.tasks.offer_background_after_seconds
        if turn is None or turn.card or turn.is_aside or not patience:
            return math.inf
        if (left := turn.began + patience - self._clock.monotonic()) > 0:
            return left
        draft = offer_card(turn.item, self._wording(turn.item.message))
        try:
            await self._tell([draft])
        except StorageUnavailable:
            log.exception("storage failed; nobody is asked about a long answer for now")
            return STORAGE_PAUSE_SECONDS
        turn.card = draft.key
        return math.inf

    async def set_aside(self, inbox_id: int, person: str) -> Refusal | None:
        """Let a turn run on in the background; says why not. Raises `StorageUnavailable`."""
        turn = self._find(inbox_id, person)
        if isinstance(turn, Refusal):
            return turn
        if turn.is_aside:
            return Refusal.DECIDED
        try:
            for each in (turn.item, *turn.joined):
                await self._inbox.set_aside(each.id)
        except IllegalTransition:
            return Refusal.DECIDED  # it came to its end in this moment
        if inbox_id in self._turns and not turn.is_aside:
            turn.is_aside = True
            self._running.rename(turn.item.conversation, aside_name(inbox_id))
            self._let_go(turn.item)
        return None

    def stop(self, inbox_id: int, person: str) -> Refusal | None:
        """Stop a turn; says why not."""
        turn = self._find(inbox_id, person)
        if isinstance(turn, Refusal):
            return turn
        name = aside_name(inbox_id) if turn.is_aside else turn.item.conversation
        return None if self._running.stop(name) else Refusal.DECIDED

    def interrupt(self, conversation: str, person: str) -> bool:
        """Stop the answer to this person in its place, if there is one being written."""
        mine = any(
            not turn.is_aside
            and turn.item.conversation == conversation
            and turn.item.message.sender.id == person
            for turn in self._turns.values()
        )
        return mine and self._running.stop(conversation)

    def stop_aside(self, conversation: str) -> int:
        """Stop what a conversation has in the background; gives the number."""
        aside = [
            turn.item.id
            for turn in self._turns.values()
            if turn.is_aside and turn.item.conversation == conversation
        ]
        return sum(self._running.stop(aside_name(inbox_id)) for inbox_id in aside)

    async def settled(self, item: InboxItem, answer: Answer) -> Answer:
        """Have an answer point at its question, and close the offer."""
        turn = self._turns.get(item.id)
        if turn is None or not (turn.is_aside or turn.card) or answer.state is not InboxState.DONE:
            return answer
        answer = replace(answer, quote=True)
        card = await self._outbox.message_id(turn.card or f"{PRESS}:{item.id}")
        if not card:
            return answer
        texts = self._wording(item.message)
        took = spoken(timedelta(seconds=self._clock.monotonic() - turn.began), texts)
        closed = closed_card(item.id, texts.aside_done.format(time=took), item.message.chat, card)
        return replace(answer, drafts=(*answer.drafts, closed))

    def _find(self, inbox_id: int, person: str) -> _Turn | Refusal:
        turn = self._turns.get(inbox_id)
        if turn is None:
            return Refusal.DECIDED
        return turn if turn.item.message.sender.id == person else Refusal.NOT_YOURS


def offer_card(item: InboxItem, texts: Texts) -> Draft:
    buttons = ((_button(texts.aside_go, GO, item.id),), (_stop_button(item.id, texts),))
    return Draft(
        key=f"{PRESS}:{item.id}",
        chat=item.message.chat,
        part=Part(text=texts.aside_offer, buttons=buttons),
        reply_to=item.message.id,
    )


def set_aside_card(inbox_id: int, chat: ChatRef, message_id: str, texts: Texts) -> Draft:
    """Say on the card that the turn goes on, with a way to stop it."""
    return Draft(
        key=f"{PRESS}:{inbox_id}:{GO}",
        chat=chat,
        part=Part(text=texts.set_aside, buttons=((_stop_button(inbox_id, texts),),)),
        edits=message_id,
    )


def closed_card(inbox_id: int, text: str, chat: ChatRef, message_id: str) -> Draft:
    return Draft(key=f"{PRESS}:{inbox_id}:end", chat=chat, part=Part(text=text), edits=message_id)


def _button(label: str, choice: str, inbox_id: int) -> Button:
    return Button(label=label, data=f"{PRESS}:{choice}:{inbox_id}")


def _stop_button(inbox_id: int, texts: Texts) -> Button:
    return _button(texts.aside_stop, STOP, inbox_id)
