"""Opens the storage of an installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from minibot.adapters.storage.sqlite.approvals import SqliteApprovals
from minibot.adapters.storage.sqlite.database import open_database
from minibot.adapters.storage.sqlite.dead_letters import SqliteDeadLetters
from minibot.adapters.storage.sqlite.history import SqliteHistory
from minibot.adapters.storage.sqlite.inbox import SqliteInbox
from minibot.adapters.storage.sqlite.journal import SqliteJournal
from minibot.adapters.storage.sqlite.ledger import SqliteLedger
from minibot.adapters.storage.sqlite.maintenance import SqliteMaintenance
from minibot.adapters.storage.sqlite.missed import SqliteMissed
from minibot.adapters.storage.sqlite.notes import SqliteNotes
from minibot.adapters.storage.sqlite.outbox import SqliteOutbox
from minibot.adapters.storage.sqlite.outcomes import SqliteOutcomes
from minibot.adapters.storage.sqlite.personal_data import SqlitePersonalData
from minibot.adapters.storage.sqlite.preferences import SqlitePreferences
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.sqlite.undo_log import SqliteUndoLog
from minibot.adapters.storage.storage import DetachedHistory, Storage
from minibot.core.ports import Clock, Notes


@asynccontextmanager
async def open_storage(
    path: Path,
    *,
    clock: Clock,
    pool_size: int = 5,
    echo: bool = False,
    history: DetachedHistory | None = None,
    notes: Notes | None = None,
) -> AsyncIterator[Storage]:
    """Open the database at `path`, creating or migrating it first, and close it at the end.

    Args:
        path: the file; its folder is created, and both are closed to other users.
        pool_size: connections for reading; there is always one for writing.
        echo: True to log every statement at DEBUG, without the values in it.
        history: where to keep what is said, if not in the database.
        notes: where to keep notes, if not in the database.

    Raises:
        StorageDamaged: the file cannot be trusted; it was not touched.
        StorageUnavailable: it cannot be opened now.
        StorageError: it is not minibot's, or of a newer minibot.
    """
    async with open_database(path, clock=clock, pool_size=pool_size, echo=echo) as database:
        recent = RecentEntries()
        preferences = SqlitePreferences(database)
        await preferences.load()
        journal = SqliteJournal(database)
        await journal.load()
        yield Storage(
            inbox=SqliteInbox(database),
            dead_letters=SqliteDeadLetters(database),
            outbox=SqliteOutbox(database, preferences=preferences, other_history=history),
            outcomes=SqliteOutcomes(database),
            history=SqliteHistory(database, recent) if history is None else history,
            ledger=SqliteLedger(database, recent, preferences=preferences, other_history=history),
            missed=SqliteMissed(database),
            notes=SqliteNotes(database) if notes is None else notes,
            journal=journal,
            undo_log=SqliteUndoLog(database),
            approvals=SqliteApprovals(database),
            preferences=preferences,
            personal_data=SqlitePersonalData(
                database, recent, preferences=preferences, other_history=history
            ),
            maintenance=SqliteMaintenance(database),
        )
