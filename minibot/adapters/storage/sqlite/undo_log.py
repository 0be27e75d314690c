"""The undo log: what can be taken back."""

from datetime import datetime

from sqlalchemy import false, select, true, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import from_micros, storable, to_micros
from minibot.adapters.storage.rules import refusal_of_press
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.statement import Statement, Transaction, Work, param
from minibot.adapters.storage.sqlite.turn_tables import undoables
from minibot.core.approvals import Refusal
from minibot.core.tools import UndoAction
from minibot.core.undo import Undoable

_row = undoables.c

_ADD = Statement(
    insert(undoables).values(
        {
            **{
                name: param(name)
                for name in ("token", "person_id", "owner", "label", "kind", "payload")
            },
            "created_at": param("now"),
            "expires_at": param("until"),
            "taken": false(),
        }
    )
)
_FIND = Statement(
    select(
        _row.person_id,
        _row.owner,
        _row.label,
        _row.kind,
        _row.payload,
        _row.expires_at,
        _row.taken,
    ).where(_row.token == param("of"))
)
_TAKE = Statement(update(undoables).where(_row.token == param("of")).values(taken=true()))
_PUT_BACK = Statement(update(undoables).where(_row.token == param("of")).values(taken=false()))


class SqliteUndoLog:
    """The undo log in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, undoable: Undoable) -> None:
        now = self._database.now()
        await self._database.write(lambda tx: keep_undoable(tx, undoable, now=now))

    async def take(self, token: str, person_id: str, now: datetime) -> Undoable | Refusal:
        moment = from_micros(to_micros(now))
        return await self._database.write(
            lambda tx: _take(tx, storable(token), person_id, moment), undo=_untake
        )

    async def taken(self, token: str) -> bool:
        rows = await self._database.read(lambda tx: tx.execute(_FIND, {"of": storable(token)}))
        return any(taken for *_, taken in rows)

    async def put_back(self, token: str) -> None:
        await self._database.write(lambda tx: tx.execute(_PUT_BACK, {"of": storable(token)}))


def keep_undoable(tx: Transaction, undoable: Undoable, *, now: int) -> None:
    """Add what can be taken back, within somebody's transaction."""
    tx.execute(
        _ADD,
        {
            "token": undoable.token,
            "person_id": undoable.person_id,
            "owner": undoable.owner,
            "label": storable(undoable.label),
            "kind": storable(undoable.action.kind),
            "payload": storable(undoable.action.payload),
            "now": now,
            "until": to_micros(undoable.expires_at),
        },
    )


def _take(tx: Transaction, token: str, person_id: str, now: datetime) -> Undoable | Refusal:
    for owned_by, owner, label, kind, payload, until, taken in tx.execute(_FIND, {"of": token}):
        expires_at = from_micros(until)
        refusal = refusal_of_press(
            presser=person_id,
            belongs_to=owned_by,
            over=bool(taken),
            expires_at=expires_at,
            now=now,
        )
        if refusal is not None:
            return refusal
        tx.execute(_TAKE, {"of": token})
        return Undoable(
            token=token,
            person_id=owned_by,
            owner=owner,
            label=label,
            action=UndoAction(kind=kind, payload=payload),
            expires_at=expires_at,
        )
    return Refusal.UNKNOWN


def _untake(taken: Undoable | Refusal) -> Work[object] | None:
    if not isinstance(taken, Undoable):
        return None
    return lambda tx: tx.execute(_PUT_BACK, {"of": taken.token})
