"""Messages that were given up."""

from minibot.adapters.storage.codec import from_micros
from minibot.adapters.storage.sqlite import inbox_statements as statements
from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.inbox import accepted_event
from minibot.core.events import MessageAccepted
from minibot.core.inbox import DeadItem


class SqliteDeadLetters:
    """What a database holds of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def dead(self, limit: int = 100) -> list[DeadItem]:
        names = {"count": max(0, min(limit, PAGE))}
        rows = await self._database.read(lambda tx: tx.execute(statements.DEAD, names))
        return [
            DeadItem(
                id=id_,
                conversation=conversation,
                problem=problem,
                received_at=from_micros(received_at),
            )
            for id_, conversation, problem, received_at in rows
        ]

    async def revive(self, inbox_id: int) -> MessageAccepted | None:
        rows = await self._database.write(
            lambda tx: tx.execute(statements.REVIVE, {"item": inbox_id})
        )
        return next(map(accepted_event, rows), None)
