"""The inbox in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.in_memory.rows import InboxRow, Rows
from minibot.adapters.storage.rules import LIST_LIMIT, with_items
from minibot.core.errors import IllegalTransition
from minibot.core.events import MessageAccepted
from minibot.core.inbox import (
    MAX_CRASHES,
    DeadItem,
    InboxItem,
    InboxState,
    crash_delay,
)
from minibot.core.messages import Arrival
from minibot.core.ports import Clock, Recovery


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
                return _claim(row, self._boot_id) if due else row.not_before
        return None

    async def claim_urgent(self, inbox_id: int) -> InboxItem | None:
        row = self._rows.inbox.get(inbox_id)
        if row is None or not row.is_open or not row.arrival.urgent:
            return None
        return _claim(row, self._boot_id) if row.not_before <= self._clock.now() else None

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

    async def dead(self, limit: int = 100) -> list[DeadItem]:
        dead = [row for row in self._rows.inbox.values() if row.state is InboxState.DEAD]
        dead.sort(key=lambda row: (row.finished_at or row.received_at, row.id), reverse=True)
        return [
            DeadItem(
                id=row.id,
                conversation=row.conversation,
                problem=row.problem,
                received_at=row.received_at,
            )
            for row in dead[: max(0, min(limit, LIST_LIMIT))]
        ]

    async def revive(self, inbox_id: int) -> MessageAccepted | None:
        row = self._rows.inbox.get(inbox_id)
        if row is None or row.state not in (InboxState.DEAD, InboxState.EXPIRED):
            return None
        if row.arrival.message is None:
            return None
        row.state, row.finished_at, row.not_before = InboxState.RECEIVED, None, row.received_at
        row.attempts, row.crashes, row.problem = 0, 0, ""
        return accepted_event(row)


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


def _claim(row: InboxRow, boot_id: str) -> InboxItem:
    row.state, row.owner = InboxState.PROCESSING, boot_id
    row.attempts += 1
    return _item(row)


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
