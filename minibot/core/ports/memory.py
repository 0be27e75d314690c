"""What is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minibot.core.llm import Utterance
from minibot.core.messages import OutgoingFile
from minibot.core.notes import Note, NotePage
from minibot.core.personal import Excerpt, Export, HistoryInfo, Summary


class History(Protocol):
    """What was said, per conversation. What is put away is kept, searchable, and not shown."""

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        """Give the newest entries, oldest first; `limit` is capped at 1,000."""

    async def append(
        self, conversation: str, entries: Sequence[Utterance], *, author: str = ""
    ) -> None:
        """Add entries; `author` is the id of the person whose exchange it is.

        Raises `UnknownConversation`.
        """

    async def exists(self, conversation: str) -> bool:
        """Say whether anything was said, without reading it."""

    async def put_away(self, conversation: str, *, keep: int = 0) -> int:
        """Put all but the newest `keep` exchanges away; gives the number of entries.

        With `keep` 0 the summary goes with them.
        """

    async def take_back(self, conversation: str) -> int:
        """Undo the last `put_away`; gives the number of entries."""

    async def drop(self, conversation: str, entries: int) -> int:
        """Delete the newest so many entries, put away or not; gives the number.

        A summary that tells of one of them goes with them.
        """

    async def info(self, conversation: str) -> HistoryInfo: ...

    async def search(self, conversation: str, query: str, limit: int) -> list[Excerpt]:
        """Find entries, those put away included, that hold all words of `query`, best first.

        Words may be beginnings of words, and mistyped; none of them is syntax.
        """

    async def summary(self, conversation: str) -> Summary | None:
        """Give what was summed up of the entries before the newest."""

    async def unsummarised(self, conversation: str, *, keep: int, limit: int) -> "Backlog":
        """Give the oldest entries that are neither in the summary nor in the newest `keep`
        exchanges nor put away."""

    async def summarise(self, conversation: str, summary: Summary) -> None:
        """Keep a summary in place of the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Entries to be summed up."""

    entries: tuple[Utterance, ...]
    through: int
    """For `Summary.through`: the place of the last of them."""


class Notes(Protocol):
    """What is remembered for people. Every call is bound to one owner."""

    async def save(self, note: Note) -> Note | None:
        """Keep a note, in place of one of the same title; gives that one."""

    async def get(self, owner: str, title: str) -> Note | None:
        """Find a note by its title, mistyped or not; the nearest one that is near enough."""

    async def delete(self, owner: str, title: str) -> Note | None:
        """Delete the note of exactly this title, whatever its case; gives what it was."""

    async def search(self, owner: str, query: str, *, limit: int, offset: int = 0) -> NotePage:
        """Find notes, best first; all of them, newest first, for an empty query.

        Words may be parts of words, and mistyped; none of them is syntax.
        """

    async def owners(self, person: str) -> list[str]:
        """Name every memory of a person, given by `person_key`, that holds a note."""

    async def clear(self, owner: str) -> int:
        """Delete all notes of an owner; gives their number."""


class Files(Protocol):
    """A folder of their own for every owner. Paths are relative and never lead out of it.

    Raises `ToolFailed` with words for the model.
    """

    async def read(self, owner: str, path: str) -> bytes: ...

    async def write(self, owner: str, path: str, data: bytes) -> str:
        """Write a file; gives the ticket by which `take_back` undoes it."""

    async def take_back(self, owner: str, ticket: str) -> str:
        """Undo a write, unless the file was changed since; gives the path.

        What a file held before is kept for a day, the newest versions only.
        """

    async def delete(self, owner: str, path: str) -> None: ...

    async def paths(self, owner: str, path: str = "") -> list[str]:
        """Name what is in a folder and below, from the top, folders with a slash behind."""

    async def copy_out(self, owner: str, path: str) -> OutgoingFile:
        """Make the copy of a file that is to be sent."""

    async def hand_out(self, owner: str, name: str, data: bytes) -> OutgoingFile:
        """Make a file to be sent of what was never in a folder."""

    async def owners(self, person: str) -> list[str]:
        """Name every owner of a person, given by `person_key`, that has a folder."""

    async def clear(self, owner: str) -> int:
        """Delete a folder and every copy that was made for sending; gives the number of files."""

    async def purge(self, now: datetime) -> int:
        """Delete copies that must have been sent long ago; gives their number."""


class Preferences(Protocol):
    """Small choices people make about a conversation. Reading is instant."""

    def get(self, conversation: str, name: str) -> str:
        """Give a choice; empty when none was made."""

    async def set(self, conversation: str, name: str, value: str) -> None:
        """Keep a choice; an empty one is forgotten."""


class PersonalData(Protocol):
    """All that is stored about a person, notes and files left aside."""

    async def export(self, channel: str, person_id: str) -> Export: ...

    async def erase(self, channel: str, person_id: str) -> int:
        """Erase it; gives the number of entries, messages and parts.

        In groups only what the person said and what was answered to them. Contents go; keys
        that recognise a repeated delivery stay until they are purged.
        """
