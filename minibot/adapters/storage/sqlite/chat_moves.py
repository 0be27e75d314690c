"""What hangs on a chat, handed over to its new id."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.sqlite.conversations import open_conversation
from minibot.adapters.storage.sqlite.note_tables import note_owners, notes
from minibot.adapters.storage.sqlite.schema import (
    conversations,
    history,
    inbox,
    moved_chats,
    summaries,
)
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.adapters.storage.sqlite.summaries import delete_summaries
from minibot.adapters.storage.sqlite.turn_tables import (
    APPROVAL_PENDING,
    approvals,
    preferences,
    undoables,
)
from minibot.core.messages import ChatRef
from minibot.core.owners import moved_owner

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
_SAID = Statement(select(history.c.id).where(history.c.conversation == param("of")).limit(1))
_MOVE_SUMMARY = Statement(
    update(summaries)
    .where(summaries.c.conversation == param("old_key"))
    .values(conversation=param("new_key"))
)
_rest_of_key = func.substr(preferences.c.conversation, func.length(param("old_key")) + 1)
_of_old_chat = (
    preferences.c.conversation >= param("old_key"),
    preferences.c.conversation < param("old_key").concat(";"),
    (_rest_of_key == "") | (func.substr(_rest_of_key, 1, 1) == ":"),
)
_MOVE_PREFERENCES = Statement(
    update(preferences)
    .prefix_with("OR IGNORE")
    .where(*_of_old_chat)
    .values(conversation=param("new_key").concat(_rest_of_key))
)
_LEAVE_PREFERENCES = Statement(delete(preferences).where(*_of_old_chat))
_MOVE_APPROVALS = Statement(
    update(approvals)
    .where(
        APPROVAL_PENDING,
        approvals.c.channel == param("of_channel"),
        approvals.c.chat_id == param("old_chat_id"),
    )
    .values(chat_id=param("new_chat_id"))
)
_NOTE_OWNERS = Statement(
    select(note_owners.c.owner).where(
        note_owners.c.owner >= param("first"), note_owners.c.owner < param("beyond")
    )
)
_RENAME_NOTE_OWNER = Statement(
    update(note_owners)
    .prefix_with("OR IGNORE")
    .where(note_owners.c.owner == param("old_owner"))
    .values(owner=param("new_owner"))
)
_RENAME_OWNER_IN_NOTES = Statement(
    update(notes).where(notes.c.owner == param("old_owner")).values(owner=param("new_owner"))
)
_UNDOABLE = Statement(
    select(undoables.c.token, undoables.c.owner).where(undoables.c.expires_at > param("now"))
)
_RENAME_OWNER_OF_UNDOABLE = Statement(
    update(undoables).where(undoables.c.token == param("of")).values(owner=param("new_owner"))
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


def move_conversations(tx: Transaction, old: ChatRef, new_chat_id: str, now: int) -> None:
    """Hand everything said in a chat, in all its threads, over to its new id."""
    for old_key, thread_id in tx.execute(
        _OF_CHAT, {"channel": old.channel, "chat_id": old.chat_id}
    ):
        target = ChatRef(channel=old.channel, chat_id=new_chat_id, thread_id=thread_id)
        open_conversation(tx, target, now)
        names = {"old_key": old_key, "new_key": target.key, "new_chat_id": new_chat_id}
        both = (old_key, target.key)
        if all(tx.execute(_SAID, {"of": key}) for key in both):
            # No summary covers what is one conversation now.
            for key in both:
                delete_summaries(tx, key)
        tx.execute(_MOVE_INBOX, names)
        tx.execute(_MOVE_HISTORY, names)
        tx.execute(_MOVE_SUMMARY, names)
        tx.execute(_CLOSE, names)
    _move_choices(tx, old, new_chat_id)
    _move_notes(tx, old, new_chat_id)
    _move_undoables(tx, old, new_chat_id, now)
    _remember_move(tx, old, new_chat_id, now)


def _move_choices(tx: Transaction, old: ChatRef, new_chat_id: str) -> None:
    """Move preferences and open questions. What was chosen in the new chat already stands."""
    names = {
        "old_key": old.chat_key,
        "new_key": ChatRef(channel=old.channel, chat_id=new_chat_id).chat_key,
        "of_channel": old.channel,
        "old_chat_id": old.chat_id,
        "new_chat_id": new_chat_id,
    }
    tx.execute(_MOVE_PREFERENCES, names)
    tx.execute(_LEAVE_PREFERENCES, names)
    tx.execute(_MOVE_APPROVALS, names)


def _move_notes(tx: Transaction, old: ChatRef, new_chat_id: str) -> None:
    """Rename the owners of notes. One who has notes in the new chat already keeps both."""
    first = f"{old.channel}:"
    for (owner,) in tx.execute(_NOTE_OWNERS, {"first": first, "beyond": f"{old.channel};"}):
        moved = moved_owner(owner, old, new_chat_id)
        if moved != owner:
            names = {"old_owner": owner, "new_owner": moved}
            tx.execute(_RENAME_NOTE_OWNER, names)
            if tx.rowcount:
                tx.execute(_RENAME_OWNER_IN_NOTES, names)


def _move_undoables(tx: Transaction, old: ChatRef, new_chat_id: str, now: int) -> None:
    for token, owner in tx.execute(_UNDOABLE, {"now": now}):
        moved = moved_owner(owner, old, new_chat_id)
        if moved != owner:
            tx.execute(_RENAME_OWNER_OF_UNDOABLE, {"of": token, "new_owner": moved})


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
