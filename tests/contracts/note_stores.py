"""The stores of notes the contract suite runs on."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from minibot.adapters.storage.in_memory.notes import InMemoryNotes
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.sqlite.database import open_database
from minibot.adapters.storage.sqlite.notes import SqliteNotes
from minibot.core.notes import MAX_NOTES, Note
from minibot.core.ports import Notes
from tests.contracts.redis_server import RedisNoteHome
from tests.contracts.storages import START, ManualClock

OWNER = "telegram:1"
OTHER = "telegram:2"


class NoteHome(Protocol):
    """A place where notes are kept, over several processes."""

    def open(self, *, most: int = MAX_NOTES) -> AbstractAsyncContextManager[Notes]:
        """Open it as a new process would."""


class SqliteNoteHome:
    """A database file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "minibot.db"

    @asynccontextmanager
    async def open(self, *, most: int = MAX_NOTES) -> AsyncIterator[Notes]:
        async with open_database(self.path, clock=ManualClock()) as database:
            yield SqliteNotes(database, most=most)


class InMemoryNoteHome:
    """Rows that several stores share one after the other."""

    def __init__(self, _folder: Path) -> None:
        self._rows = Rows()

    @asynccontextmanager
    async def open(self, *, most: int = MAX_NOTES) -> AsyncIterator[Notes]:
        yield InMemoryNotes(self._rows, most=most)


NOTE_HOMES: list[Callable[[Path], NoteHome]] = [SqliteNoteHome, InMemoryNoteHome, RedisNoteHome]


def a_note(title: str, data: str = "", *, owner: str = OWNER, minutes: int = 0) -> Note:
    """Make a note that was written some minutes after `START`."""
    moment = START + timedelta(minutes=minutes)
    return Note(
        owner=owner,
        title=title,
        data=data,
        source="telegram:42",
        created_at=moment,
        updated_at=moment,
    )


async def fill(notes: Notes, *titles_and_data: tuple[str, str], owner: str = OWNER) -> None:
    for title, data in titles_and_data:
        await notes.save(a_note(title, data, owner=owner))


async def titles(notes: Notes, query: str, *, owner: str = OWNER) -> list[str]:
    """Search, and give what was found by title, the best first."""
    page = await notes.search(owner, query, limit=1000)
    assert page.total == len(page.notes)
    return [note.title for note in page.notes]
