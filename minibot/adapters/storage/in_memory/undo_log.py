"""The undo log in memory."""

from datetime import datetime

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.in_memory.rows import Rows, UndoableRow
from minibot.adapters.storage.rules import refusal_of_press
from minibot.core.approvals import Refusal
from minibot.core.undo import Undoable


class InMemoryUndoLog:
    """The undo log of a process that may forget it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, undoable: Undoable) -> None:
        to_micros(undoable.expires_at)
        self._rows.undoables[undoable.token] = UndoableRow(undoable=undoable)

    async def take(self, token: str, person_id: str, now: datetime) -> Undoable | Refusal:
        to_micros(now)  # refuses what has no time zone
        row = self._rows.undoables.get(token)
        if row is None:
            return Refusal.UNKNOWN
        refusal = refusal_of_press(
            presser=person_id,
            belongs_to=row.undoable.person_id,
            over=row.taken,
            expires_at=row.undoable.expires_at,
            now=now,
        )
        if refusal is not None:
            return refusal
        row.taken = True
        return row.undoable

    async def taken(self, token: str) -> bool:
        row = self._rows.undoables.get(token)
        return row is not None and row.taken

    async def put_back(self, token: str) -> None:
        if token in self._rows.undoables:
            self._rows.undoables[token].taken = False
