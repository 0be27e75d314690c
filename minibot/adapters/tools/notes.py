"""Notes: what minibot remembers for whoever asks."""

import json
from datetime import datetime
from typing import Annotated
from unicodedata import normalize

from pydantic import Field

from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.wording import RECEIPT_LENGTH, escaped, one_line
from minibot.core.errors import NotesFull, ToolArgumentsInvalid, ToolFailed
from minibot.core.notes import MAX_DATA, MAX_TITLE, Note, NotePage
from minibot.core.ports import Clock, Notes
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits, UndoAction

RESTORE = "note_restore"
REMOVE = "note_remove"

SHOWN_DATA = 400
"""Characters of each note that a search shows."""

SUGGESTED = 10
"""Titles that are named when there is none like the one asked for."""

Title = Annotated[str, Field(max_length=MAX_TITLE)]
Data = Annotated[str, Field(max_length=MAX_DATA)]

_WRITES = ToolTraits(effect=Effect.WRITE)


def _one_note(*, title: str, data: str = "") -> str:
    return f"note {title}"


class NoteTools:
    """Keeps notes; the owner is always the one of the context."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock
        self.tools = (
            function_tool(self.note_save, traits=_WRITES, scope=_one_note),
            function_tool(self.note_get),
            function_tool(self.note_search),
            function_tool(self.note_delete, traits=_WRITES, scope=_one_note),
        )
        self.undo = {RESTORE: self._restore, REMOVE: self._remove}

    async def note_save(self, context: ToolContext, title: Title, data: Data) -> ToolResult:
        """Remember something for the person. Save lasting facts they state about themselves and
        what they ask you to remember; never passwords or other secrets.

        Args:
            title: short and telling; a note of this title is replaced.
            data: all that is to be remembered, not only what is new.
        """
        now = self._clock.now()
        note = Note(
            owner=context.owner,
            title=_required(title, "title"),
            data=_required(data, "data", one_line=False),
            created_at=now,
            updated_at=now,
            source=context.conversation,
        )
        before = await self._keep(note)
        if before is None:
            return ToolResult(
                text=f'Remembered "{note.title}".',
                receipt=f"📝 Remembered **{escaped(note.title)}**",
                undo=UndoAction(kind=REMOVE, payload=_payload(note.title, now)),
            )
        if before.data == note.data:
            return ToolResult(text=f'"{note.title}" was remembered like this already.')
        return ToolResult(
            text=f'Changed "{note.title}". It said before: {one_line(before.data, SHOWN_DATA)}',
            receipt=f"📝 Changed **{escaped(note.title)}**",
            undo=UndoAction(kind=RESTORE, payload=_payload(note.title, now, before)),
        )

    async def note_get(self, context: ToolContext, title: Title) -> str:
        """Read one note of the person, whole."""
        note = await self._notes.get(context.owner, _required(title, "title"))
        if note is not None:
            return f"{note.title} (saved {_day(note.updated_at)}):\n{note.data}"
        newest = await self._notes.search(context.owner, "", limit=SUGGESTED)
        if not newest.notes:
            return "There are no notes yet."
        titles = ", ".join(f'"{each.title}"' for each in newest.notes)
        return f"There is no note titled like that. The newest of {newest.total}: {titles}."

    async def note_search(
        self,
        context: ToolContext,
        query: Annotated[str, Field(max_length=MAX_TITLE)],
        limit: Annotated[int | None, Field(ge=1)] = None,
        offset: Annotated[int, Field(ge=0, le=10_000)] = 0,
    ) -> str:
        """Search what you remember about the person. Look here before you say that you do not
        know something about them.

        Args:
            query: words to look for; empty lists all notes.
            limit: how many notes at most.
            offset: how many to skip.
        """
        limits = context.settings.tools.kv_memory
        page = await self._notes.search(
            context.owner,
            query.strip(),
            limit=min(limit or limits.default_limit, limits.max_limit),
            offset=offset,
        )
        return _listed(page, offset)

    async def note_delete(self, context: ToolContext, title: Title) -> ToolResult:
        """Forget a note of the person, when they ask for it.

        Args:
            title: exactly as it was saved.
        """
        before = await self._notes.delete(context.owner, _required(title, "title"))
        if before is None:
            nearest = await self._notes.get(context.owner, title)
            hint = f' Did you mean "{nearest.title}"?' if nearest else " Nothing was deleted."
            raise ToolFailed(f"There is no note of exactly this title.{hint}")
        return ToolResult(
            text=f'Forgot "{before.title}".',
            receipt=f"🗑 Forgot **{escaped(before.title)}**",
            undo=UndoAction(kind=RESTORE, payload=_payload(before.title, None, before)),
        )

    async def _restore(self, payload: str, owner: str) -> str:
        fields = json.loads(payload)
        await self._check_untouched(owner, fields["title"], fields["written_at"])
        before = fields["before"]
        note = Note(
            owner=owner,
            title=before["title"],
            data=before["data"],
            created_at=datetime.fromisoformat(before["created_at"]),
            updated_at=datetime.fromisoformat(before["updated_at"]),
            source=before["source"],
        )
        await self._keep(note)
        return f"{one_line(note.title, RECEIPT_LENGTH)} is as it was"

    async def _remove(self, payload: str, owner: str) -> str:
        fields = json.loads(payload)
        await self._check_untouched(owner, fields["title"], fields["written_at"])
        await self._notes.delete(owner, fields["title"])
        return f"{one_line(fields['title'], RECEIPT_LENGTH)} is forgotten again"

    async def _keep(self, note: Note) -> Note | None:
        try:
            return await self._notes.save(note)
        except NotesFull as error:
            raise ToolFailed(str(error)) from None

    async def _check_untouched(self, owner: str, title: str, written_at: str | None) -> None:
        """Refuse to take back what was changed once more in the meantime."""
        note = await self._notes.get(owner, title)  # a near one, when there is none like it
        is_it = note is not None and _folded(note.title) == _folded(title)
        found = note.updated_at if note is not None and is_it else None
        if found != (datetime.fromisoformat(written_at) if written_at else None):
            raise ToolFailed("the note was changed since, and is left as it is now")


def _required(text: str, name: str, *, one_line: bool = True) -> str:
    kept = " ".join(text.split()) if one_line else text.strip()
    if not kept:
        raise ToolArgumentsInvalid(f'"{name}": must not be empty.')
    return kept


def _folded(title: str) -> str:
    return " ".join(normalize("NFKC", title).casefold().split())


def _payload(title: str, written_at: datetime | None, before: Note | None = None) -> str:
    """Write what taking back needs: what was left behind, and what had been there."""
    fields: dict[str, object] = {
        "title": title,
        "written_at": None if written_at is None else written_at.isoformat(),
    }
    if before is not None:
        fields["before"] = {
            "title": before.title,
            "data": before.data,
            "created_at": before.created_at.isoformat(),
            "updated_at": before.updated_at.isoformat(),
            "source": before.source,
        }
    return json.dumps(fields, ensure_ascii=False)


def _listed(page: NotePage, offset: int) -> str:
    if not page.notes:
        return "Nothing was found." if page.total == 0 else f"There are only {page.total} notes."
    last = offset + len(page.notes)
    lines = [f"Notes {offset + 1} to {last} of {page.total}:"]
    lines += [
        f"- {note.title} ({_day(note.updated_at)}): {one_line(note.data, SHOWN_DATA)}"
        for note in page.notes
    ]
    if last < page.total:
        lines.append(f"More with offset {last}.")
    return "\n".join(lines)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
