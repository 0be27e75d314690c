"""Gives the last answer anew: its question was edited, or its person wants another one."""

import logging

from minibot.app.exchanges import ExchangeBook
from minibot.app.handlers.commands import split_command
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.running_turns import RunningTurns, aside_name
from minibot.core.exchanges import Exchange, says_the_same
from minibot.core.inbox import UNFINISHED, InboxState
from minibot.core.messages import IncomingMessage
from minibot.core.ports import Heard, Outcomes

log = logging.getLogger(__name__)

RETRY = "/retry"

UNCHANGED = "an edit that changed nothing of what was said"
OLDER = "an edit of an older message"
UNKNOWN = "an edit of a message that is not known"


class Redoing:
    """Middleware: has the model answer a last question again, in the place of its answer.

    An edit of what nobody answered, such as a command or words that were not for minibot, is a
    message like any other. An edit of what was answered before the last question changes nothing.
    """

    def __init__(self, book: ExchangeBook, outcomes: Outcomes, running: RunningTurns) -> None:
        self._book = book
        self._outcomes = outcomes
        self._running = running

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        message = context.message
        if message.edited:
            return await self._edited(call_next, context)
        if message.redoes:
            last = await self._book.last(context.item.conversation)
            wanted = last if last is not None and last.item == message.redoes else None
            return await call_next(await self.asked_again(context, wanted) or context)
        if split_command(message.text)[0].lower() == RETRY and not message.foreign:
            last = await self._book.last(context.item.conversation)
            return await call_next(await self.asked_again(context, last) or context)
        return await call_next(context)

    async def asked_again(
        self, context: TurnContext, exchange: Exchange | None
    ) -> TurnContext | None:
        """Have a turn answer an exchange of its person anew; None where that cannot be."""
        if exchange is None:
            return None
        questions = await self._book.questions(exchange)
        if not questions or questions[0].work is not None:
            return None
        if questions[0].sender.id != context.message.sender.id:
            return None
        return await self._book.again(
            context, exchange, questions=questions, ids=exchange.questions
        )

    async def _edited(self, call_next: Handler, context: TurnContext) -> Answer:
        last = await self._book.last(context.item.conversation)
        questions = [] if last is None else [*await self._book.questions(last)]
        place = _place_of(context.message, questions)
        if last is None or place is None:
            return await self._never_answered(call_next, context)
        if says_the_same(questions[place], context.message):
            return _nothing(UNCHANGED)
        if split_command(context.message.text)[0]:
            return await call_next(context)
        questions[place] = context.message
        ids = (*last.questions[:place], context.item.id, *last.questions[place + 1 :])
        return await call_next(await self._book.again(context, last, questions=questions, ids=ids))

    async def _never_answered(self, call_next: Handler, context: TurnContext) -> Answer:
        """Answer what was not answered before, if it was not."""
        item = context.item
        forms = await self._outcomes.heard(item.conversation, item.message.id, before=item.id)
        if not forms:
            return _nothing(UNKNOWN)
        if says_the_same(forms[0].message, item.message):
            return _nothing(UNCHANGED)
        for form in forms:
            if await self._was_answered(item.conversation, form):
                return _nothing(OLDER)
        for form in forms:
            if form.state in UNFINISHED:  # in the background, and nobody wants that any more
                self._running.stop(aside_name(form.inbox_id))
        return await call_next(context)

    async def _was_answered(self, conversation: str, form: Heard) -> bool:
        if form.state is not InboxState.DONE or form.problem:
            return await self._book.knows(conversation, form.inbox_id)
        # Of older exchanges nothing is known, but what is no command was asked of the model.
        return not split_command(form.message.text)[0]


def _place_of(edit: IncomingMessage, questions: list[IncomingMessage]) -> int | None:
    for place, question in enumerate(questions):
        if question.id == edit.id and question.sender.id == edit.sender.id:
            return place
    return None


def _nothing(why: str) -> Answer:
    log.info("an edit changes nothing", extra={"why": why})
    return Answer(state=InboxState.IGNORED, problem=why)
