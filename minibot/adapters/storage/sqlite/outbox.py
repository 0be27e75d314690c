"""The outbox: parts to be delivered."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, false, null, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from minibot.adapters.storage.codec import (
    decode_part,
    encode_part,
    from_micros,
    storable,
    to_micros,
)
from minibot.adapters.storage.sqlite.chat_moves import move_conversations
from minibot.adapters.storage.sqlite.conversations import PAGE, Moves, moved_page
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.inbox import change_mine
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.schema import (
    OUTBOX_DEAD,
    OUTBOX_UNFINISHED,
    OUTBOX_WAITING,
    outbox,
)
from minibot.adapters.storage.sqlite.statement import (
    Row,
    Statement,
    Transaction,
    Work,
    fixed,
    param,
)
from minibot.adapters.storage.storage import DetachedHistory
from minibot.core.messages import ChatRef
from minibot.core.outbox import DeadPart, Draft, OutboxState, OutgoingPart

_row = outbox.c
_PART_COLUMNS = (
    _row.id,
    _row.key,
    _row.channel,
    _row.chat_id,
    _row.thread_id,
    _row.part,
    _row.reply_to,
    _row.state,
    _row.attempts,
    _row.created_at,
    _row.not_before,
    _row.inbox_id,
    _row.edits,
    _row.replaces,
)

_QUEUE = Statement(
    insert(outbox)
    .values(
        {
            **{
                name: param(name)
                for name in (
                    "key",
                    "channel",
                    "chat_id",
                    "thread_id",
                    "inbox_id",
                    "part",
                    "reply_to",
                    "state",
                    "attempts",
                    "boot_id",
                    "edits",
                    "replaces",
                )
            },
            "created_at": param("now"),
            "not_before": param("now"),
            "problem": "",
            "message_id": "",
            "stripped": false(),
        }
    )
    .on_conflict_do_nothing(index_elements=[_row.key])
    .returning(*_PART_COLUMNS)
)
_CLAIM = Statement(
    update(outbox)
    .where(OUTBOX_WAITING, _row.id == param("item"))
    .values(state=fixed(OutboxState.SENDING), boot_id=param("boot"), attempts=_row.attempts + 1)
    .returning(*_PART_COLUMNS)
)
_MINE = and_(OUTBOX_UNFINISHED, _row.id == param("item"), _row.boot_id == param("boot"))
_SENT = Statement(
    update(outbox)
    .where(_MINE)
    .values(
        state=fixed(OutboxState.SENT),
        boot_id=null(),
        finished_at=param("now"),
        message_id=param("told"),
    )
)
_POSTPONE = Statement(
    update(outbox)
    .where(_MINE)
    .values(
        state=fixed(OutboxState.RETRY),
        boot_id=null(),
        not_before=param("until"),
        problem=param("why"),
    )
)
_RELEASE = Statement(
    update(outbox)
    .where(_MINE)
    .values(state=fixed(OutboxState.PENDING), boot_id=null(), attempts=_row.attempts - 1)
)
_BURY = Statement(
    update(outbox)
    .where(
        OUTBOX_UNFINISHED,
        _row.id == param("item"),
        _row.boot_id.is_(None) | (_row.boot_id == param("boot")),
    )
    .values(
        state=fixed(OutboxState.DEAD),
        boot_id=null(),
        finished_at=param("now"),
        problem=param("why"),
    )
)
_MESSAGE_ID = Statement(select(_row.message_id).where(_row.key == param("of")))
_WAITING = Statement(
    select(*_PART_COLUMNS)
    .where(
        OUTBOX_WAITING,
        tuple_(_row.channel, _row.chat_id, _row.id)
        > tuple_(param("after_channel"), param("after_chat"), param("after_item")),
    )
    .order_by(_row.channel, _row.chat_id, _row.id)
    .limit(PAGE)
)
_RECOVER = Statement(
    update(outbox)
    .where(OUTBOX_UNFINISHED, _row.boot_id.is_not(None), _row.boot_id != param("boot"))
    .values(state=fixed(OutboxState.PENDING), boot_id=null())
)
_MOVE = Statement(
    update(outbox)
    .where(
        OUTBOX_UNFINISHED,
        _row.channel == param("of_channel"),
        _row.chat_id == param("old_chat_id"),
    )
    .values(chat_id=param("new_chat_id"))
    .returning(*_PART_COLUMNS)
)
_DEAD = Statement(
    select(_row.id, _row.channel, _row.chat_id, _row.thread_id, _row.problem, _row.created_at)
    .where(OUTBOX_DEAD)
    .order_by(_row.finished_at.desc(), _row.id.desc())
    .limit(param("count"))
)


class SqliteOutbox:
    """The outbox in a database.

    `preferences` are known by heart and have to be told when a chat moves; so has
    `other_history`, the history when it is not in the same database.
    """

    def __init__(
        self,
        database: Database,
        *,
        preferences: SqlitePreferences,
        other_history: DetachedHistory | None = None,
    ) -> None:
        self._database = database
        self._preferences = preferences
        self._other_history = other_history

    async def enqueue(self, drafts: Sequence[Draft]) -> list[OutgoingPart]:
        now, moves = self._database.now(), self._database.moves
        return await self._database.write(lambda tx: queue_parts(tx, drafts, now=now, moves=moves))

    async def claim(self, part_id: int) -> OutgoingPart | None:
        names = {"item": part_id, "boot": self._database.boot_id}
        return await self._database.write(
            lambda tx: next(map(_part, tx.execute(_CLAIM, names)), None),
            brisk=True,
            undo=self._unclaim,
        )

    async def mark_sent(self, part_id: int, message_id: str) -> None:
        await self._change(_SENT, part_id, told=message_id)

    async def postpone(self, part_id: int, until: datetime, problem: str) -> None:
        await self._change(_POSTPONE, part_id, until=to_micros(until), why=storable(problem))

    async def release(self, part_id: int) -> None:
        await self._change(_RELEASE, part_id)

    async def bury(self, part_id: int, problem: str) -> None:
        await self._change(_BURY, part_id, why=storable(problem))

    async def message_id(self, key: str) -> str:
        rows = await self._database.read(lambda tx: tx.execute(_MESSAGE_ID, {"of": key}))
        return "".join(found for (found,) in rows)

    async def waiting(self) -> list[OutgoingPart]:
        found: list[OutgoingPart] = []
        names: dict[str, object] = {"after_channel": "", "after_chat": "", "after_item": 0}
        while page := await self._database.read(_waiting_page(names)):
            found += page
            last = page[-1]
            names = {
                "after_channel": last.chat.channel,
                "after_chat": last.chat.chat_id,
                "after_item": last.id,
            }
        return sorted(found, key=lambda part: part.id)

    async def recover(self) -> int:
        boot = self._database.boot_id
        return await self._database.write(lambda tx: _recover(tx, boot))

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> list[OutgoingPart]:
        now = self._database.now()
        if old.chat_id == new_chat_id:
            return []
        # Before the commit, which somebody may stop waiting for: a choice that is known by a
        # name the database will only have later is still the same choice.
        self._database.moves.expect()
        self._preferences.move_chat(old, new_chat_id)
        moved = await self._database.write(lambda tx: _move(tx, old, new_chat_id, now))
        if self._other_history is not None:
            await self._other_history.move_chat(old, new_chat_id)
        return moved

    async def moved_chats(self) -> dict[str, str]:
        moved: dict[str, str] = {}
        after = ""
        while page := await self._database.read(_moved_page(after)):
            moved |= page
            after = max(page)
        return moved

    async def dead(self, limit: int = 100) -> list[DeadPart]:
        names = {"count": max(0, min(limit, PAGE))}
        rows = await self._database.read(lambda tx: tx.execute(_DEAD, names))
        return [
            DeadPart(
                id=id_,
                conversation=ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id).key,
                problem=problem,
                created_at=from_micros(created_at),
            )
            for id_, channel, chat_id, thread_id, problem, created_at in rows
        ]

    async def _change(self, statement: Statement, part_id: int, **values: object) -> None:
        names = {
            "item": part_id,
            "boot": self._database.boot_id,
            "now": self._database.now(),
            **values,
        }
        # A lost mark has the part sent once more, which a power cut excuses.
        await self._database.write(lambda tx: change_mine(tx, statement, names), brisk=True)

    def _unclaim(self, claimed: OutgoingPart | None) -> Work[None] | None:
        if claimed is None:
            return None
        names = {"item": claimed.id, "boot": self._database.boot_id}
        return lambda tx: change_mine(tx, _RELEASE, names)


def queue_parts(
    tx: Transaction,
    drafts: Sequence[Draft],
    *,
    now: int,
    moves: Moves,
    claim_first_for: str | None = None,
) -> list[OutgoingPart]:
    """Insert parts, the first of them as being sent by the process of that boot id, if given."""
    queued: list[OutgoingPart] = []
    for index, draft in enumerate(drafts):
        chat = moves.current_chat(tx, draft.chat)
        boot = claim_first_for if index == 0 else None
        names = {
            "key": draft.key,
            "channel": chat.channel,
            "chat_id": chat.chat_id,
            "thread_id": chat.thread_id,
            "inbox_id": draft.inbox_id,
            "part": encode_part(draft.part),
            "reply_to": draft.reply_to,
            "state": OutboxState.SENDING if boot else OutboxState.PENDING,
            "attempts": 1 if boot else 0,
            "boot_id": boot,
            "edits": draft.edits,
            "replaces": draft.replaces,
            "now": now,
        }
        queued += map(_part, tx.execute(_QUEUE, names))
    return queued


def _part(row: Row) -> OutgoingPart:
    id_, key, channel, chat_id, thread_id, part, reply_to, state, attempts = row[:9]
    created_at, not_before, inbox_id, edits, replaces = row[9:]
    return OutgoingPart(
        id=id_,
        key=key,
        chat=ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id),
        part=decode_part(part),
        reply_to=reply_to,
        state=OutboxState(state),
        attempts=attempts,
        created_at=from_micros(created_at),
        not_before=from_micros(not_before),
        inbox_id=inbox_id,
        edits=edits,
        replaces=replaces,
    )


def _waiting_page(names: dict[str, object]) -> Work[list[OutgoingPart]]:
    return lambda tx: [_part(row) for row in tx.execute(_WAITING, names)]


def _moved_page(after: str) -> Work[dict[str, str]]:
    return lambda tx: moved_page(tx, after)


def _recover(tx: Transaction, boot: str) -> int:
    tx.execute(_RECOVER, {"boot": boot})
    return tx.rowcount


def _move(tx: Transaction, old: ChatRef, new_chat_id: str, now: int) -> list[OutgoingPart]:
    move_conversations(tx, old, new_chat_id, now)
    rows = tx.execute(
        _MOVE,
        {"of_channel": old.channel, "old_chat_id": old.chat_id, "new_chat_id": new_chat_id},
    )
    parts = sorted(map(_part, rows), key=lambda part: part.id)
    return [part for part in parts if part.state is not OutboxState.SENDING]
