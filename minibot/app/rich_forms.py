"""Which chats are shown the richer form of answers, and what is done where it is not known."""

import logging

from minibot.app.chat_settings import ChatSettingsBook
from minibot.core.chat_settings import Switch
from minibot.core.errors import StorageError
from minibot.core.messages import ChatRef, Part
from minibot.core.outbox import Draft, OutgoingPart
from minibot.core.ports import Outcomes, Tell
from minibot.core.texts import Texts, texts_in

log = logging.getLogger(__name__)


class ChosenRichForms:
    """Implements `minibot.core.ports.RichForms` by the choices of chats; off where none was made.

    Told first, chosen then: whoever dies between is refused again at the next start, and the notice
    is known by its key.
    """

    def __init__(self, chats: ChatSettingsBook, outcomes: Outcomes, *, tell: Tell) -> None:
        self._chats = chats
        self._outcomes = outcomes
        self._tell = tell

    def wanted(self, chat: ChatRef) -> bool:
        return self._chats.of(chat.key).rich is Switch.ON

    async def refused(self, part: OutgoingPart, problem: str) -> None:
        if not self.wanted(part.chat):
            return
        log.warning(
            "rich messages are not known here and switched off",
            extra={"conversation": part.chat.key, "problem": problem},
        )
        try:
            notice = Part(text=(await self._texts(part)).rich_refused)
            await self._tell([Draft(key=f"rich-off:{part.key}", chat=part.chat, part=notice)])
            await self._chats.change(part.chat.key, rich=Switch.OFF)
        except StorageError:
            # The answer does not wait for this: the next one is refused again.
            log.exception("it is not recorded that rich messages are off")

    async def _texts(self, part: OutgoingPart) -> Texts:
        asked = None if part.inbox_id is None else await self._outcomes.contents(part.inbox_id)
        if asked is None:
            return texts_in(self._chats.of(part.chat.key).language)
        return self._chats.texts(asked)
