"""The history in memory."""

from collections import deque
from collections.abc import Sequence

from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.errors import UnknownConversation
from minibot.core.llm import Utterance
from minibot.core.messages import ChatRef


class InMemoryHistory:
    """What was said since this process started, the newest 1,000 entries a conversation.

    Without `rows` every conversation counts as known: the storage it then stands beside has
    checked that.
    """

    def __init__(self, rows: Rows | None = None) -> None:
        self._known = None if rows is None else rows.conversations
        self._rows = rows or Rows()
        self._entries: dict[str, deque[Utterance]] = {}

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        entries = self._entries.get(self._rows.current_key(conversation), ())
        return list(entries)[-limit:] if limit > 0 else []

    async def append(self, conversation: str, entries: Sequence[Utterance]) -> None:
        if not entries:
            return
        self.check_known(conversation)
        key = self._rows.current_key(conversation)
        self._entries.setdefault(key, deque(maxlen=LIST_LIMIT)).extend(entries)

    async def exists(self, conversation: str) -> bool:
        return bool(self._entries.get(self._rows.current_key(conversation)))

    async def clear(self, conversation: str) -> int:
        return len(self._entries.pop(self._rows.current_key(conversation), ()))

    def check_known(self, conversation: str) -> None:
        """Refuse a conversation nobody opened.

        Raises:
            UnknownConversation: there is no such conversation.
        """
        if self._known is not None and self._rows.current_key(conversation) not in self._known:
            raise UnknownConversation(f"nobody opened the conversation {conversation}")

    def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand everything said in a chat, in all its threads, over to its new id."""
        new = ChatRef(channel=old.channel, chat_id=new_chat_id)
        for key in list(self._entries):
            if key == old.chat_key or key.startswith(f"{old.chat_key}:"):
                entries = self._entries.pop(key)
                moved_key = new.key + key[len(old.chat_key) :]
                self._entries.setdefault(moved_key, deque(maxlen=LIST_LIMIT)).extend(entries)
        self._rows.remember_move(old, new)
