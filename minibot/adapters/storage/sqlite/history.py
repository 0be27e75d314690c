"""The history: what was said."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import decode_calls, encode_calls, storable
from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.failures import breaks_foreign_key
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.schema import history
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, param
from minibot.core.errors import UnknownConversation
from minibot.core.llm import Role, Utterance

_row = history.c
_of = _row.conversation == param("of")

_RECENT = Statement(
    select(_row.role, _row.text, _row.tool_calls, _row.tool_call_id)
    .where(_of)
    .order_by(_row.id.desc())
    .limit(param("count"))
)
_APPEND = Statement(
    insert(history).values(
        {
            "conversation": param("of"),
            "role": param("role"),
            "text": param("text"),
            "tool_calls": param("tool_calls"),
            "tool_call_id": param("tool_call_id"),
            "created_at": param("now"),
        }
    )
)
_EXISTS = Statement(select(_row.id).where(_of).limit(1))
_CLEAR = Statement(delete(history).where(_of))


class SqliteHistory:
    """The history in a database."""

    def __init__(self, database: Database, recent: RecentEntries) -> None:
        self._database = database
        self._recent = recent

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        count, moves = max(0, min(limit, PAGE)), self._database.moves
        if moves.expected:  # two names for one conversation are more than the memory can follow
            return await self._database.read(
                lambda tx: _recent(tx, moves.current_key(tx, conversation), count)
            )
        if (known := self._recent.find(conversation, count)) is not None:
            return known
        token = self._recent.begin_read(conversation)
        try:
            found = await self._database.read(lambda tx: _recent(tx, conversation, count))
            self._recent.keep_read(conversation, token, found, whole=len(found) < count)
            return found
        finally:
            self._recent.end_read(conversation, token)

    async def append(self, conversation: str, entries: Sequence[Utterance]) -> None:
        now, moves = self._database.now(), self._database.moves
        with self._recent.change(conversation) as change:
            await self._database.write(
                lambda tx: append_entries(tx, moves.current_key(tx, conversation), entries, now=now)
            )
            change.committed(entries, cleared=False)

    async def exists(self, conversation: str) -> bool:
        moves = self._database.moves
        return await self._database.read(
            lambda tx: bool(tx.execute(_EXISTS, {"of": moves.current_key(tx, conversation)}))
        )

    async def clear(self, conversation: str) -> int:
        moves = self._database.moves
        with self._recent.change(conversation):
            return await self._database.write(
                lambda tx: clear_entries(tx, moves.current_key(tx, conversation))
            )


def append_entries(
    tx: Transaction, conversation: str, entries: Sequence[Utterance], *, now: int
) -> None:
    """Add entries to a conversation.

    Raises:
        UnknownConversation: there is no such conversation.
    """
    try:
        for entry in entries:
            tx.execute(
                _APPEND,
                {
                    "of": conversation,
                    "role": entry.role,
                    "text": storable(entry.text),
                    "tool_calls": encode_calls(entry.tool_calls),
                    "tool_call_id": entry.tool_call_id,
                    "now": now,
                },
            )
    except sqlite3.IntegrityError as error:
        if not breaks_foreign_key(error):
            raise
        raise UnknownConversation(f"nobody opened the conversation {conversation}") from error


def clear_entries(tx: Transaction, conversation: str) -> int:
    """Delete all entries of a conversation; gives their number."""
    tx.execute(_CLEAR, {"of": conversation})
    return tx.rowcount


def _recent(tx: Transaction, conversation: str, count: int) -> list[Utterance]:
    rows = tx.execute(_RECENT, {"of": conversation, "count": count})
    return [
        Utterance(
            role=Role(role),
            text=text,
            tool_calls=decode_calls(tool_calls),
            tool_call_id=tool_call_id,
        )
        for role, text, tool_calls, tool_call_id in reversed(rows)
    ]
