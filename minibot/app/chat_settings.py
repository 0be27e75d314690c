"""What each chat chose for itself, at hand without waiting."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

from minibot.core.chat_settings import (
    UNCHANGED,
    ChatSettings,
    dump_chat_settings,
    parse_chat_settings,
)
from minibot.core.messages import IncomingMessage
from minibot.core.ports import Preferences
from minibot.core.texts import Texts, texts_in

log = logging.getLogger(__name__)

CHOICE = "chat_settings"


class ChatSettingsBook:
    """Knows the choices of every conversation by its key, chat and topic."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._read: dict[str, tuple[str, ChatSettings]] = {}
        """What was read of a conversation, beside the text it was read from."""
        self._one_at_a_time = asyncio.Lock()

    def of(self, conversation: str) -> ChatSettings:
        """Give the choices of a conversation; never waits."""
        text = self._preferences.get(conversation, CHOICE)
        if not text:
            return UNCHANGED
        known = self._read.get(conversation)
        if known is not None and known[0] is text:
            return known[1]
        settings, problems = parse_chat_settings(text)
        for problem in problems:
            log.warning(
                "a choice is left out", extra={"conversation": conversation, "problem": problem}
            )
        self._read[conversation] = text, settings
        return settings

    def texts(self, message: IncomingMessage) -> Texts:
        """Give what minibot says in the language of a chat, or else of who wrote."""
        return texts_in(self.of(message.chat.key).language or message.sender.language)

    def chat_texts(self, conversation: str) -> Texts:
        """Give them where nobody is known who wrote: in English where the chat has no choice."""
        return texts_in(self.of(conversation).language)

    async def change(self, conversation: str, **choices: Any) -> ChatSettings:
        """Choose something and leave the rest; gives how it is now. Raises `StorageError`."""
        async with self._one_at_a_time:
            changed = replace(self.of(conversation), **choices)
            await self._preferences.set(conversation, CHOICE, dump_chat_settings(changed))
        if changed == UNCHANGED:
            self._read.pop(conversation, None)
        return changed
