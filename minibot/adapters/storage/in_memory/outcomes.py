"""What came of messages, in memory."""

from dataclasses import replace

from minibot.adapters.storage.in_memory.rows import Rows
from minibot.core.inbox import Outcome
from minibot.core.messages import IncomingMessage
from minibot.core.outbox import OutboxState


class InMemoryOutcomes:
    """Looks at inbox and outbox together."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, channel: str, account: str, key: str) -> Outcome | None:
        for row in self._rows.inbox.values():
            arrival = row.arrival
            if (arrival.chat.channel, arrival.account, arrival.key) == (channel, account, key):
                states = [
                    part.part.state
                    for part in self._rows.outbox.values()
                    if part.part.key.startswith(f"inbox:{row.id}:")
                ]
                dead = states.count(OutboxState.DEAD)
                return Outcome(
                    inbox_id=row.id,
                    state=row.state,
                    problem=row.problem,
                    undelivered=len(states) - dead - states.count(OutboxState.SENT),
                    lost=dead,
                )
        return None

    async def contents(self, inbox_id: int) -> IncomingMessage | None:
        row = self._rows.inbox.get(inbox_id)
        if row is None or row.arrival.message is None:
            return None
        return replace(row.arrival.message, chat=row.chat)
