"""What was sent while minibot was away: expired rows of the inbox, and what became of them.

Such a row says in `problem` how it stands, in the words of `Kept`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Update, and_, column, false, func, null, select, update

from minibot.adapters.storage.codec import decode_message, dump
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.inbox import accepted_event, admit_rows, arrival_row
from minibot.adapters.storage.sqlite.schema import INBOX_OVER, inbox
from minibot.adapters.storage.sqlite.statement import Row, Statement, Transaction, fixed, param
from minibot.core.catch_up import BEFORE, Kept, MissedItem
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxState
from minibot.core.messages import Arrival, ChatRef

_row = inbox.c
_columns = (_row.id, _row.channel, _row.chat_id, _row.thread_id, _row.message, _row.problem)
_expired = _row.state == fixed(InboxState.EXPIRED)
_ids = func.json_each(param("ids")).table_valued(column("value", Integer))


def _stands(*kept: Kept) -> Any:
    return and_(_expired, _row.problem.in_([fixed(each) for each in sorted(kept)]))


def _of_these(change: Update, *kept: Kept) -> Update:
    return change.where(_row.id.in_(select(_ids.c.value)), _stands(*kept))


# What has contents is of the last days: older rows are stripped.
_UNOFFERED = Statement(
    select(*_columns)
    .where(
        INBOX_OVER,
        _row.stripped == false(),
        _stands(*BEFORE[Kept.OFFERED]),
        _row.message.is_not(None),
    )
    .order_by(_row.id)
)
_OFFERED = Statement(
    select(*_columns)
    .where(
        _row.id.between(param("first"), param("last")),
        _row.conversation == param("of"),
        _stands(Kept.OFFERED),
    )
    .order_by(_row.id)
)
_OFFER = Statement(
    _of_these(update(inbox), *BEFORE[Kept.OFFERED]).values(problem=fixed(Kept.OFFERED))
)
_SKIP = Statement(
    _of_these(update(inbox), *BEFORE[Kept.SKIPPED]).values(problem=fixed(Kept.SKIPPED))
)
_MARK = {Kept.OFFERED: _OFFER, Kept.SKIPPED: _SKIP}
_PUT_BACK = Statement(
    _of_these(update(inbox), Kept.OFFERED)
    .where(_row.message.is_not(None))
    .values(state=fixed(InboxState.RECEIVED), finished_at=null(), problem=fixed(""))
    .returning(_row.id, _row.conversation, _row.urgent)
)


class SqliteMissed:
    """Missed messages in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, arrivals: Sequence[Arrival]) -> int:
        now, moves = self._database.now(), self._database.moves
        expired = {"state": InboxState.EXPIRED, "finished_at": now}
        rows = [(arrival, {**arrival_row(arrival, now), **expired}) for arrival in arrivals]
        return await self._database.write(
            lambda tx: len(admit_rows(tx, rows, now=now, moves=moves)), brisk=True
        )

    async def unoffered(self) -> list[MissedItem]:
        rows = await self._database.read(lambda tx: tx.execute(_UNOFFERED))
        return [_item(row) for row in rows]

    async def offered(self, conversation: str, first: int, last: int) -> list[MissedItem]:
        moves = self._database.moves

        def work(tx: Transaction) -> list[Row]:
            names = {"of": moves.current_key(tx, conversation), "first": first, "last": last}
            return tx.execute(_OFFERED, names)

        return [_item(row) for row in await self._database.read(work)]

    async def mark(self, ids: Sequence[int], kept: Kept) -> int:
        def work(tx: Transaction) -> int:
            tx.execute(_MARK[kept], {"ids": dump(list(ids))})
            return tx.rowcount

        return await self._database.write(work)

    async def put_back(self, ids: Sequence[int]) -> list[MessageAccepted]:
        rows = await self._database.write(
            lambda tx: tx.execute(_PUT_BACK, {"ids": dump(list(ids))})
        )
        return sorted(map(accepted_event, rows), key=lambda event: event.inbox_id)


def _item(row: Row) -> MissedItem:
    id_, channel, chat_id, thread_id, message, problem = row
    chat = ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)
    return MissedItem(
        id=id_,
        chat=chat,
        message=None if message is None else decode_message(message, chat),
        kept=Kept(problem),
    )
