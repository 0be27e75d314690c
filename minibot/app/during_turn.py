"""What a message does to the answer that is being written when it comes."""

from collections.abc import Sequence

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.long_turns import LongTurns
from minibot.app.pipeline import TurnContext
from minibot.core.chat_settings import DuringTurn
from minibot.core.inbox import InboxItem
from minibot.core.messages import IncomingMessage
from minibot.core.ports import Clock, Inbox, SettingsSource


class Newcomers:
    """Has what a person says during a turn wait, stop the answer, or enter the turn.

    Which of these is the choice of the chat, or else of config.toml.
    """

    def __init__(
        self,
        inbox: Inbox,
        long_turns: LongTurns,
        *,
        chats: ChatSettingsBook,
        settings: SettingsSource,
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._long_turns = long_turns
        self._chats = chats
        self._settings = settings
        self._began = clock.now()
        self._waiting: set[str] = set()
        """Conversations in which something was said that may enter a turn."""

    def on_busy(self, conversation: str, message: IncomingMessage) -> None:
        """Hear of a message that found its conversation busy."""
        if not _is_spoken(message):
            return
        mode = self._mode(conversation)
        if mode is DuringTurn.INTERRUPT:
            self._long_turns.interrupt(conversation, message.sender.id)
        elif mode is DuringTurn.STEER:
            self._waiting.add(conversation)

    async def enter(self, context: TurnContext) -> Sequence[IncomingMessage]:
        """Take into a turn what its person said since it began; mostly nothing.

        It ends with the turn. Raises `StorageUnavailable`.
        """
        item = context.item
        if not (item.conversation in self._waiting or item.received_at < self._began):
            return ()
        self._waiting.discard(item.conversation)
        if self._mode(item.conversation) is not DuringTurn.STEER or item.message.work is not None:
            return ()
        if self._long_turns.is_aside(item):
            return ()  # what is said now is for the turn in front

        def wanted(last: InboxItem, behind: InboxItem) -> bool:
            return last.message.sender.id == behind.message.sender.id and _is_spoken(behind.message)

        taken = await self._inbox.claim_behind((context.joined or [item])[-1], wanted)
        context.joined.extend(taken)
        return [each.message for each in taken]

    def _mode(self, conversation: str) -> DuringTurn:
        chosen = self._chats.of(conversation).during_turn
        if chosen is DuringTurn.DEFAULT:
            return DuringTurn(self._settings.current.chat.during_turn)
        return chosen


def _is_spoken(message: IncomingMessage) -> bool:
    """Say whether it is something that a person said to minibot, and no command."""
    return message.is_new and message.addressed and not message.text.startswith("/")
