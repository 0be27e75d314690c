"""The ledger in memory."""

from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.in_memory.inbox import held_row
from minibot.adapters.storage.in_memory.outbox import InMemoryOutbox
from minibot.adapters.storage.in_memory.preferences import InMemoryPreferences
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.rules import refuse_unfinished
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Clock, TurnResult


class InMemoryLedger:
    """Finishes turns in memory: it checks everything first, then writes, then awaits."""

    def __init__(
        self,
        rows: Rows,
        *,
        clock: Clock,
        boot_id: str,
        outbox: InMemoryOutbox,
        history: InMemoryHistory,
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._boot_id = boot_id
        self._outbox = outbox
        self._history = history
        self._preferences = InMemoryPreferences(rows)

    async def finish(self, result: TurnResult, *, claim_first: bool) -> list[OutgoingPart]:
        refuse_unfinished(result)
        items = (result.item.id, *result.also)
        rows = [held_row(self._rows, each, self._boot_id) for each in items]
        conversation = result.item.conversation
        if result.entries:
            self._rows.check_known(conversation)
        dropped = self._drop_exchange(result)
        if result.exchange is not None or result.account is not None:
            rows[0].answer = next(self._rows.answers)
            rows[0].exchange, rows[0].account = result.exchange, result.account
        for row in rows:
            row.state, row.owner, row.problem = result.state, "", result.problem
            row.finished_at = self._clock.now()
        if result.forget_history:
            await self._history.put_away(conversation)
        await self._history.drop(conversation, dropped)
        author = result.item.message.sender.id
        await self._history.append(conversation, result.entries, author=author)
        for name, value in result.choices:
            await self._preferences.set(conversation, name, value)
        return self._outbox.queue(result.drafts, claim_first=claim_first)

    def _drop_exchange(self, result: TurnResult) -> int:
        """Forget exchanges as a turn wants it; gives how many entries leave the history."""
        if not result.forget_history and not result.drops:
            return 0
        rows = [row for row in self._rows.answered(result.item.conversation) if row.exchange]
        if result.forget_history:
            for row in rows:
                row.exchange = None
            return 0
        last = rows[0].exchange if rows else None
        if last is None or last.item != result.drops:
            return 0
        rows[0].exchange = None
        return last.entries
