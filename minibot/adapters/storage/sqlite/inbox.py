"""The inbox: messages received and not yet answered."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from minibot.adapters.storage.codec import (
    MICROSECOND,
    decode_message,
    encode_message,
    from_micros,
    storable,
    to_micros,
)
from minibot.adapters.storage.rules import as_edited, takes_in_edits, with_items
from minibot.adapters.storage.sqlite import inbox_statements as statements
from minibot.adapters.storage.sqlite.conversations import PAGE, Moves, open_conversation
from minibot.adapters.storage.sqlite.database import Database
from minibot.adapters.storage.sqlite.statement import (
    Params,
    Row,
    Statement,
    Transaction,
    Work,
)
from minibot.core.errors import IllegalTransition
from minibot.core.events import MessageAccepted
from minibot.core.inbox import (
    MAX_CRASHES,
    InboxItem,
    InboxState,
    crash_delay,
)
from minibot.core.messages import Arrival, ChatRef
from minibot.core.ports import Recovery, Wanted

BEHIND_LIMIT = 100
"""Items that are taken at once, at the most."""


class SqliteInbox:
    """The inbox in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(
        self, arrivals: Sequence[Arrival], *, claim: Collection[str] = ()
    ) -> list[MessageAccepted]:
        now, boot, moves = self._database.now(), self._database.boot_id, self._database.moves
        rows = [(arrival, arrival_row(arrival, now)) for arrival in arrivals]

        def work(tx: Transaction) -> list[MessageAccepted]:
            accepted = admit_rows(tx, rows, now=now, moves=moves)
            claimed = [
                _claim(tx, conversation, now=now, boot=boot)
                for conversation in claim
                if moves.current_key(tx, conversation) == conversation
            ]
            return with_items(accepted, claimed)

        return await self._database.write(work, brisk=True, undo=partial(_unclaim_all, boot=boot))

    async def secure(self) -> None:
        await self._database.secure()

    async def claim(self, conversation: str) -> InboxItem | datetime | None:
        now, boot, moves = self._database.now(), self._database.boot_id, self._database.moves
        return await self._database.write(
            lambda tx: _claim(tx, moves.current_key(tx, conversation), now=now, boot=boot),
            brisk=True,
            undo=partial(_unclaim, boot=boot),
        )

    async def claim_behind(self, item: InboxItem, wanted: Wanted) -> list[InboxItem]:
        now, boot, moves = self._database.now(), self._database.boot_id, self._database.moves

        def work(tx: Transaction) -> list[InboxItem]:
            line = moves.current_key(tx, item.conversation)
            names = {"line": line, "item": item.id, "count": BEHIND_LIMIT}
            taken, last = [], item
            for *row, not_before in tx.execute(statements.BEHIND, names):
                behind = _item(tuple(row))
                if not_before > now or behind.must_run_alone or not wanted(last, behind):
                    break
                # Nothing comes back of an edit that went to its message a moment ago.
                for claimed in tx.execute(statements.CLAIM, {"item": behind.id, "boot": boot}):
                    last = _with_edits(tx, _item(claimed), line, now)
                    taken.append(last)
            return taken

        return await self._database.write(work, brisk=True, undo=partial(_unclaim_each, boot=boot))

    async def claim_urgent(self, inbox_id: int) -> InboxItem | None:
        now, boot, moves = self._database.now(), self._database.boot_id, self._database.moves
        names = {"item": inbox_id, "boot": boot, "now": now}

        def work(tx: Transaction) -> InboxItem | None:
            for row in tx.execute(statements.CLAIM_URGENT, names):
                item = _item(row)
                return _with_edits(tx, item, moves.current_key(tx, item.conversation), now)
            return None

        return await self._database.write(work, brisk=True, undo=partial(_unclaim, boot=boot))

    async def release(self, inbox_id: int) -> None:
        names = {"item": inbox_id, "boot": self._database.boot_id}
        await self._database.write(
            lambda tx: change_mine(tx, statements.RELEASE, names), brisk=True
        )

    async def postpone(self, inbox_id: int, until: datetime, problem: str) -> None:
        names = {
            "item": inbox_id,
            "boot": self._database.boot_id,
            "until": to_micros(until),
            "why": storable(problem),
        }
        await self._database.write(
            lambda tx: change_mine(tx, statements.POSTPONE, names), brisk=True
        )

    async def wait(self, inbox_id: int, until: datetime, problem: str) -> None:
        names = {
            "item": inbox_id,
            "boot": self._database.boot_id,
            "until": to_micros(until),
            "why": storable(problem),
        }
        await self._database.write(lambda tx: change_mine(tx, statements.WAIT, names), brisk=True)

    async def set_aside(self, inbox_id: int) -> None:
        names = {"item": inbox_id, "boot": self._database.boot_id}
        await self._database.write(
            # Lost in a power cut, it is in line once more, and may be set aside anew.
            lambda tx: change_mine(tx, statements.SET_ASIDE, names),
            brisk=True,
        )

    async def wake_waiting(self, limit: int) -> list[MessageAccepted]:
        names = {"now": self._database.now(), "count": max(0, min(limit, PAGE))}
        rows = await self._database.write(
            # A power cut makes them wait until their own time, nothing worse.
            lambda tx: tx.execute(statements.WAKE_WAITING, names),
            brisk=True,
        )
        return sorted(map(accepted_event, rows), key=lambda event: event.inbox_id)

    async def cancel_waiting(self, conversation: str) -> int:
        now, moves = self._database.now(), self._database.moves

        def work(tx: Transaction) -> int:
            names = {"of": moves.current_key(tx, conversation), "now": now}
            tx.execute(statements.CANCEL_WAITING, names)
            return tx.rowcount

        return await self._database.write(work)

    async def open_conversations(self) -> list[MessageAccepted]:
        found: list[MessageAccepted] = []
        after, after_item = "", 0
        while page := await self._database.read(_urgent_page(after, after_item)):
            found += page
            after, after_item = page[-1].conversation, page[-1].inbox_id
        after = ""
        while page := await self._database.read(_lines_page(after)):
            found += page
            after = page[-1].conversation
        return sorted(found, key=lambda event: event.inbox_id)

    async def recover(self) -> Recovery:
        now, boot = self._database.now(), self._database.boot_id
        return await self._database.write(lambda tx: _recover(tx, now=now, boot=boot))


