"""Who may talk to minibot. Nobody, unless config.toml says so."""

from collections.abc import Mapping

from minibot.core.messages import ChatRef
from minibot.core.settings import Settings, TelegramChannel

TELEGRAM = "telegram"
CONSOLE = "console"


def may_talk(
    settings: Settings,
    chat: ChatRef,
    *,
    person_id: str,
    private: bool,
    moved_chats: Mapping[str, str],
) -> bool:
    """Decide for one message, of any channel.

    Args:
        person_id: the channel's id of who wrote.
        private: only that person and minibot are in the chat.
        moved_chats: old chat key to new, for chats whose id the channel changed after the
            owner had allowed them.
    """
    if chat.channel == CONSOLE:
        return settings.channels.console.enabled
    if chat.channel == TELEGRAM:
        telegram = settings.channels.telegram
        return _person_allowed(telegram, person_id) and (
            private or group_listed(telegram, chat, moved_chats)
        )
    return False


def open_to_strangers(settings: Settings, chat: ChatRef, *, private: bool) -> bool:
    """Say whether people whom nobody named may be among those who talk in a chat."""
    return (
        not private
        and chat.channel == TELEGRAM
        and "*" in settings.channels.telegram.allowed_user_ids
    )


def group_listed(telegram: TelegramChannel, chat: ChatRef, moved_chats: Mapping[str, str]) -> bool:
    """Say whether a group is in the list, under its id of today or of then."""
    allowed = [f"{TELEGRAM}:{chat_id}" for chat_id in telegram.allowed_chat_ids]
    return any(chat.chat_key in (key, moved_chats.get(key)) for key in allowed)


def _person_allowed(telegram: TelegramChannel, person_id: str) -> bool:
    if not telegram.enabled:
        return False
    return any(str(allowed) in (person_id, "*") for allowed in telegram.allowed_user_ids)
