"""What the in-memory storage needs done from time to time."""

from datetime import datetime, timedelta

from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.rules import DEAD_DAYS
from minibot.core.inbox import InboxState
from minibot.core.outbox import OutboxState


class InMemoryMaintenance:
    """Forgets what is over and long past."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def purge(self, now: datetime, *, keys_days: int = 8, payload_days: int = 2) -> int:
        # Contents go with their row: there is no disk to fill and nobody to read them.
        over, dead = now - timedelta(days=keys_days), now - timedelta(days=DEAD_DAYS)
        old_items = [
            row
            for row in self._rows.inbox.values()
            if row.finished_at
            and row.finished_at < (dead if row.state is InboxState.DEAD else over)
        ]
        for item in old_items:
            del self._rows.inbox[item.id]
            arrival = item.arrival
            self._rows.deliveries.discard((arrival.chat.channel, arrival.account, arrival.key))
        old_parts = [
            row
            for row in self._rows.outbox.values()
            if row.finished_at
            and row.finished_at < (dead if row.part.state is OutboxState.DEAD else over)
        ]
        for part in old_parts:
            del self._rows.outbox[part.part.id]
            self._rows.part_keys.discard(part.part.key)
        return len(old_items) + len(old_parts)

    async def checkpoint(self) -> None:
        """Do nothing: there is no file."""
