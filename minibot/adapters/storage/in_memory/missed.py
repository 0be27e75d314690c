"""What was sent while minibot was away, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from minibot.adapters.storage.in_memory.inbox import accepted_event, admit_row
from minibot.adapters.storage.in_memory.rows import InboxRow, Rows
from minibot.core.catch_up import BEFORE, Kept, MissedItem
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxState
from minibot.core.messages import Arrival
from minibot.core.ports import Clock


class InMemoryMissed:
    """Missed messages of a process that may forget them."""

    def __init__(self, rows: Rows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def keep(self, arrivals: Sequence[Arrival]) -> int:
        now = self._clock.now()
        admitted = [admit_row(self._rows, arrival, now) for arrival in arrivals]
        new = [self._rows.inbox[event.inbox_id] for event in admitted if event is not None]
        for row in new:
            row.state, row.finished_at = InboxState.EXPIRED, now
        return len(new)

    async def unoffered(self) -> list[MissedItem]:
        return [
            _item(row)
            for row in self._rows.inbox.values()
            if _stands(row, BEFORE[Kept.OFFERED]) and row.arrival.message
        ]

    async def offered(self, conversation: str, first: int, last: int) -> list[MissedItem]:
        key = self._rows.current_key(conversation)
        return [
            _item(row)
            for row in self._rows.inbox.values()
            if first <= row.id <= last and row.conversation == key and _stands(row, {Kept.OFFERED})
        ]

    async def mark(self, ids: Sequence[int], kept: Kept) -> int:
        found = self._standing(ids, BEFORE[kept])
        for row in found:
            row.problem = kept.value
        return len(found)

    async def put_back(self, ids: Sequence[int]) -> list[MessageAccepted]:
        found = [row for row in self._standing(ids, {Kept.OFFERED}) if row.arrival.message]
        for row in found:
            row.state, row.finished_at, row.problem = InboxState.RECEIVED, None, ""
        return [accepted_event(row) for row in found]

    def _standing(self, ids: Sequence[int], wanted: Collection[Kept]) -> list[InboxRow]:
        rows = self._rows.inbox
        return [rows[id_] for id_ in sorted(set(ids)) if id_ in rows and _stands(rows[id_], wanted)]


def _stands(row: InboxRow, wanted: Collection[Kept]) -> bool:
    return row.state is InboxState.EXPIRED and row.problem in wanted


def _item(row: InboxRow) -> MissedItem:
    message = row.arrival.message
    return MissedItem(
        id=row.id,
        chat=row.chat,
        message=None if message is None else replace(message, chat=row.chat),
        kept=Kept(row.problem),
    )
