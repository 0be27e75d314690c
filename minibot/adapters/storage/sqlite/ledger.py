"""The ledger: a turn's result as one transaction."""

from dataclasses import dataclass

from minibot.adapters.storage.answer_codec import (
    decode_exchange,
    encode_account,
    encode_exchange,
)
from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.rules import refuse_unfinished
from minibot.adapters.storage.sqlite import inbox_statements as statements
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.history import (
    append_entries,
    drop_entries,
    put_away_entries,
)
from minibot.adapters.storage.sqlite.inbox import change_mine
from minibot.adapters.storage.sqlite.outbox import queue_parts
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.statement import Params, Transaction, Work
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
        conversation, author = result.item.conversation, result.item.message.sender.id
        with self._recent.change(conversation) as change:
            written = await self._database.write(self._recording(result, claim_first=claim_first))
            if not written.dropped:  # of what is left after that nothing is known for sure
                change.committed(result.entries, put_away=result.forget_history)
        for name, value in result.choices:
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
        answered = _answered(result)

        def work(tx: Transaction) -> _Written:
            names = {
                "item": result.item.id,
                "boot": boot,
                "to_state": result.state,
                "why": storable(result.problem),
                "now": now,
            }
            conversation = moves.current_key(tx, result.item.conversation)
            dropped = _drop_exchange(tx, conversation, result)
            if answered is None:
                change_mine(tx, statements.FINISH, names)
            else:
                change_mine(tx, statements.FINISH_ANSWERED, {**names, **answered})
            for joined in result.also:
                change_mine(tx, statements.FINISH, {**names, "item": joined})
            if self._other_history is None:
                if result.forget_history:
                    put_away_entries(tx, conversation, keep=0, now=now)
                drop_entries(tx, conversation, dropped)
                append_entries(tx, conversation, result.entries, author=author, now=now)
            for name, value in result.choices:
                self._preferences.write(tx, conversation, name, value)
            parts = queue_parts(
                tx,
                result.drafts,
                now=now,
                moves=moves,
                claim_first_for=boot if claim_first else None,
            )
            return _Written(parts, dropped)

        return work


@dataclass(frozen=True, slots=True)
class _Written:
    parts: list[OutgoingPart]
    dropped: int


def _answered(result: TurnResult) -> Params | None:
    """Give what is kept of an answer in its row; None when no model answered."""
    exchange, account = result.exchange, result.account
    if exchange is None and account is None:
        return None
    return {
        "exchange": None if exchange is None else encode_exchange(exchange),
        "account": None if account is None else encode_account(account),
    }


def _drop_exchange(tx: Transaction, conversation: str, result: TurnResult) -> int:
    """Forget exchanges as a turn wants it; gives how many newest entries leave the history."""
    if result.forget_history:
        tx.execute(statements.FORGET_EXCHANGES, {"of": conversation})
    elif result.drops:
        for item, stored in tx.execute(statements.EXCHANGES, {"of": conversation, "count": 1}):
            exchange = decode_exchange(item, stored)
            if exchange is not None and item == result.drops:
                tx.execute(statements.FORGET_EXCHANGE, {"item": item})
                return exchange.entries
    return 0
