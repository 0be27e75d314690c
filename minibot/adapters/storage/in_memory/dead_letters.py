"""Messages that were given up, in memory."""

from minibot.adapters.storage.in_memory.inbox import accepted_event
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.events import MessageAccepted
from minibot.core.inbox import DeadItem, InboxState


class InMemoryDeadLetters:
    """What a process holds of them."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def dead(self, limit: int = 100) -> list[DeadItem]:
        dead = [row for row in self._rows.inbox.values() if row.state is InboxState.DEAD]
        dead.sort(key=lambda row: (row.finished_at or row.received_at, row.id), reverse=True)
        return [
            DeadItem(
                id=row.id,
                conversation=row.conversation,
                problem=row.problem,
                received_at=row.received_at,
            )
            for row in dead[: max(0, min(limit, LIST_LIMIT))]
        ]

    async def revive(self, inbox_id: int) -> MessageAccepted | None:
        row = self._rows.inbox.get(inbox_id)
        if row is None or row.state not in (InboxState.DEAD, InboxState.EXPIRED):
            return None
        if row.arrival.message is None:
            return None
        row.state, row.finished_at, row.not_before = InboxState.RECEIVED, None, row.received_at
        row.attempts, row.crashes, row.problem = 0, 0, ""
        return accepted_event(row)
