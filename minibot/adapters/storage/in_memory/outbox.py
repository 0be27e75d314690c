"""The outbox in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from minibot.adapters.storage.codec import to_micros
from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.in_memory.rows import OutboxRow, Rows
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.errors import IllegalTransition
from minibot.core.messages import ChatRef
from minibot.core.outbox import DeadPart, Draft, OutboxState, OutgoingPart
from minibot.core.ports import Clock


class InMemoryOutbox:
    """The outbox of a process that may forget it."""

    def __init__(self, rows: Rows, *, clock: Clock, boot_id: str, history: InMemoryHistory) -> None:
        self._rows = rows
        self._clock = clock
        self._boot_id = boot_id
        self._history = history

    async def enqueue(self, drafts: Sequence[Draft]) -> list[OutgoingPart]:
        return self.queue(drafts, claim_first=False)

    async def claim(self, part_id: int) -> OutgoingPart | None:
        row = self._rows.outbox.get(part_id)
        if row is None or not row.is_waiting:
            return None
        row.owner = self._boot_id
        row.part = replace(row.part, state=OutboxState.SENDING, attempts=row.part.attempts + 1)
        return row.part

    async def mark_sent(self, part_id: int, message_id: str) -> None:
        row = self._held(part_id)
        _leave(row, OutboxState.SENT, self._clock.now())
        row.message_id = message_id

    async def postpone(self, part_id: int, until: datetime, problem: str) -> None:
        to_micros(until)  # refuses what has no time zone
        row = self._held(part_id)
        row.part, row.owner = (
            replace(row.part, state=OutboxState.RETRY, not_before=until),
            "",
        )
        row.problem = problem

    async def release(self, part_id: int) -> None:
        row = self._held(part_id)
        row.part, row.owner = (
            replace(row.part, state=OutboxState.PENDING, attempts=row.part.attempts - 1),
            "",
        )

    async def bury(self, part_id: int, problem: str) -> None:
        row = self._rows.outbox.get(part_id)
        if row is None or not row.is_waiting:
            row = self._held(part_id)
        _leave(row, OutboxState.DEAD, self._clock.now())
        row.problem = problem

    async def message_id(self, key: str) -> str:
        row = self._rows.outbox.get(self._rows.part_ids_by_key.get(key, 0))
        return "" if row is None else row.message_id

    async def waiting(self) -> list[OutgoingPart]:
        return [row.part for row in self._rows.outbox.values() if row.is_waiting]

    async def recover(self) -> int:
        recovered = 0
        for row in self._rows.outbox.values():
            if row.part.state is OutboxState.SENDING and row.owner != self._boot_id:
                row.part, row.owner = replace(row.part, state=OutboxState.PENDING), ""
                recovered += 1
        return recovered

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> list[OutgoingPart]:
        if old.chat_id == new_chat_id:
            return []
        self._rows.move_conversations(old, new_chat_id)
        await self._history.move_chat(old, new_chat_id)
        moved: list[OutgoingPart] = []
        for row in self._rows.outbox.values():
            if row.finished_at is None and row.part.chat.chat_key == old.chat_key:
                row.part = replace(row.part, chat=replace(row.part.chat, chat_id=new_chat_id))
                moved += [row.part] if row.is_waiting else []
        return moved

    async def moved_chats(self) -> dict[str, str]:
        return {old: new.key for old, new in self._rows.moved.items()}

    async def dead(self, limit: int = 100) -> list[DeadPart]:
        dead = [row for row in self._rows.outbox.values() if row.part.state is OutboxState.DEAD]
        dead.sort(key=lambda row: (row.finished_at or row.part.created_at, row.part.id))
        return [
            DeadPart(
                id=row.part.id,
                conversation=row.part.chat.key,
                problem=row.problem,
                created_at=row.part.created_at,
            )
            for row in dead[::-1][: max(0, min(limit, LIST_LIMIT))]
        ]

    def queue(self, drafts: Sequence[Draft], *, claim_first: bool) -> list[OutgoingPart]:
        """Add parts whose key is new; the first, if so wished, as being sent."""
        now = self._clock.now()
        queued: list[OutgoingPart] = []
        for index, draft in enumerate(drafts):
            if draft.key in self._rows.part_ids_by_key:
                continue
            sending = claim_first and index == 0
            part = OutgoingPart(
                id=next(self._rows.part_ids),
                key=draft.key,
                chat=self._rows.current_chat(draft.chat),
                part=draft.part,
                reply_to=draft.reply_to,
                state=OutboxState.SENDING if sending else OutboxState.PENDING,
                attempts=1 if sending else 0,
                created_at=now,
                not_before=now,
                inbox_id=draft.inbox_id,
                edits=draft.edits,
                replaces=draft.replaces,
            )
            self._rows.part_ids_by_key[draft.key] = part.id
            owner = self._boot_id if sending else ""
            self._rows.outbox[part.id] = OutboxRow(part=part, owner=owner)
            queued.append(part)
        return queued

    def _held(self, part_id: int) -> OutboxRow:
        row = self._rows.outbox.get(part_id)
        if row is None or row.part.state is not OutboxState.SENDING or row.owner != self._boot_id:
            raise IllegalTransition(f"row {part_id} is not held by this process")
        return row


def _leave(row: OutboxRow, state: OutboxState, now: datetime) -> None:
    row.part, row.owner = replace(row.part, state=state), ""
    row.finished_at = now
