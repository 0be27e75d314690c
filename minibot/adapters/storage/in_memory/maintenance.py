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
        turns = timedelta(days=min(payload_days, keys_days))
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
            del self._rows.part_ids_by_key[part.part.key]
        return len(old_items) + len(old_parts) + self._purge_turns(now - turns)

    def _purge_turns(self, before: datetime) -> int:
        rows = self._rows
        steps = [
            (inbox_id, row)
            for inbox_id, steps in rows.steps.items()
            for row in steps
            if row.created_at < before and not self._may_go_on(inbox_id)
        ]
        for inbox_id, step in steps:
            rows.steps[inbox_id].remove(step)
        approvals = [
            token
            for token, approval in rows.approvals.items()
            if approval.request.expires_at < before
            and not self._may_go_on(approval.request.inbox_id)
        ]
        for token in approvals:
            del rows.approvals[token]
        undoables = [
            token for token, row in rows.undoables.items() if row.undoable.expires_at < before
        ]
        for token in undoables:
            del rows.undoables[token]
        calls = sum(len(row.step.calls) for _, row in steps)
        return len(steps) + calls + len(approvals) + len(undoables)

    def _may_go_on(self, inbox_id: int) -> bool:
        row = self._rows.inbox.get(inbox_id)
        return row is not None and (row.finished_at is None or row.state is InboxState.DEAD)

    async def index(self) -> None:
        """Nothing is indexed."""

    async def checkpoint(self) -> None:
        """Do nothing: there is no file."""
