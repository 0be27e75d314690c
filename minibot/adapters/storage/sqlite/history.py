"""The history: what was said."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy import case, func, null, select, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import (
    decode_calls,
    decode_pictures,
    encode_calls,
    encode_pictures,
    from_micros,
    storable,
)
from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.failures import breaks_foreign_key
from minibot.adapters.storage.sqlite.history_search import HistorySearch, remove_entries
from minibot.adapters.storage.sqlite.recent_entries import UNREAD, RecentEntries
from minibot.adapters.storage.sqlite.schema import history
from minibot.adapters.storage.sqlite.statement import Row, Statement, Transaction, fixed, param
from minibot.adapters.storage.sqlite.summaries import (
    forget_summaries,
    put_away_summary,
    read_summary,
    take_back_summary,
    write_summary,
)
from minibot.core.errors import UnknownConversation
from minibot.core.llm import Role, Utterance
from minibot.core.personal import Excerpt, HistoryInfo, Summary
from minibot.core.ports import Backlog

BEHIND_ALL = 2**63 - 1
"""An id no entry has."""

_row = history.c
_of = _row.conversation == param("of")
_shown = (_of, _row.put_away_at.is_(None))
_by_user = _row.role == fixed(Role.USER)
_UTTERANCE = (
    _row.role,
    _row.text,
    _row.tool_calls,
    _row.tool_call_id,
    _row.untrusted,
    _row.pictures,
)

_RECENT = Statement(
    select(*_UTTERANCE).where(*_shown).order_by(_row.id.desc()).limit(param("count"))
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
            "author": param("author"),
            "untrusted": param("untrusted"),
            "pictures": param("pictures"),
        }
    )
)
_EXISTS = Statement(select(_row.id).where(*_shown).limit(1))
_EXCHANGE = Statement(
    select(_row.id)
    .where(*_shown, _by_user)
    .order_by(_row.id.desc())
    .limit(1)
    .offset(param("newer"))
)
_NEXT_EXCHANGE = Statement(
    select(func.min(_row.id)).where(*_shown, _by_user, _row.id > param("after"))
)
_NEWEST = Statement(
    select(_row.id, _row.text).where(_of).order_by(_row.id.desc()).limit(param("count"))
)
_LAST_PUT_AWAY = Statement(select(func.max(_row.put_away_at)).where(_of))
_PUT_AWAY = Statement(
    update(history).where(*_shown, _row.id < param("before")).values(put_away_at=param("moment"))
)
_TAKE_BACK = Statement(
    update(history).where(_of, _row.put_away_at == param("moment")).values(put_away_at=null())
)
_INFO = Statement(
    select(
        func.count(case((_row.put_away_at.is_(None) & _by_user, 1))),
        func.count(case((_row.put_away_at.is_(None), 1))),
        func.count(_row.put_away_at),
        select(_row.created_at).where(*_shown).order_by(_row.id).limit(1).scalar_subquery(),
    ).where(_of)
)
_BETWEEN = Statement(
    select(_row.id, *_UTTERANCE)
    .where(*_shown, _row.id > param("after"), _row.id < param("before"))
    .order_by(_row.id)
    .limit(param("count"))
)


class SqliteHistory:
    """The history in a database."""

    def __init__(self, database: Database, recent: RecentEntries) -> None:
        self._database = database
        self._recent = recent
        self._search = HistorySearch(database)

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        count, moves = max(0, min(limit, PAGE)), self._database.moves
        if moves.expected:  # two names for one conversation are more than the memory can follow
            return await self._database.read(
                lambda tx: _read_recent(tx, moves.current_key(tx, conversation), count)
            )
        if (known := self._recent.find(conversation, count)) is not None:
            return known
        token = self._recent.begin_read(conversation)
        try:
            found = await self._database.read(lambda tx: _read_recent(tx, conversation, count))
            self._recent.keep_read(conversation, token, found, whole=len(found) < count)
            return found
        finally:
            self._recent.end_read(conversation, token)

    async def append(
        self, conversation: str, entries: Sequence[Utterance], *, author: str = ""
    ) -> None:
        now, moves = self._database.now(), self._database.moves

        def work(tx: Transaction) -> None:
            key = moves.current_key(tx, conversation)
            append_entries(tx, key, entries, author=author, now=now)

        with self._recent.change(conversation) as change:
            await self._database.write(work)
            change.committed(entries, put_away=False)

    async def exists(self, conversation: str) -> bool:
        moves = self._database.moves
        return await self._database.read(
            lambda tx: bool(tx.execute(_EXISTS, {"of": moves.current_key(tx, conversation)}))
        )

    async def put_away(self, conversation: str, *, keep: int = 0) -> int:
        now, moves = self._database.now(), self._database.moves
        with self._recent.change(conversation):
            return await self._database.write(
                lambda tx: put_away_entries(
                    tx, moves.current_key(tx, conversation), keep=keep, now=now
                )
            )

    async def take_back(self, conversation: str) -> int:
        moves = self._database.moves
        with self._recent.change(conversation):
            return await self._database.write(
                lambda tx: _take_back(tx, moves.current_key(tx, conversation))
            )

    async def drop(self, conversation: str, entries: int) -> int:
        moves = self._database.moves
        with self._recent.change(conversation):
            return await self._database.write(
                lambda tx: drop_entries(tx, moves.current_key(tx, conversation), entries)
            )

    async def info(self, conversation: str) -> HistoryInfo:
        moves = self._database.moves
        return await self._database.read(
            lambda tx: _read_info(tx, moves.current_key(tx, conversation))
        )

    async def search(self, conversation: str, query: str, limit: int) -> list[Excerpt]:
        return await self._search.find(conversation, query, limit)

    async def summary(self, conversation: str) -> Summary | None:
        moves = self._database.moves
        if moves.expected:
            return await self._database.read(
                lambda tx: read_summary(tx, moves.current_key(tx, conversation))
            )
        if (known := self._recent.find_summary(conversation)) is not UNREAD:
            return known
        token = self._recent.begin_read(conversation)
        try:
            found = await self._database.read(lambda tx: read_summary(tx, conversation))
            self._recent.keep_summary(conversation, token, found)
            return found
        finally:
            self._recent.end_read(conversation, token)

    async def unsummarised(self, conversation: str, *, keep: int, limit: int) -> Backlog:
        count, moves = max(1, min(limit, PAGE)), self._database.moves
        return await self._database.read(
            lambda tx: _read_backlog(
                tx, moves.current_key(tx, conversation), keep=keep, count=count
            )
        )

    async def summarise(self, conversation: str, summary: Summary) -> None:
        now, moves = self._database.now(), self._database.moves
        with self._recent.change(conversation):
            await self._database.write(
                lambda tx: write_summary(tx, moves.current_key(tx, conversation), summary, now)
            )


def append_entries(
    tx: Transaction, conversation: str, entries: Sequence[Utterance], *, author: str, now: int
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
                    "author": author,
                    "untrusted": entry.untrusted,
                    "pictures": encode_pictures(entry.pictures),
                },
            )
    except sqlite3.IntegrityError as error:
        if not breaks_foreign_key(error):
            raise
        raise UnknownConversation(f"nobody opened the conversation {conversation}") from error


def put_away_entries(tx: Transaction, conversation: str, *, keep: int, now: int) -> int:
    """Put all but the newest `keep` exchanges away, without any the summary; see `History`."""
    ((last,),) = tx.execute(_LAST_PUT_AWAY, {"of": conversation})
    # Every time has a moment of its own, by which it is taken back.
    moment = max(now, (last or 0) + 1)
    before = _newest_from(tx, conversation, keep)
    if keep <= 0:
        put_away_summary(tx, conversation, moment)
    tx.execute(_PUT_AWAY, {"of": conversation, "before": before, "moment": moment})
    return tx.rowcount


def drop_entries(tx: Transaction, conversation: str, count: int) -> int:
    """Delete the newest so many entries of a conversation; see `History`."""
    found = tx.execute(_NEWEST, {"of": conversation, "count": count}) if count > 0 else []
    if found:
        remove_entries(tx, conversation, found)
        forget_summaries(tx, conversation, since=min(id_ for id_, _ in found))
    return len(found)


def _newest_from(tx: Transaction, conversation: str, exchanges: int) -> int:
    """Say where the newest exchanges begin; 0 when there are no more than those."""
    if exchanges <= 0:
        return BEHIND_ALL
    rows = tx.execute(_EXCHANGE, {"of": conversation, "newer": exchanges - 1})
    return int(rows[0][0]) if rows else 0


def _take_back(tx: Transaction, conversation: str) -> int:
    ((moment,),) = tx.execute(_LAST_PUT_AWAY, {"of": conversation})
    if moment is None:
        return 0
    tx.execute(_TAKE_BACK, {"of": conversation, "moment": moment})
    count = tx.rowcount
    take_back_summary(tx, conversation, moment)
    return count


def _read_recent(tx: Transaction, conversation: str, count: int) -> list[Utterance]:
    rows = tx.execute(_RECENT, {"of": conversation, "count": count})
    return [_utterance(row) for row in reversed(rows)]


def _read_info(tx: Transaction, conversation: str) -> HistoryInfo:
    ((exchanges, entries, put_away, since),) = tx.execute(_INFO, {"of": conversation})
    return HistoryInfo(
        exchanges=exchanges,
        entries=entries,
        put_away=put_away,
        since=None if since is None else from_micros(since),
    )


def _read_backlog(tx: Transaction, conversation: str, *, keep: int, count: int) -> Backlog:
    summary = read_summary(tx, conversation)
    after = summary.through if summary else 0
    before = _newest_from(tx, conversation, keep)
    names = {"of": conversation, "after": after, "before": before}
    rows = tx.execute(_BETWEEN, {**names, "count": count + 1})
    if len(rows) > count:
        rows = _whole_exchanges(rows) or _first_exchange(tx, conversation, rows[0][0], before)
    return Backlog(
        entries=tuple(_utterance(row[1:]) for row in rows),
        through=rows[-1][0] if rows else after,
    )


def _whole_exchanges(rows: list[Row]) -> list[Row]:
    """Leave out the last exchange, of which there may be more."""
    last = max(index for index, row in enumerate(rows) if index == 0 or row[1] == Role.USER)
    return rows[:last]


def _first_exchange(tx: Transaction, conversation: str, first: int, before: int) -> list[Row]:
    """Read an exchange that is longer than was asked for, or nothing would ever come of it."""
    ((following,),) = tx.execute(_NEXT_EXCHANGE, {"of": conversation, "after": first})
    names = {"of": conversation, "after": first - 1, "before": min(following or before, before)}
    return tx.execute(_BETWEEN, {**names, "count": PAGE})


def _utterance(row: Row) -> Utterance:
    role, text, tool_calls, tool_call_id, untrusted, pictures = row
    return Utterance(
        role=Role(role),
        text=text,
        tool_calls=decode_calls(tool_calls),
        tool_call_id=tool_call_id,
        untrusted=bool(untrusted),
        pictures=decode_pictures(pictures),
    )
