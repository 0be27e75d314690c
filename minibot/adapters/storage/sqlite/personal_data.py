"""All that is stored about a person: taking it along, and erasing it."""

from collections import deque
from collections.abc import Sequence

import orjson

from minibot.adapters.storage.codec import from_micros
from minibot.adapters.storage.sqlite import personal_statements as statements
from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.history_search import HistorySearch, remove_entries
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.statement import (
    Params,
    Row,
    Statement,
    Transaction,
    Work,
)
from minibot.adapters.storage.sqlite.summaries import delete_summaries
from minibot.adapters.storage.storage import DetachedHistory
from minibot.core.llm import Role
from minibot.core.messages import ChatRef
from minibot.core.personal import Export, ExportedEntry

MOST_EXPORTED = 200_000
"""Entries; of more, the newest."""


class SqlitePersonalData:
    """What a database holds about people.

    `preferences` are known by heart, and `other_history` is the history when it is not in the
    same database: both are told.
    """

    def __init__(
        self,
        database: Database,
        recent: RecentEntries,
        *,
        preferences: SqlitePreferences,
        other_history: DetachedHistory | None = None,
    ) -> None:
        self._database = database
        self._recent = recent
        self._preferences = preferences
        self._other_history = other_history

    async def export(self, channel: str, person_id: str) -> Export:
        # From before the history was moved elsewhere something may still be here.
        found: deque[ExportedEntry] = deque(maxlen=MOST_EXPORTED)
        names, last = {"channel": channel, "person": person_id}, 0
        while rows := await self._rows(statements.EXPORT, {**names, "after": last}):
            found.extend(map(_exported, rows))
            last = rows[-1][0]
        if self._other_history is not None:
            found.extend((await self._other_history.export(channel, person_id)).entries)
        return Export(entries=tuple(found))

    async def erase(self, channel: str, person_id: str) -> int:
        names = {"channel": channel, "person": person_id}
        erased = 0
        if self._other_history is not None:
            erased += await self._other_history.erase(channel, person_id)
        erased += await self._erase_entries(names)
        items = await self._ids(statements.ITEMS, names)
        parts = await self._ids(statements.PARTS, {**names, "ids": _dumped(items)})
        erased += await self._change(statements.STRIP_ITEMS, items)
        erased += await self._change(statements.STRIP_PARTS, parts)
        for statement in statements.DELETE_STEPS:
            await self._change(statement, items)
        await self._database.write(lambda tx: _delete_buttons(tx, names))
        # What somebody said may be gone from the middle of a group's exchanges.
        exchanged = await self._ids(statements.EXCHANGED, names)
        await self._change(statements.FORGET_EXCHANGES, exchanged)
        accounted = await self._ids(statements.ACCOUNTED, names)
        await self._change(statements.FORGET_ACCOUNTS, accounted)
        await self._preferences.forget_chat(ChatRef(channel=channel, chat_id=person_id))
        return erased

    async def _erase_entries(self, names: Params) -> int:
        erased = 0
        for conversation, private in await self._rows(statements.CONVERSATIONS, names):
            statement = statements.ENTRIES if private else statements.ENTRIES_OF_PERSON
            with self._recent.change(conversation):
                while count := await self._erase_some(conversation, statement, names):
                    erased += count
        if erased:
            await HistorySearch(self._database).clean_up()
        return erased

    async def _erase_some(self, conversation: str, statement: Statement, names: Params) -> int:
        moves = self._database.moves

        def work(tx: Transaction) -> int:
            key = moves.current_key(tx, conversation)
            entries = tx.execute(statement, {**names, "of": key})
            remove_entries(tx, key, entries)
            delete_summaries(tx, key)
            return len(entries)

        return await self._database.write(work)

    async def _ids(self, statement: Statement, names: Params) -> list[int]:
        found: list[int] = []
        while rows := await self._rows(statement, {**names, "after": max(found, default=0)}):
            found += [id_ for (id_,) in rows]
        return found

    async def _rows(self, statement: Statement, names: Params) -> list[Row]:
        return await self._database.read(lambda tx: tx.execute(statement, names))

    async def _change(self, statement: Statement, ids: Sequence[int]) -> int:
        """Run a statement for some rows at a time; gives how many it changed."""
        changed = 0
        for start in range(0, len(ids), PAGE):
            changed += await self._database.write(_changing(statement, ids[start : start + PAGE]))
        return changed


def _changing(statement: Statement, ids: Sequence[int]) -> Work[int]:
    def work(tx: Transaction) -> int:
        tx.execute(statement, {"ids": _dumped(ids)})
        return tx.rowcount

    return work


def _delete_buttons(tx: Transaction, names: Params) -> None:
    for statement in statements.DELETE_BUTTONS:
        tx.execute(statement, names)


def _dumped(ids: Sequence[int]) -> str:
    return orjson.dumps(ids).decode()


def _exported(row: Row) -> ExportedEntry:
    _, conversation, role, text, created_at, put_away_at = row
    return ExportedEntry(
        conversation=conversation,
        role=Role(role),
        text=text,
        written_at=from_micros(created_at),
        put_away=put_away_at is not None,
    )
