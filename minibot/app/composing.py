"""How an answer becomes parts: its text, buttons under the end of it, then its files."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from minibot.app.channels import ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.pipeline import Answer
from minibot.core.chat_settings import Switch
from minibot.core.errors import ToolFailed
from minibot.core.messages import IncomingMessage, OutgoingFile, Part
from minibot.core.owners import owner_of
from minibot.core.ports import SettingsSource

log = logging.getLogger(__name__)

HandOut = Callable[[str, str, bytes], Awaitable[OutgoingFile]]
"""Stores an owner's file that is to be sent, by its name, see `Files.hand_out`."""

MOST_MESSAGES = 12
"""That are sent beside the file; of what is longer only the beginning is."""


class Composer:
    """Gives answers the form their channel and their chat want."""

    def __init__(
        self,
        channels: ChannelSet,
        chats: ChatSettingsBook,
        hand_out: HandOut,
        settings: SettingsSource,
    ) -> None:
        self._channels = channels
        self._chats = chats
        self._hand_out = hand_out
        self._settings = settings

    async def compose(self, message: IncomingMessage, answer: Answer) -> list[Part]:
        """Give the parts of an answer, in order; none when it says nothing.

        What a model wrote is rich where the chat chose that. Where it is long it comes as a file,
        too, and where it is very long as its beginning and a file.
        """
        parts, behind = await self._text(message, answer)
        if parts and answer.buttons:
            parts[-1] = replace(parts[-1], buttons=answer.buttons)
        elif answer.notice and not (message.private or answer.replaces or answer.receipts):
            parts = [replace(part, only_for=message.sender.id) for part in parts]
        parts += behind
        for file in answer.files:
            parts += self._channels.with_caption(message.chat.channel, file)
        return parts

    async def _text(
        self, message: IncomingMessage, answer: Answer
    ) -> tuple[list[Part], Sequence[Part]]:
        """Give the parts of the text, and what comes behind them."""
        if not answer.markdown:
            return [], ()
        channel = message.chat.channel
        if answer.account is None:
            return list(self._channels.render(channel, answer.markdown)), ()
        rich = self._chats.of(message.chat.key).rich is Switch.ON
        parts = self._channels.render(channel, answer.markdown, rich=rich)
        file = await self._as_file(message, answer, parts)
        if file is None:
            return list(parts), ()
        said = self._chats.texts(message).whole_answer
        if len(parts) <= MOST_MESSAGES:
            return list(parts), self._channels.with_caption(channel, replace(file, caption=said))
        caption = "\n\n".join(text for text in (said, answer.receipts) if text)
        behind = self._channels.with_caption(channel, replace(file, caption=caption))
        return [parts[0], *behind], ()

    async def _as_file(
        self, message: IncomingMessage, answer: Answer, parts: Sequence[Part]
    ) -> OutgoingFile | None:
        """Store what is too long for messages; None when it is not, or cannot be stored."""
        document = self._channels.as_document(message.chat.channel, answer.markdown, parts)
        if document is None:
            return None
        owner = owner_of(message, self._settings.current)
        try:
            return await self._hand_out(owner, document.name, document.text.encode())
        except (ToolFailed, OSError):
            log.exception("a long answer is not stored as a file and goes out as messages")
            return None
