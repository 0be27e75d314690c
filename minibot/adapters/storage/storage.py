"""What a storage is made of, whichever it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minibot.core.ports import History, Inbox, Ledger, Outbox


class Maintenance(Protocol):
    """What a storage needs done from time to time."""

    async def purge(self, now: datetime, *, keys_days: int = 8, payload_days: int = 2) -> int:
        """Delete what is over and long past; gives the number of rows deleted.

        Contents of finished rows go after `payload_days`. The rows themselves stay for
        `keys_days`, because their keys are what recognises a delivery that comes twice. What
        was given up stays for 30 days, so that people can look at it and put it back.
        """

    async def checkpoint(self) -> None:
        """Bring the database file up to date, so that its log does not grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """An open storage."""

    inbox: Inbox
    outbox: Outbox
    history: History
    ledger: Ledger
    maintenance: Maintenance
