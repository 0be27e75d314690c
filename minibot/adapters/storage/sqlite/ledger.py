"""The ledger: a turn's result as one transaction."""

from dataclasses import dataclass

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.rules import exchange_change, refuse_unfinished
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.history import (
    append_entries,
    drop_entries,
    put_away_entries,
)
from minibot.adapters.storage.sqlite.inbox import change_mine
from minibot.adapters.storage.sqlite.inbox_statements import FINISH
from minibot.adapters.storage.sqlite.outbox import queue_parts
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.statement import Transaction, Work
from minibot.adapters.storage.storage import DetachedHistory
from minibot.core.exchanges import CHOICE as EXCHANGES
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import TurnResult

Choices = tuple[tuple[str, str], ...]
"""Names and values of `Preferences`."""


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
        conversation, author = result.item.conversation, result.item.message.sender.id
        with self._recent.change(conversation) as change:
            written = await self._database.write(self._recording(result, claim_first=claim_first))
            if not written.dropped:  # of what is left after that nothing is known for sure
                change.committed(result.entries, put_away=result.forget_history)
        for name, value in written.choices:
            await self._preferences.learn(conversation, name, value)
        if self._other_history is not None:
            if result.forget_history:
                await self._other_history.put_away(conversation)
            if written.dropped:
                await self._other_history.drop(conversation, written.dropped)
            await self._other_history.append(conversation, result.entries, author=author)
        return written.parts

    def _recording(self, result: TurnResult, *, claim_first: bool) -> Work["_Written"]:
        now, boot, moves = self._database.now(), self._database.boot_id, self._database.moves
        author = result.item.message.sender.id

        def work(tx: Transaction) -> _Written:
            names = {
                "item": result.item.id,
                "boot": boot,
                "to_state": result.state,
                "why": storable(result.problem),
                "now": now,
            }
            change_mine(tx, FINISH, names)
            for joined in result.also:
                change_mine(tx, FINISH, {**names, "item": joined})
            conversation = moves.current_key(tx, result.item.conversation)
            dropped, choices = self._keep_exchanges(tx, conversation, result)
            if self._other_history is None:
                if result.forget_history:
                    put_away_entries(tx, conversation, keep=0, now=now)
                drop_entries(tx, conversation, dropped)
                append_entries(tx, conversation, result.entries, author=author, now=now)
            for name, value in choices:
                self._preferences.write(tx, conversation, name, value)
            parts = queue_parts(
                tx,
                result.drafts,
                now=now,
                moves=moves,
                claim_first_for=boot if claim_first else None,
            )
            return _Written(parts, choices, dropped)

        return work

    def _keep_exchanges(
        self, tx: Transaction, conversation: str, result: TurnResult
    ) -> tuple[int, Choices]:
        """Give the newest entries that leave the history, and all choices that are to be kept."""
        change = exchange_change(result)
        if change is None:
            return 0, result.choices
        before = self._preferences.read(tx, conversation, EXCHANGES)
        after, dropped = change.apply(before)
        return dropped, (*result.choices, (EXCHANGES, after))


@dataclass(frozen=True, slots=True)
class _Written:
    parts: list[OutgoingPart]
    choices: Choices
    dropped: int
