"""What happens around every turn, outermost first as `container` composes it."""

import logging
from collections.abc import Callable, Mapping

from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.access import may_talk
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelError,
    ModelRequestRefused,
    ModelUnavailable,
)
from minibot.core.inbox import MAX_ATTEMPTS, InboxItem, InboxState
from minibot.core.outbox import GIVE_UP_AFTER
from minibot.core.ports import Clock

log = logging.getLogger(__name__)


class Authorise:
    """Turns away whoever the settings no longer allow: a message may have waited long."""

    def __init__(self, moved_chats: Callable[[], Mapping[str, str]]) -> None:
        self._moved_chats = moved_chats

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        message = context.message
        if may_talk(
            context.settings,
            message.chat,
            person_id=message.sender.id,
            private=message.private,
            moved_chats=self._moved_chats(),
        ):
            return await call_next(context)
        return Answer(state=InboxState.IGNORED, problem="not allowed any more")


async def heed_address(call_next: Handler, context: TurnContext) -> Answer:
    """Stay silent in groups unless minibot is meant."""
    if context.message.addressed:
        return await call_next(context)
    return Answer(state=InboxState.IGNORED, problem="not addressed")


class Apologise:
    """Turns a model's failure into plain words with a reference that the logs carry.

    While another time may help, the message stays in line, and its person is told so once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        try:
            return await call_next(context)
        except ModelError as error:
            log.log(
                logging.WARNING if error.transient else logging.ERROR,
                "the model failed",
                extra={"error": type(error).__name__, "problem": str(error)},
            )
            return self._answer(error, context.item)

    def _answer(self, error: ModelError, item: InboxItem) -> Answer:
        problem = f"{type(error).__name__}: {error}"
        waited = self._clock.now() - item.received_at
        if isinstance(error, ModelUnavailable):
            if waited < GIVE_UP_AFTER:
                return Answer(
                    markdown=_queued(item), state=InboxState.WAITING, problem=problem, notice=True
                )
        elif error.transient and item.failures < MAX_ATTEMPTS:
            return Answer(
                markdown=_queued(item), state=InboxState.RETRY, problem=problem, notice=True
            )
        text = apology(_in_plain_words(error), item.reference)
        return Answer(markdown=text, problem=problem, notice=True)


def _queued(item: InboxItem) -> str:
    return (
        "⏳ The language model cannot be reached right now. I kept your message, and I will answer "
        f"when the model is back. (reference {item.reference})"
    )


def apology(reason: str, reference: str) -> str:
    """What a person reads when a message could not be answered."""
    return f"⚠️ {reason} (reference {reference})"


def _in_plain_words(error: ModelError) -> str:
    if isinstance(error, ModelAccessDenied):
        return (
            "The language model's provider refused our key or our balance, so I could not answer. "
            "Whoever runs me has to look at it."
        )
    if isinstance(error, ContextTooLong):
        return (
            "This conversation has become too long for the language model. "
            "Send /new to begin a fresh one, then ask again."
        )
    if isinstance(error, ModelRequestRefused):
        return "The language model refused this request, so I could not answer it."
    return (
        "The language model could not be reached or gave no usable answer. "
        "Please send your message again in a while."
    )
