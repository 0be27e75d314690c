"""What a database needs done from time to time."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Table, delete, exists, false, null, select, true, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.rules import DEAD_DAYS
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.history_search import HistorySearch
from minibot.adapters.storage.sqlite.schema import (
    INBOX_DEAD,
    INBOX_OVER,
    INBOX_UNFINISHED,
    OUTBOX_DEAD,
    OUTBOX_OVER,
    inbox,
    outbox,
)
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, fixed, param
from minibot.adapters.storage.sqlite.turn_tables import (
    approvals,
    tool_calls,
    turn_steps,
    undoables,
)

BATCH_ROWS = 500
"""Rows of one transaction: others who want to write wait for some milliseconds at the most."""


def _some(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    ids = (
        select(table.c.id)
        .where(*conditions, table.c.finished_at < param("before"))
        .limit(BATCH_ROWS)
    )
    return table.c.id.in_(ids)


def _of_turns_that_are_over(table: Table, age: Column[int]) -> Statement:
    """Delete some rows of turns that will not go on; one that was given up may be put back."""
    key = tuple_(*table.primary_key.columns)
    goes_on = exists().where(inbox.c.id == table.c.inbox_id, INBOX_UNFINISHED | INBOX_DEAD)
    old = select(*table.primary_key.columns).where(age < param("before"), ~goes_on)
    return Statement(delete(table).where(key.in_(old.limit(BATCH_ROWS))))


_STRIP = (
    Statement(
        update(inbox)
        .where(_some(inbox, INBOX_OVER, inbox.c.stripped == false()))
        .values(stripped=true(), message=null(), raw=fixed(""))
    ),
    Statement(
        update(outbox)
        .where(_some(outbox, OUTBOX_OVER, outbox.c.stripped == false()))
        .values(stripped=true(), part=fixed(""))
    ),
)
_DELETE_OVER = (
    Statement(delete(inbox).where(_some(inbox, INBOX_OVER, inbox.c.stripped == true()))),
    Statement(delete(outbox).where(_some(outbox, OUTBOX_OVER, outbox.c.stripped == true()))),
)
_DELETE_DEAD = (
    Statement(delete(inbox).where(_some(inbox, INBOX_DEAD))),
    Statement(delete(outbox).where(_some(outbox, OUTBOX_DEAD))),
)
_DELETE_OF_TURNS = (
    _of_turns_that_are_over(tool_calls, tool_calls.c.created_at),
    _of_turns_that_are_over(turn_steps, turn_steps.c.created_at),
    _of_turns_that_are_over(approvals, approvals.c.expires_at),
    Statement(
        delete(undoables).where(
            undoables.c.token.in_(
                select(undoables.c.token)
                .where(undoables.c.expires_at < param("before"))
                .limit(BATCH_ROWS)
            )
        )
    ),
)


class SqliteMaintenance:
    """Keeps a database small."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def purge(self, now: datetime, *, keys_days: int = 8, payload_days: int = 2) -> int:
        # Rows are deleted from among the stripped ones.
        strip_days = min(payload_days, keys_days)
        for statement in _STRIP:
            await self._repeat(statement, now - timedelta(days=strip_days))
        deleted = 0
        for statement in _DELETE_OVER:
            deleted += await self._repeat(statement, now - timedelta(days=keys_days))
        for statement in _DELETE_DEAD:
            deleted += await self._repeat(statement, now - timedelta(days=DEAD_DAYS))
        for statement in _DELETE_OF_TURNS:
            deleted += await self._repeat(statement, now - timedelta(days=strip_days))
        return deleted

    async def index(self) -> None:
        await HistorySearch(self._database).catch_up()

    async def checkpoint(self) -> None:
        await self._database.checkpoint()

    async def _repeat(self, statement: Statement, before: datetime) -> int:
        names = {"before": to_micros(before)}

        def work(tx: Transaction) -> int:
            tx.execute(statement, names)
            return tx.rowcount

        total = 0
        while changed := await self._database.write(work):
            total += changed
        return total