def change_mine(tx: Transaction, statement: Statement, names: Params) -> None:
    """Change the one row named, which this process must be holding.

    Raises:
        IllegalTransition: it is not.
    """
    tx.execute(statement, names)
    if tx.rowcount != 1:
        raise IllegalTransition(f"row {names['item']} is not held by this process")


def arrival_row(arrival: Arrival, now: int) -> Params:
    readable = arrival.message is not None
    return {
        "channel": arrival.chat.channel,
        "account": arrival.account,
        "key": arrival.key,
        "state": InboxState.RECEIVED if readable else InboxState.DEAD,
        "urgent": arrival.urgent,
        "message": encode_message(arrival.message) if arrival.message else None,
        "raw": storable(arrival.raw),
        "problem": storable(arrival.problem),
        "received_at": now,
        "finished_at": None if readable else now,
    }


def admit_rows(
    tx: Transaction, rows: Sequence[tuple[Arrival, Params]], *, now: int, moves: Moves
) -> list[MessageAccepted]:
    accepted: list[MessageAccepted] = []
    for arrival, row in rows:
        chat = moves.current_chat(tx, arrival.chat)
        open_conversation(tx, chat, now)
        place = {
            "conversation": chat.key,
            "chat_id": chat.chat_id,
            "thread_id": chat.thread_id,
        }
        new = tx.execute(statements.ADMIT, {**row, **place})
        if arrival.message is not None:
            accepted += [
                MessageAccepted(inbox_id=id_, conversation=chat.key, urgent=arrival.urgent)
                for (id_,) in new
            ]
    return accepted


