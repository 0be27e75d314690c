"""What stands in the data of buttons about jobs and tasks; at most 64 bytes (Bot API).

Every one ends with the id of the person it is for. That tells others whose button it is; what
a person may touch is decided by the planner all the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

ENTRY = "jb"
"""On a detail card: ``jb:<act>:<place>:<id>:<version>:<person>``."""

REMINDER = "rc"
"""On a reminder that was due: ``rc:<act>:<id>:<when it was due>:<person>``."""

WISH = "rw"
"""On a reminder that is not saved yet: ``rw:<act>:<token>:<person>``."""

BOARD = "tb"
"""Shows a board, or one of its entries: ``tb:<place>:<id or nothing>:<person>``."""


class Act(StrEnum):
    """What can be done with a job or task."""

    PAUSE = "pa"
    RESUME = "re"
    RUN = "ru"
    SNOOZE = "sn"
    DONE = "do"
    CANCEL = "ca"
    BRING_BACK = "bb"
    RUN_AGAIN = "ag"
    EDIT = "ed"
    WHY = "wh"


class ReminderAct(StrEnum):
    """What can be answered to a reminder."""

    TEN_MINUTES = "m"
    HOUR = "h"
    TOMORROW = "t"
    DONE = "d"


class WishAct(StrEnum):
    """What can become of a reminder that is not saved yet."""

    SAVE = "s"
    DROP = "x"


class View(StrEnum):
    """What a board shows."""

    ALL = "a"
    REMINDERS = "r"
    TASKS = "t"
    DONE = "d"
    FAILED = "f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page of a board."""

    view: View = View.ALL
    page: int = 1

    def __str__(self) -> str:
        return f"{self.view.value}{self.page}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read it back. Raises `ValueError`."""
        return cls(view=View(text[:1]), page=max(int(text[1:]), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPress:
    """A button on a detail card."""

    act: Act
    place: Place
    """Where the card leads back to."""
    entry_id: str
    version: int
    """Of the entry when the card was made."""
    person_id: str

    def __str__(self) -> str:
        place, entry = self.place, f"{self.entry_id}:{self.version}"
        return f"{ENTRY}:{self.act.value}:{place}:{entry}:{self.person_id}"

    @classmethod
    def parse(cls, data: str) -> "EntryPress":
        """Read what stands behind the kind. Raises `ValueError`."""
        act, place, entry_id, version, person_id = data.split(":", 4)
        return cls(
            act=Act(act),
            place=Place.parse(place),
            entry_id=entry_id,
            version=int(version),
            person_id=person_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPress:
    """A button on a reminder that was due."""

    act: ReminderAct
    job_id: str
    due: datetime
    """When it was due; seconds are as fine as it gets."""
    person_id: str

    def __str__(self) -> str:
        due = int(self.due.timestamp())
        return f"{REMINDER}:{self.act.value}:{self.job_id}:{due}:{self.person_id}"

    @classmethod
    def parse(cls, data: str) -> "ReminderPress":
        """Read what stands behind the kind. Raises `ValueError`."""
        act, job_id, due, person_id = data.split(":", 3)
        try:
            moment = datetime.fromtimestamp(int(due), tz=UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"no moment: {due}") from error
        return cls(act=ReminderAct(act), job_id=job_id, due=moment, person_id=person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WishPress:
    """A button on a reminder that is not saved yet."""

    act: WishAct
    token: str
    person_id: str

    def __str__(self) -> str:
        return f"{WISH}:{self.act.value}:{self.token}:{self.person_id}"

    @classmethod
    def parse(cls, data: str) -> "WishPress":
        """Read what stands behind the kind. Raises `ValueError`."""
        act, token, person_id = data.split(":", 2)
        return cls(act=WishAct(act), token=token, person_id=person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPress:
    """A button that shows a page of a board, or an entry of it."""

    place: Place
    entry_id: str = ""
    person_id: str

    def __str__(self) -> str:
        return f"{BOARD}:{self.place}:{self.entry_id}:{self.person_id}"

    @classmethod
    def parse(cls, data: str) -> "BoardPress":
        """Read what stands behind the kind. Raises `ValueError`."""
        place, entry_id, person_id = data.split(":", 2)
        return cls(place=Place.parse(place), entry_id=entry_id, person_id=person_id)
