"""The ledger: a turn's result as one transaction."""

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.rules import refuse_unfinished
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.history import append_entries, put_away_entries
from minibot.adapters.storage.sqlite.inbox import change_mine
from minibot.adapters.storage.sqlite.inbox_statements import FINISH
from minibot.adapters.storage.sqlite.outbox import queue_parts
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.statement import Transaction
from minibot.adapters.storage.storage import DetachedHistory
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import TurnResult


class SqliteLedger:
    """Finishes turns in a database.

    `preferences` are known by heart, and are told what a turn leaves of them.
    `other_history` is the history when it is not in the same database. It is written after the
    commit, and lacks an exchange when the process dies in between.
    """

    def __init__(
        self,
        database: Database,
        recent: RecentEntries,
        *,
        preferences: SqlitePreferences,
        other_history: DetachedHistory | None = None,
    ) -> None:
        self._database = database
        self._recent = recent
        self._preferences = preferences
        self._other_history = other_history

    async def finish(self, result: TurnResult, *, claim_first: bool) -> list[OutgoingPart]:
        refuse_unfinished(result)
        now, boot, moves = self._database.now(), self._database.boot_id, self._database.moves
        author = result.item.message.sender.id

        def work(tx: Transaction) -> list[OutgoingPart]:
            names = {
                "item": result.item.id,
                "boot": boot,
                "to_state": result.state,
                "why": storable(result.problem),
                "now": now,
            }
            change_mine(tx, FINISH, names)
            if self._other_history is None:
                conversation = moves.current_key(tx, result.item.conversation)
                if result.forget_history:
                    put_away_entries(tx, conversation, keep=0, now=now)
                append_entries(tx, conversation, result.entries, author=author, now=now)
            for name, value in result.choices:
                self._preferences.write(tx, result.item.conversation, name, value)
            return queue_parts(
                tx,
                result.drafts,
                now=now,
                moves=moves,
                claim_first_for=boot if claim_first else None,
            )

        with self._recent.change(result.item.conversation) as change:
            parts = await self._database.write(work)
            change.committed(result.entries, put_away=result.forget_history)
        for name, value in result.choices:
            await self._preferences.learn(result.item.conversation, name, value)
        if self._other_history is not None:
            if result.forget_history:
                await self._other_history.put_away(result.item.conversation)
            await self._other_history.append(
                result.item.conversation, result.entries, author=author
            )
        return parts
