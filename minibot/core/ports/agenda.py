"""Where jobs and tasks are kept, and how moments are found."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from minibot.core.jobs import Job, Recurrence
from minibot.core.tasks import Task

Entry = Job | Task


class AgendaStore(Protocol):
    """Jobs and tasks, durable. The whole of them fits into memory, and is kept there by the app.

    Several processes may have it open, on one machine. Ids of jobs and tasks are one name space.
    """

    async def load(self) -> list[Entry]:
        """Give all there is. Called once, first.

        Raises:
            StorageDamaged: what is stored cannot be trusted; a copy was put aside.
        """

    async def write(self, entries: Sequence[Entry], *, forget: Collection[str] = ()) -> None:
        """Store new and changed entries, and forget others, all or nothing; durable on return.

        An entry's `version` has to be one more than that which is stored, and 1 for a new one.
        Ids to forget that are unknown are skipped.

        Raises:
            StaleEntry: somebody else changed one of them; nothing was written. `refresh` tells.
            StorageUnavailable: nothing was written (disk full, locked for too long).
        """

    async def refresh(self) -> tuple[list[Entry], list[str]]:
        """Give what other processes changed, and the ids of what they forgot, since the last look.

        Cheap when nothing was. Raises `StorageUnavailable`, `StorageDamaged`.
        """

    async def compact(self) -> None:
        """Give back the room that outdated entries take."""

    async def close(self) -> None: ...


class Calendar(Protocol):
    """Finds the moments of recurrences."""

    def next_after(self, recurrence: Recurrence, moment: datetime) -> datetime | None:
        """Give the first moment behind `moment`, in UTC; None when none is to come.

        Raises:
            ScheduleInvalid: the rule or the zone cannot be used; words for people.
        """

    def zone(self, name: str) -> str:
        """Give the IANA name of a zone in its right spelling. Raises `ScheduleInvalid`."""
