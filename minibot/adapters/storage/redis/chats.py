"""Chats that got a new id while this process runs."""

from minibot.core.messages import ChatRef


class MovedChats:
    """Where chats are now. Turns that run while one moves go on using its old name."""

    def __init__(self) -> None:
        self._moved: dict[str, ChatRef] = {}

    def remember(self, old: ChatRef, new: ChatRef) -> None:
        """Note where a chat went, and send on whoever was sent to it before."""
        for key, target in self._moved.items():
            if target.chat_key == old.chat_key:
                self._moved[key] = new
        self._moved[old.chat_key] = new
        self._moved.pop(new.chat_key, None)

    def current(self, conversation: str) -> str:
        """Give the name a conversation has now."""
        chat_key = ":".join(conversation.split(":", 2)[:2])
        target = self._moved.get(chat_key)
        return conversation if target is None else renamed(conversation, chat_key, target)


def is_in_chat(conversation: str, chat: ChatRef) -> bool:
    """Say whether a conversation is that of a chat or of one of its threads."""
    return conversation == chat.chat_key or conversation.startswith(f"{chat.chat_key}:")


def renamed(conversation: str, old_chat_key: str, new: ChatRef) -> str:
    """Name a conversation of a chat as it is called when the chat has its new id."""
    return new.chat_key + conversation.removeprefix(old_chat_key)
