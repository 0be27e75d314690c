"""Which messages of a group are answered."""

from dataclasses import replace

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.commands import split_command
from minibot.app.middleware import heed_address
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.chat_settings import GroupMode
from minibot.core.inbox import InboxState
from minibot.core.messages import ChatRef
from minibot.core.settings import Settings


def group_mode(chats: ChatSettingsBook, chat: ChatRef, settings: Settings) -> GroupMode:
    """Say which messages are answered in a place."""
    chosen = chats.of(chat.key).group_mode
    return default_group_mode(chats, chat, settings) if chosen is GroupMode.DEFAULT else chosen


def default_group_mode(chats: ChatSettingsBook, chat: ChatRef, settings: Settings) -> GroupMode:
    """Say which are answered where nobody chose: in a topic as the group chose, else as
    config.toml says."""
    if chat.thread_id:
        return group_mode(chats, replace(chat, thread_id=""), settings)
    return GroupMode(settings.channels.telegram.groups.mode)


class HeedGroupMode:
    """Middleware: answers of a group what it chose, or config.toml for it.

    Commands to minibot are followed in every mode, or nobody could end one.
    """

    def __init__(self, chats: ChatSettingsBook) -> None:
        self._chats = chats

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        message = context.message
        if message.private or message.press is not None or message.work is not None:
            return await heed_address(call_next, context)
        mode = group_mode(self._chats, message.chat, context.settings)
        name, _ = split_command(message.text)
        if mode is GroupMode.OFF and not name:
            return Answer(state=InboxState.IGNORED, problem="the group is switched off")
        # What begins like a command and is not for minibot is for another bot.
        if mode is GroupMode.ALWAYS and not message.text.startswith("/"):
            if message.addressed or not _is_missed(context):
                return await call_next(context)
            return Answer(state=InboxState.IGNORED, problem="missed, and said to nobody")
        return await heed_address(call_next, context)


def _is_missed(context: TurnContext) -> bool:
    """Say whether a message came so late that talk in a group has gone on without it."""
    late = context.item.received_at - context.message.sent_at
    return late.total_seconds() > context.settings.catch_up.window_seconds
