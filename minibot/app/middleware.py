"""What happens around every turn, outermost first as `container` composes it."""

import logging
from collections.abc import Callable, Mapping

from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.wording import Wording, in_own_language
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
from minibot.core.texts import Texts

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

    def __init__(self, clock: Clock, wording: Wording = in_own_language) -> None:
        self._clock = clock
        self._wording = wording

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
        texts, problem = self._wording(item.message), f"{type(error).__name__}: {error}"
        state = self._again(error, item)
        if state is not None:
            away = texts.model_away.format(reference=item.reference)
            return Answer(markdown=away, state=state, problem=problem, notice=True)
        text = texts.apology.format(reason=_in_plain_words(error, texts), reference=item.reference)
        return Answer(markdown=text, problem=problem, notice=True)

    def _again(self, error: ModelError, item: InboxItem) -> InboxState | None:
        """Say how a message stays in line; None for one that another time would not help."""
        if isinstance(error, ModelUnavailable):
            waited = self._clock.now() - item.received_at
            return InboxState.WAITING if waited < GIVE_UP_AFTER else None
        return InboxState.RETRY if error.transient and item.failures < MAX_ATTEMPTS else None


def _in_plain_words(error: ModelError, texts: Texts) -> str:
    if isinstance(error, ModelAccessDenied):
        return texts.model_denied
    if isinstance(error, ContextTooLong):
        return texts.model_overfull
    if isinstance(error, ModelRequestRefused):
        return texts.model_refused
    return texts.model_failed