def _claim(
    tx: Transaction, conversation: str, *, now: int, boot: str
) -> InboxItem | datetime | None:
    names = {"line": conversation, "now": now, "boot": boot}
    for *row, edit_behind in tx.execute(statements.CLAIM_HEAD, names):
        item = _item(tuple(row))
        return _with_edits(tx, item, conversation, now) if edit_behind else item
    for (not_before,) in tx.execute(statements.WAITS_UNTIL, names):
        return from_micros(not_before)
    return None


def _with_edits(tx: Transaction, item: InboxItem, line: str, now: int) -> InboxItem:
    """Have a claimed item read as its person edited it while it waited."""
    message = item.message
    if not takes_in_edits(message):
        return item
    names = {"line": line, "item": item.id, "of_message": message.id}
    for edit_id, contents in tx.execute(statements.EDITS, names):
        message = as_edited(message, decode_message(contents, message.chat))
        tx.execute(statements.TAKEN_IN, {"item": edit_id, "now": now})
    if message is item.message:
        return item
    tx.execute(statements.REWRITE, {"item": item.id, "contents": encode_message(message)})
    return replace(item, message=message)


def _item(row: Row) -> InboxItem:
    id_, channel, chat_id, thread_id, message, received_at, attempts, crashes, urgent = row
    chat = ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)
    return InboxItem(
        id=id_,
        conversation=chat.key,
        message=decode_message(message, chat),
        received_at=from_micros(received_at),
        attempts=attempts,
        crashes=crashes,
        urgent=bool(urgent),
    )


def accepted_event(row: Row) -> MessageAccepted:
    id_, conversation, urgent = row
    return MessageAccepted(inbox_id=id_, conversation=conversation, urgent=bool(urgent))


def _unclaim_all(accepted: list[MessageAccepted], *, boot: str) -> Work[None] | None:
    return _unclaim_each([event.item for event in accepted], boot=boot)


def _unclaim_each(items: Sequence[InboxItem | None], *, boot: str) -> Work[None] | None:
    works = [work for item in items if (work := _unclaim(item, boot=boot))]
    if not works:
        return None

    def undo(tx: Transaction) -> None:
        for work in works:
            work(tx)

    return undo


def _unclaim(claimed: InboxItem | datetime | None, *, boot: str) -> Work[None] | None:
    if not isinstance(claimed, InboxItem):
        return None
    names = {"item": claimed.id, "boot": boot}
    return lambda tx: change_mine(tx, statements.RELEASE, names)


def _urgent_page(after: str, after_item: int) -> Work[list[MessageAccepted]]:
    names = {"after": after, "after_item": after_item}
    return lambda tx: [
        MessageAccepted(inbox_id=id_, conversation=conversation, urgent=True)
        for conversation, id_ in tx.execute(statements.OPEN_URGENT, names)
    ]


def _lines_page(after: str) -> Work[list[MessageAccepted]]:
    return lambda tx: [
        MessageAccepted(inbox_id=id_, conversation=conversation, urgent=False)
        for conversation, id_ in tx.execute(statements.OPEN_LINES, {"after": after})
    ]


def _recover(tx: Transaction, *, now: int, boot: str) -> Recovery:
    requeued = 0
    given_up: list[InboxItem] = []
    for id_, crashes in tx.execute(statements.ABANDONED, {"boot": boot}):
        counts = {"item": id_, "crash_count": crashes + 1}
        if crashes + 1 >= MAX_CRASHES:
            given_up += map(_item, tx.execute(statements.TAKE_OVER, {**counts, "boot": boot}))
        else:
            until = now + _micros(crash_delay(crashes + 1))
            tx.execute(statements.TAKE_BACK, {**counts, "until": until})
            requeued += 1
    return Recovery(requeued=requeued, given_up=tuple(given_up))


def _micros(delay: timedelta) -> int:
    return delay // MICROSECOND
