"""Reactions that people put at messages, where the settings give them a meaning."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from minibot.app.handlers.redo_commands import RedoCommands
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.redoing import Redoing
from minibot.core.inbox import InboxState
from minibot.core.messages import Arrival
from minibot.core.ports import Outcomes, Receive, SaidPart
from minibot.core.reactions import Verb, verb_of

log = logging.getLogger(__name__)

ACCOUNT = "minibot"
"""Whose delivery it is when a reaction is handed over to the topic it belongs to."""

Keep = Callable[[TurnContext, str], Awaitable[Answer]]
"""Remembers a text for who reacted."""


class Reactions:
    """Middleware that does what a reaction means, and passes everything else on.

    What was said by somebody else than minibot, or is not known any more, is left alone.
    """

    def __init__(
        self,
        redoing: Redoing,
        undo: RedoCommands,
        *,
        outcomes: Outcomes,
        stop: Callable[[str], bool],
        keep: Keep,
        receive: Receive,
    ) -> None:
        self._redoing = redoing
        self._undo = undo
        self._book = undo.book
        self._outcomes = outcomes
        self._stop = stop
        self._keep = keep
        self._receive = receive

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        message = context.message
        if not message.reaction:
            return await call_next(context)
        verb = verb_of(message.reaction, context.settings.chat.reactions)
        said = await self._outcomes.said_in(message.chat, message.id)
        if verb is None or said is None:
            return _nothing("a reaction that means nothing here")
        if said.chat.thread_id != message.chat.thread_id:
            return await self._hand_over(context, said)
        match verb:
            case Verb.RETRY:
                return await self._retry(call_next, context, said)
            case Verb.UNDO:
                if not await self._is_own_last(context, said):
                    return _nothing("a reaction to an answer that is not the last one")
                return await self._undo.undo(context)
            case Verb.STOP:
                return self._stopped(context)
            case Verb.REMEMBER:
                return await self._remember(context, said)

    async def _hand_over(self, context: TurnContext, said: SaidPart) -> Answer:
        """Have the topic deal with it: a channel does not say in which one a message is."""
        message = replace(context.message, chat=said.chat)
        arrival = Arrival(
            account=ACCOUNT,
            key=f"reaction:{context.item.id}",
            chat=said.chat,
            raw="",
            message=message,
            urgent=context.item.urgent,
        )
        await self._receive([arrival])
        return Answer()

    async def _retry(self, call_next: Handler, context: TurnContext, said: SaidPart) -> Answer:
        if await self._is_own_last(context, said):
            last = await self._book.last(context.item.conversation)
            if (again := await self._redoing.asked_again(context, last)) is not None:
                return await call_next(again)
        return _nothing("a reaction to an answer that is not the last one")

    async def _is_own_last(self, context: TurnContext, said: SaidPart) -> bool:
        """Say whether a message is the last answer, and an answer to who reacted."""
        last = await self._book.last(context.item.conversation)
        if last is None:
            return False
        shown = {part.message_id for part in await self._book.parts(last)}
        asked = await self._book.questions(last)
        return said.message_id in shown and all(
            question.sender.id == context.message.sender.id for question in asked
        )

    def _stopped(self, context: TurnContext) -> Answer:
        if self._stop(context.item.conversation):
            return Answer()
        return _nothing("a reaction that had nothing to stop")

    async def _remember(self, context: TurnContext, said: SaidPart) -> Answer:
        if said.part is None or not said.part.text:
            return _nothing("a reaction to a message without a text that is known")
        texts = self._undo.chats.texts(context.message)
        if said.part.incognito:
            return Answer(markdown=texts.not_incognito, quote=True)
        return replace(await self._keep(context, said.part.text), quote=True)


def _nothing(why: str) -> Answer:
    log.info("a reaction changes nothing", extra={"why": why})
    return Answer(state=InboxState.IGNORED, problem=why)
