"""What a storage is made of, whichever it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minibot.core.messages import ChatRef
from minibot.core.personal import Export
from minibot.core.ports import (
    Approvals,
    DeadLetters,
    History,
    Inbox,
    Journal,
    Ledger,
    Missed,
    Notes,
    Outbox,
    Outcomes,
    PersonalData,
    Preferences,
    UndoLog,
)


class DetachedHistory(History, Protocol):
    """A history that is not in the database of the queues.

    It is written after the commit there, and is told by itself when a chat moves. What it
    cannot write because its server is away is lost and logged; it never raises from `append`.
    """

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand everything said in a chat, in all its threads, over to its new id."""

    async def export(self, channel: str, person_id: str) -> Export:
        """See `PersonalData.export`."""

    async def erase(self, channel: str, person_id: str) -> int:
        """See `PersonalData.erase`."""


class Maintenance(Protocol):
    """What a storage needs done from time to time."""

    async def purge(self, now: datetime, *, keys_days: int = 8, payload_days: int = 2) -> int:
        """Delete what is over and long past; gives the number of rows deleted.

        Contents of finished rows go after `payload_days`. The rows themselves stay for
        `keys_days`, because their keys are what recognises a delivery that comes twice. What
        was given up stays for 30 days, so that people can look at it and put it back.
        """

    async def index(self) -> None:
        """Bring what is searched up to date, so that nobody who searches waits for it."""

    async def checkpoint(self) -> None:
        """Bring the database file up to date, so that its log does not grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """An open storage."""

    inbox: Inbox
    dead_letters: DeadLetters
    outbox: Outbox
    outcomes: Outcomes
    history: History
    ledger: Ledger
    missed: Missed
    notes: Notes
    journal: Journal
    undo_log: UndoLog
    approvals: Approvals
    preferences: Preferences
    personal_data: PersonalData
    maintenance: Maintenance
