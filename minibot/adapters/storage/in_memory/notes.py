"""Notes in memory."""

from dataclasses import replace

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.note_matching import NoteEntry, entry_of, find, parse_query
from minibot.adapters.storage.note_rules import fold_title, prepared, refuse_more
from minibot.adapters.storage.note_titles import nearest_title
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.notes import MAX_COUNTED, MAX_NOTES, Note, NotePage
from minibot.core.owners import belongs_to


class InMemoryNotes:
    """Notes that live as long as this process. Searching looks at every note of the owner."""

    def __init__(self, rows: Rows, *, most: int = MAX_NOTES) -> None:
        self._rows = rows
        self._most = most

    async def save(self, note: Note) -> Note | None:
        note = prepared(note)
        kept = self._rows.notes.setdefault(note.owner, {})
        key = fold_title(note.title)
        before = kept.get(key)
        if before is None:
            refuse_more(len(kept), self._most)
        else:
            note = replace(note, created_at=before.note.created_at)
            del kept[key]  # the order of the dict is the order of saving
        kept[key] = entry_of(note)
        return None if before is None else before.note

    async def get(self, owner: str, title: str) -> Note | None:
        kept, title = self._kept(owner), storable(title)
        if entry := kept.get(fold_title(title)):
            return entry.note
        by_title = {entry.note.title: entry.note for entry in reversed(kept.values())}
        near = nearest_title(title, by_title)
        return None if near is None else by_title[near]

    async def delete(self, owner: str, title: str) -> Note | None:
        entry = self._kept(owner).pop(fold_title(storable(title)), None)
        return None if entry is None else entry.note

    async def search(self, owner: str, query: str, *, limit: int, offset: int = 0) -> NotePage:
        found = find(reversed(self._kept(owner).values()), parse_query(query))
        start = max(0, offset)
        end = start + max(0, min(limit, LIST_LIMIT))
        return NotePage(notes=tuple(found[start:end]), total=min(len(found), MAX_COUNTED))

    async def owners(self, person: str) -> list[str]:
        person = storable(person)
        return sorted(
            owner for owner, kept in self._rows.notes.items() if kept and belongs_to(owner, person)
        )

    async def clear(self, owner: str) -> int:
        return len(self._rows.notes.pop(storable(owner), {}))

    def _kept(self, owner: str) -> dict[str, NoteEntry]:
        return self._rows.notes.get(storable(owner), {})
