"""Answers presses of buttons."""

import logging
from collections.abc import Mapping
from typing import Protocol

from minibot.app.agent.approval_desk import PRESS, ApprovalDesk, outcome_of, settled
from minibot.app.agent.receipts import UNDO_PRESS
from minibot.app.channels import ChannelSet
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.wording import Wording, in_own_language
from minibot.core.approvals import Refusal
from minibot.core.errors import StorageError, ToolFailed
from minibot.core.inbox import InboxState
from minibot.core.messages import Part, Press
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Toolbox, UndoLog
from minibot.core.texts import ENGLISH, Texts

log = logging.getLogger(__name__)


def refusals(texts: Texts) -> dict[Refusal, str]:
    return {
        Refusal.UNKNOWN: texts.button_unknown,
        Refusal.NOT_YOURS: texts.button_not_yours,
        Refusal.DECIDED: texts.button_decided,
        Refusal.EXPIRED: texts.button_expired,
    }


REFUSALS = refusals(ENGLISH)


class Button(Protocol):
    """Reacts to one kind of button."""

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        """Do what the button says; gives words for who pressed it, and what is to be recorded.

        `data` is what stands behind the kind.
        """


def refused(refusal: Refusal) -> tuple[str, Answer]:
    """Say to who pressed a button why it does nothing."""
    return REFUSALS[refusal], Answer(state=InboxState.IGNORED, problem=refusal.value)


class Presses:
    """Middleware that hands presses to the buttons' owners and passes everything else on."""

    def __init__(
        self,
        buttons: Mapping[str, Button],
        channels: ChannelSet,
        wording: Wording = in_own_language,
    ) -> None:
        self._buttons = buttons
        self._channels = channels
        self._wording = wording

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        press = context.message.press
        if press is None:
            return await call_next(context)
        kind, _, data = press.data.partition(":")
        button = self._buttons.get(kind)
        if button is None:
            said, answer = refused(Refusal.UNKNOWN)
        else:
            said, answer = await button(context, press, data)
        if answer.state is InboxState.IGNORED and said in REFUSALS.values():
            said = refusals(self._wording(context.message))[Refusal(answer.problem)]
        channel = self._channels.find(context.message.chat.channel)
        if channel is not None and press.id:
            await channel.acknowledge(press.id, said)
        return answer


class ApprovalButton:
    """Takes the answer to a question for permission."""

    kind = PRESS

    def __init__(self, desk: ApprovalDesk, wording: Wording = in_own_language) -> None:
        self._desk = desk
        self._wording = wording

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        code, _, token = data.partition(":")
        decided = await self._desk.decide(token, context.message.sender.id, code)
        if isinstance(decided, Refusal):
            return refused(decided)
        texts = self._wording(context.message)
        card = settled(decided, press.message_id, texts)
        return outcome_of(decided, texts), Answer(drafts=(card,))


class UndoButton:
    """Takes something back."""

    kind = UNDO_PRESS

    def __init__(
        self,
        undo_log: UndoLog,
        toolbox: Toolbox,
        clock: Clock,
        wording: Wording = in_own_language,
    ) -> None:
        self._undo_log = undo_log
        self._toolbox = toolbox
        self._clock = clock
        self._wording = wording

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        alone, _, token = data.partition(":")
        person = context.message.sender.id
        taken = await self._undo_log.take(token, person, self._clock.now())
        if isinstance(taken, Refusal):
            return refused(taken)
        texts = self._wording(context.message)
        try:
            said = await self._toolbox.undo(taken.action, taken.owner)
        except (ToolFailed, StorageError) as error:
            await self._undo_log.put_back(token)
            return texts.failed.format(problem=error), Answer(problem=str(error))
        log.info("something was taken back", extra={"kind": taken.action.kind})
        bare = Draft(
            key=f"undo:{token}:buttons",
            chat=context.message.chat,
            part=Part(text=""),
            edits=press.message_id,
        )
        return texts.done, Answer(
            markdown=f"↩️ {literal(said)}", drafts=(bare,) if alone == "1" else ()
        )
