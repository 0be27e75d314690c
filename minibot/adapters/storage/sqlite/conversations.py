"""Conversations: the keys everything else hangs on, and where they went when a chat moved."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.sqlite.schema import conversations, moved_chats
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.core.messages import ChatRef

PAGE = 1000

_WHERE_TO = Statement(
    select(moved_chats.c.new_key, moved_chats.c.new_chat_id).where(
        moved_chats.c.old_key == param("old_key")
    )
)
_opening = insert(conversations).values(
    {
        "key": param("key"),
        "channel": param("channel"),
        "chat_id": param("chat_id"),
        "thread_id": param("thread_id"),
        "created_at": param("now"),
        "updated_at": param("now"),
    }
)
_OPEN = Statement(
    _opening.on_conflict_do_update(
        index_elements=[conversations.c.key], set_={"updated_at": _opening.excluded.updated_at}
    )
)
_MOVED = Statement(
    select(moved_chats.c.old_key, moved_chats.c.new_key)
    .where(moved_chats.c.old_key > param("after"))
    .order_by(moved_chats.c.old_key)
    .limit(PAGE)
)


class Moves:
    """Says what a conversation is called now, and remembers the moves.

    A key may be in somebody's hands when its chat moves, so every unit of work that is given
    one asks, inside its transaction. Most installations never see a chat move and need not
    look: `expect` is called before the first move is written and nothing takes it back, so
    that no unit that runs after a move can miss it.
    """

    def __init__(self, tx: Transaction) -> None:
        self._expected = bool(moved_page(tx, ""))

    @property
    def expected(self) -> bool:
        """False while every conversation has the only key it ever had."""
        return self._expected

    def expect(self) -> None:
        self._expected = True

    def current_key(self, tx: Transaction, conversation: str) -> str:
        """Give the key a conversation has now."""
        if self._expected:
            chat_key = ":".join(conversation.split(":", 2)[:2])
            for new_key, _ in tx.execute(_WHERE_TO, {"old_key": chat_key}):
                return f"{new_key}{conversation[len(chat_key) :]}"
        return conversation

    def current_chat(self, tx: Transaction, chat: ChatRef) -> ChatRef:
        """Give the place a chat is at now."""
        if self._expected:
            for _, new_chat_id in tx.execute(_WHERE_TO, {"old_key": chat.chat_key}):
                return replace(chat, chat_id=new_chat_id)
        return chat


def open_conversation(tx: Transaction, chat: ChatRef, now: int) -> None:
    """Make sure a conversation exists; note that something happened in it."""
    tx.execute(
        _OPEN,
        {
            "key": chat.key,
            "channel": chat.channel,
            "chat_id": chat.chat_id,
            "thread_id": chat.thread_id,
            "now": now,
        },
    )


def moved_page(tx: Transaction, after: str) -> dict[str, str]:
    """Give up to `PAGE` moved chats behind the one named `after`."""
    return {old: new for old, new in tx.execute(_MOVED, {"after": after})}
