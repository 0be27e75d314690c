"""The inbox in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.in_memory.rows import InboxRow, Rows
from minibot.adapters.storage.rules import LIST_LIMIT, as_edited, takes_in_edits, with_items
from minibot.core.errors import IllegalTransition
from minibot.core.events import MessageAccepted
from minibot.core.inbox import (
    MAX_CRASHES,
    InboxItem,
    InboxState,
    crash_delay,
)
from minibot.core.messages import Arrival
from minibot.core.ports import Clock, Recovery, Wanted


class InMemoryInbox:
    """The inbox of a process that may forget it."""

    def __init__(self, rows: Rows, *, clock: Clock, boot_id: str) -> None:
        self._rows = rows
        self._clock = clock
        self._boot_id = boot_id

    async def admit(
        self, arrivals: Sequence[Arrival], *, claim: Collection[str] = ()
    ) -> list[MessageAccepted]:
        now = self._clock.now()
        accepted = [admit_row(self._rows, arrival, now) for arrival in arrivals]
        claimed = [
            await self.claim(conversation)
            for conversation in claim
            if self._rows.current_key(conversation) == conversation
        ]
        return with_items([event for event in accepted if event is not None], claimed)

    async def secure(self) -> None:
        """Nothing here outlives the process anyway."""

    async def claim(self, conversation: str) -> InboxItem | datetime | None:
        key = self._rows.current_key(conversation)
        line = [
            row
            for row in self._rows.inbox.values()
            if row.conversation == key and not row.arrival.urgent
        ]
        if any(row.state is InboxState.PROCESSING for row in line):
            return None
        for row in line:
            if row.is_open:
                due = row.not_before <= self._clock.now()
                return self._take(row) if due else row.not_before
        return None

    async def claim_behind(self, item: InboxItem, wanted: Wanted) -> list[InboxItem]:
        key, now = self._rows.current_key(item.conversation), self._clock.now()
        taken, last = [], item
        for row in self._rows.inbox.values():
            if row.id <= item.id or row.conversation != key or row.arrival.urgent:
                continue
            if not row.is_open:
                continue
            behind = _item(row)
            if row.not_before > now or behind.must_run_alone or not wanted(last, behind):
                break
            last = self._take(row)
            taken.append(last)
        return taken

    async def claim_urgent(self, inbox_id: int) -> InboxItem | None:
        row = self._rows.inbox.get(inbox_id)
        if row is None or not row.is_open or not row.arrival.urgent:
            return None
        return self._take(row) if row.not_before <= self._clock.now() else None

    async def release(self, inbox_id: int) -> None:
        row = held_row(self._rows, inbox_id, self._boot_id)
        row.state, row.owner = InboxState.RECEIVED, ""
        row.attempts -= 1

    async def postpone(self, inbox_id: int, until: datetime, problem: str) -> None:
        to_micros(until)  # refuses what has no time zone
        row = held_row(self._rows, inbox_id, self._boot_id)
        row.state, row.owner = InboxState.RETRY, ""
        row.not_before, row.problem = until, problem

    async def wait(self, inbox_id: int, until: datetime, problem: str) -> None:
        to_micros(until)  # refuses what has no time zone
        row = held_row(self._rows, inbox_id, self._boot_id)
        row.state, row.owner = InboxState.WAITING, ""
        row.attempts -= 1
        row.not_before, row.problem = until, problem

    async def set_aside(self, inbox_id: int) -> None:
        row = held_row(self._rows, inbox_id, self._boot_id)
        row.arrival = replace(row.arrival, urgent=True)

    async def wake_waiting(self, limit: int) -> list[MessageAccepted]:
        now = self._clock.now()
        asleep = [
            row
            for row in self._rows.inbox.values()
            if row.state is InboxState.WAITING and row.not_before > now
        ]
        woken = asleep[: max(0, min(limit, LIST_LIMIT))]
        for row in woken:
            row.not_before = now
        return [accepted_event(row) for row in woken]

    async def cancel_waiting(self, conversation: str) -> int:
        key = self._rows.current_key(conversation)
        waiting = [
            row
            for row in self._rows.inbox.values()
            if row.state in (InboxState.WAITING, InboxState.RETRY) and row.conversation == key
        ]
        for row in waiting:
            row.state, row.finished_at = InboxState.CANCELLED, self._clock.now()
        return len(waiting)

    async def open_conversations(self) -> list[MessageAccepted]:
        heads: dict[str, MessageAccepted] = {}
        for row in self._rows.inbox.values():
            if row.is_open:
                name = f"urgent {row.id}" if row.arrival.urgent else row.conversation
                heads.setdefault(name, accepted_event(row))
        return list(heads.values())

    async def recover(self) -> Recovery:
        requeued = 0
        given_up: list[InboxItem] = []
        for row in self._rows.inbox.values():
            if row.state is not InboxState.PROCESSING or row.owner == self._boot_id:
                continue
            row.crashes += 1
            if row.crashes >= MAX_CRASHES:
                row.owner = self._boot_id
                given_up.append(_item(row))
            else:
                row.state, row.owner = InboxState.RECEIVED, ""
                row.not_before = self._clock.now() + crash_delay(row.crashes)
                requeued += 1
        return Recovery(requeued=requeued, given_up=tuple(given_up))

    def _take(self, row: InboxRow) -> InboxItem:
        """Claim a row, which reads as its person edited it meanwhile."""
        row.state, row.owner = InboxState.PROCESSING, self._boot_id
        row.attempts += 1
        message = row.arrival.message
        if message is None or not takes_in_edits(message):
            return _item(row)
        for edit in self._rows.inbox.values():
            if _is_edit_of(edit, row):
                edit.state, edit.finished_at = InboxState.CANCELLED, self._clock.now()
                if edit.arrival.message is not None:
                    message = as_edited(message, edit.arrival.message)
        row.arrival = replace(row.arrival, message=message)
        return _item(row)


def _is_edit_of(edit: InboxRow, row: InboxRow) -> bool:
    if edit.id <= row.id or edit.conversation != row.conversation or not edit.is_open:
        return False
    new, old = edit.arrival.message, row.arrival.message
    return new is not None and old is not None and new.edited and new.id == old.id


def held_row(rows: Rows, inbox_id: int, boot_id: str) -> InboxRow:
    """Give a row that a process is processing.

    Raises:
        IllegalTransition: it is not.
    """
    row = rows.inbox.get(inbox_id)
    if row is None or row.state is not InboxState.PROCESSING or row.owner != boot_id:
        raise IllegalTransition(f"row {inbox_id} is not held by this process")
    return row


def admit_row(rows: Rows, arrival: Arrival, now: datetime) -> MessageAccepted | None:
    chat = rows.current_chat(arrival.chat)
    rows.conversations.add(chat.key)
    delivery = (arrival.chat.channel, arrival.account, arrival.key)
    if delivery in rows.deliveries:
        return None
    rows.deliveries.add(delivery)
    readable = arrival.message is not None
    row = InboxRow(
        id=next(rows.inbox_ids),
        arrival=arrival,
        chat=chat,
        conversation=chat.key,
        state=InboxState.RECEIVED if readable else InboxState.DEAD,
        received_at=now,
        not_before=now,
        finished_at=None if readable else now,
        problem=arrival.problem,
    )
    rows.inbox[row.id] = row
    return accepted_event(row) if readable else None


def accepted_event(row: InboxRow) -> MessageAccepted:
    return MessageAccepted(
        inbox_id=row.id, conversation=row.conversation, urgent=row.arrival.urgent
    )


def _item(row: InboxRow) -> InboxItem:
    message = row.arrival.message
    if message is None:
        raise IllegalTransition(f"row {row.id} holds no message")
    return InboxItem(
        id=row.id,
        conversation=row.conversation,
        message=replace(message, chat=row.chat),
        received_at=row.received_at,
        attempts=row.attempts,
        crashes=row.crashes,
        urgent=row.arrival.urgent,
    )
