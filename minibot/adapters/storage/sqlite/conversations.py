"""Conversations: the keys everything else hangs on, and where they went when a chat moved."""

from dataclasses import replace

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.sqlite.schema import conversations, history, inbox, moved_chats
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
_OF_CHAT = Statement(
    select(conversations.c.key, conversations.c.thread_id).where(
        conversations.c.channel == param("channel"), conversations.c.chat_id == param("chat_id")
    )
)
_MOVE_INBOX = Statement(
    update(inbox)
    .where(inbox.c.conversation == param("old_key"))
    .values(conversation=param("new_key"), chat_id=param("new_chat_id"))
)
_MOVE_HISTORY = Statement(
    update(history)
    .where(history.c.conversation == param("old_key"))
    .values(conversation=param("new_key"))
)
_CLOSE = Statement(delete(conversations).where(conversations.c.key == param("old_key")))
_moving = insert(moved_chats).values(
    {name: param(name) for name in ("old_key", "new_key", "new_chat_id", "moved_at")}
)
_REMEMBER = Statement(
    _moving.on_conflict_do_update(
        index_elements=[moved_chats.c.old_key],
        set_={
            "new_key": _moving.excluded.new_key,
            "new_chat_id": _moving.excluded.new_chat_id,
            "moved_at": _moving.excluded.moved_at,
        },
    )
)
_REDIRECT = Statement(
    update(moved_chats)
    .where(moved_chats.c.new_key == param("old_key"))
    .values(new_key=param("target_key"), new_chat_id=param("target_id"))
)
_FORGET = Statement(delete(moved_chats).where(moved_chats.c.old_key == param("new_key")))
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


def move_conversations(tx: Transaction, old: ChatRef, new_chat_id: str, now: int) -> None:
    """Hand everything said in a chat, in all its threads, over to its new id."""
    for old_key, thread_id in tx.execute(
        _OF_CHAT, {"channel": old.channel, "chat_id": old.chat_id}
    ):
        target = ChatRef(channel=old.channel, chat_id=new_chat_id, thread_id=thread_id)
        open_conversation(tx, target, now)
        names = {"old_key": old_key, "new_key": target.key, "new_chat_id": new_chat_id}
        tx.execute(_MOVE_INBOX, names)
        tx.execute(_MOVE_HISTORY, names)
        tx.execute(_CLOSE, names)
    _remember_move(tx, old, new_chat_id, now)


def _remember_move(tx: Transaction, old: ChatRef, new_chat_id: str, now: int) -> None:
    new_key = ChatRef(channel=old.channel, chat_id=new_chat_id).chat_key
    names = {
        "old_key": old.chat_key,
        "new_key": new_key,
        "new_chat_id": new_chat_id,
        "target_key": new_key,
        "target_id": new_chat_id,
        "moved_at": now,
    }
    tx.execute(_REMEMBER, names)
    # Whoever was sent here before is sent on, so that one look-up is always enough; and the
    # chat that is lived in again is no longer a moved one.
    tx.execute(_REDIRECT, names)
    tx.execute(_FORGET, names)


def moved_page(tx: Transaction, after: str) -> dict[str, str]:
    """Give up to `PAGE` moved chats behind the one named `after`."""
    return {old: new for old, new in tx.execute(_MOVED, {"after": after})}
