"""What can be said over: the last exchange of a conversation, and all that hangs on it."""

from collections.abc import Sequence
from dataclasses import replace

from minibot.app.incognito import Incognito
from minibot.app.pipeline import FormerAnswer, TurnContext
from minibot.core.exchanges import Exchange
from minibot.core.gathering import joined
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.messages import IncomingMessage
from minibot.core.ports import Journal, Outcomes, SaidPart, UndoLog


class ExchangeBook:
    """Looks exchanges up."""

    def __init__(
        self,
        incognito: Incognito,
        *,
        outcomes: Outcomes,
        journal: Journal,
        undo_log: UndoLog,
    ) -> None:
        self._incognito = incognito
        self._outcomes = outcomes
        self._journal = journal
        self._undo_log = undo_log

    async def last(self, conversation: str) -> Exchange | None:
        """Give the last exchange; None when nothing was said since a fresh start."""
        if self._incognito.is_on(conversation):
            return self._incognito.last(conversation)
        return next(reversed(await self._outcomes.exchanges(conversation)), None)

    async def knows(self, conversation: str, inbox_id: int) -> bool:
        """Say whether an item was answered in one of the newest exchanges."""
        kept = await self._outcomes.exchanges(conversation)
        return any(inbox_id in each.questions for each in kept)

    def forget(self, conversation: str, exchange: Exchange) -> None:
        """Forget an exchange that only memory knows of."""
        self._incognito.drop(conversation, exchange)

    async def questions(self, exchange: Exchange) -> Sequence[IncomingMessage]:
        """Give what was asked, as it read last; nothing when some of it is not kept any more."""
        asked = [await self._outcomes.contents(each) for each in exchange.questions]
        known = [message for message in asked if message is not None]
        return known if len(known) == len(asked) else ()

    async def parts(self, exchange: Exchange) -> Sequence[SaidPart]:
        """Give the parts of the answer."""
        return await self._outcomes.said(exchange.item)

    async def steps(self, exchange: Exchange) -> list[StepRecord]:
        """Give what was done for an exchange, but for what was undone since."""
        steps = []
        for inbox_id in exchange.all_turns:
            for step in await self._journal.steps(inbox_id):
                calls = [
                    _without_files(call)
                    for call in step.calls
                    if not (call.undo_token and await self._undo_log.taken(call.undo_token))
                ]
                steps.append(replace(step, calls=tuple(calls)))
        return steps

    async def again(
        self,
        context: TurnContext,
        exchange: Exchange,
        *,
        questions: Sequence[IncomingMessage],
        ids: tuple[int, ...],
    ) -> TurnContext:
        """Have a turn answer an exchange anew.

        Args:
            questions: what is to be answered.
            ids: of its rows in the inbox.
        """
        message = replace(joined(questions), chat=context.message.chat, edited=False, redoes=0)
        former = FormerAnswer(
            exchange=exchange,
            questions=ids,
            parts=tuple(await self.parts(exchange)),
            steps=tuple(await self.steps(exchange)),
        )
        return replace(context, item=replace(context.item, message=message), former=former)


def _without_files(call: CallRecord) -> CallRecord:
    """Leave out what was sent: that was a part of the answer."""
    if call.result is None or not call.result.files:
        return call
    return replace(call, result=replace(call.result, files=()))
