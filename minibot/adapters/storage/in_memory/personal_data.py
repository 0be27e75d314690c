"""What an in-memory storage holds about people."""

from dataclasses import replace

from minibot.adapters.storage.in_memory.conversations import is_in_chat
from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.in_memory.rows import InboxRow, Rows
from minibot.core.messages import Part
from minibot.core.personal import Export


class InMemoryPersonalData:
    """Takes along and erases what a process knows of a person."""

    def __init__(self, rows: Rows, history: InMemoryHistory) -> None:
        self._rows = rows
        self._history = history

    async def export(self, channel: str, person_id: str) -> Export:
        return await self._history.export(channel, person_id)

    async def erase(self, channel: str, person_id: str) -> int:
        erased = await self._history.erase(channel, person_id)
        items = {
            row.id: row
            for row in self._rows.inbox.values()
            if row.finished_at and _is_of(row, channel, person_id)
        }
        erased += sum(map(_strip, items.values()))
        for part_row in self._rows.outbox.values():
            part = part_row.part
            private = part.chat.chat_key == f"{channel}:{person_id}"
            if part_row.finished_at and (private or part.inbox_id in items) and part.part != EMPTY:
                part_row.part, part_row.problem = replace(part, part=EMPTY), ""
                erased += 1
        for id_ in items:
            self._rows.steps.pop(id_, None)
        self._forget_buttons(channel, person_id)
        self._forget_answers(channel, person_id)
        self._forget_choices(channel, person_id)
        return erased

    def _forget_buttons(self, channel: str, person_id: str) -> None:
        rows = self._rows
        for token, approval in list(rows.approvals.items()):
            request = approval.request
            item = rows.inbox.get(request.inbox_id)
            # A turn that waits for an answer goes on waiting.
            waits = item is not None and item.finished_at is None
            if (request.chat.channel, request.person_id) == (channel, person_id) and not waits:
                del rows.approvals[token]
        for token, undoable in list(rows.undoables.items()):
            if undoable.undoable.person_id == person_id:
                del rows.undoables[token]
        for id_, grant in list(rows.grants.items()):
            if grant.person_id == person_id:
                del rows.grants[id_]

    def _forget_answers(self, channel: str, person_id: str) -> None:
        for row in self._rows.inbox.values():
            if row.chat.channel == channel:
                # What somebody said may be gone from the middle of a group's exchanges.
                row.exchange = None
                if row.chat.chat_id == person_id:
                    row.account = None

    def _forget_choices(self, channel: str, person_id: str) -> None:
        for conversation, name in list(self._rows.preferences):
            if is_in_chat(conversation, f"{channel}:{person_id}"):
                del self._rows.preferences[conversation, name]


EMPTY = Part(text="")


def _is_of(row: InboxRow, channel: str, person_id: str) -> bool:
    if row.chat.channel != channel:
        return False
    message = row.arrival.message
    return row.chat.chat_id == person_id or (message is not None and message.sender.id == person_id)


def _strip(row: InboxRow) -> bool:
    """Leave of a message what recognises its delivery; True when there was more."""
    stripped = replace(row.arrival, message=None, raw="", problem="")
    changed = stripped != row.arrival
    row.arrival, row.problem = stripped, ""
    return changed
