"""Opens the agenda of an installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from minibot.adapters.storage.agenda.file_store import file_agenda
from minibot.adapters.storage.agenda.in_memory import AgendaRows, InMemoryAgenda
from minibot.adapters.storage.agenda.sqlite_store import open_sqlite_agenda
from minibot.core.ports import AgendaStore

Backend = Literal["file", "sqlite", "in_memory"]


@asynccontextmanager
async def open_agenda(
    *, backend: Backend, path: Path, lock_timeout_ms: int, echo: bool = False
) -> AsyncIterator[AgendaStore]:
    """Open the agenda, creating it when it is missing, and close it at the end.

    Args:
        path: its file; of no matter in memory.
        lock_timeout_ms: how long to wait for other processes before `StorageUnavailable`.
        echo: True to log every statement of a database at DEBUG.

    Raises:
        StorageDamaged: the database cannot be trusted. A file is read when it is loaded.
        StorageUnavailable: it cannot be opened now.
        StorageError: it is a database of something else.
    """
    if backend == "sqlite":
        async with open_sqlite_agenda(path, lock_timeout_ms=lock_timeout_ms, echo=echo) as database:
            yield database
        return
    store: AgendaStore = InMemoryAgenda(AgendaRows())
    if backend == "file":
        store = file_agenda(path, lock_timeout_ms=lock_timeout_ms)
    try:
        yield store
    finally:
        await store.close()
