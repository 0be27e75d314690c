"""Opens the storage of an installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.sqlite.database import open_database
from minibot.adapters.storage.sqlite.history import SqliteHistory
from minibot.adapters.storage.sqlite.inbox import SqliteInbox
from minibot.adapters.storage.sqlite.ledger import SqliteLedger
from minibot.adapters.storage.sqlite.maintenance import SqliteMaintenance
from minibot.adapters.storage.sqlite.outbox import SqliteOutbox
from minibot.adapters.storage.sqlite.recent_entries import RecentEntries
from minibot.adapters.storage.storage import Storage
from minibot.core.ports import Clock


@asynccontextmanager
async def open_storage(
    path: Path,
    *,
    clock: Clock,
    pool_size: int = 5,
    echo: bool = False,
    history: InMemoryHistory | None = None,
) -> AsyncIterator[Storage]:
    """Open the database at `path`, creating or migrating it first, and close it at the end.

    Args:
        path: the file; its folder is created, and both are closed to other users.
        pool_size: connections for reading; there is always one for writing.
        echo: True to log every statement at DEBUG, without the values in it.
        history: where to keep what is said, if not in the database.

    Raises:
        StorageDamaged: the file cannot be trusted; it was not touched.
        StorageUnavailable: it cannot be opened now.
        StorageError: it is not minibot's, or of a newer minibot.
    """
    async with open_database(path, clock=clock, pool_size=pool_size, echo=echo) as database:
        recent = RecentEntries()
        yield Storage(
            inbox=SqliteInbox(database),
            outbox=SqliteOutbox(database, other_history=history),
            history=SqliteHistory(database, recent) if history is None else history,
            ledger=SqliteLedger(database, recent, other_history=history),
            maintenance=SqliteMaintenance(database),
        )
