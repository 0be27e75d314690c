"""Opens where things are kept, as the settings say."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from minibot.adapters.files.folders import FolderFiles
from minibot.adapters.files.media import FolderMedia
from minibot.adapters.storage import (
    InMemoryHistory,
    InMemoryNotes,
    Maintenance,
    Rows,
    Storage,
    open_storage,
)
from minibot.adapters.storage.agenda import open_agenda
from minibot.adapters.storage.storage import DetachedHistory
from minibot.app.moved_chats import Follow
from minibot.app.recall import CachedNotes
from minibot.core.messages import ChatRef
from minibot.core.ports import AgendaStore, Clock, Files, MediaStore, Notes, SettingsSource
from minibot.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that outlives a turn."""

    storage: Storage
    notes: CachedNotes
    files: Files
    media: MediaStore
    follow_moved_chat: tuple[Follow, ...]
    """What has to be told when a chat gets a new id, in this order."""
    maintenance: tuple[Maintenance, ...]
    """Of every database that is open."""
    agenda: AgendaStore


@asynccontextmanager
async def open_stores(live: SettingsSource, clock: Clock) -> AsyncIterator[Stores]:
    """Open them and close them behind.

    Raises:
        StorageDamaged, StorageError: something cannot be used.
    """
    settings = live.current
    async with AsyncExitStack() as stack:
        memory = await _open_memory(settings, clock, stack)
        sql = settings.memory.sqlalchemy
        storage = await stack.enter_async_context(
            open_storage(
                settings.database_path,
                clock=clock,
                pool_size=sql.pool_size,
                echo=sql.echo,
                history=memory.history,
                notes=memory.notes,
            )
        )
        notes = CachedNotes(storage.notes)
        agenda = await stack.enter_async_context(open_agenda_of(settings))
        files = FolderFiles(settings.runtime.data_dir, live)
        yield Stores(
            storage=storage,
            notes=notes,
            files=files,
            media=FolderMedia(settings.runtime.data_dir, live),
            follow_moved_chat=(*memory.follow, files.move_chat, notes.follow_moved_chat),
            maintenance=(storage.maintenance, *memory.maintenance),
            agenda=agenda,
        )


def open_agenda_of(settings: Settings) -> AbstractAsyncContextManager[AgendaStore]:
    """Open the store of jobs and tasks that the settings name; see `open_agenda`."""
    storage = settings.tasks.storage
    return open_agenda(
        backend=storage.backend,
        path=settings.agenda_path,
        lock_timeout_ms=storage.lock_timeout_ms,
        echo=storage.sqlite.echo,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What is kept outside the database of the queues; None for what is inside."""

    history: DetachedHistory | None
    notes: Notes | None
    follow: tuple[Follow, ...]
    maintenance: tuple[Maintenance, ...]


async def _open_memory(settings: Settings, clock: Clock, stack: AsyncExitStack) -> _Memory:
    history: DetachedHistory | None = None
    notes: Notes | None = None
    follow: list[Follow] = []
    maintenance: list[Maintenance] = []
    if settings.memory.backend == "in_memory":
        rows = Rows()
        history, notes = InMemoryHistory(clock), InMemoryNotes(rows)

        async def move_notes(old: ChatRef, new_chat_id: str) -> None:
            rows.move_conversations(old, new_chat_id)

        follow.append(move_notes)
    if settings.memory.backend == "redis":
        # An optional extra, and half the memory of a small installation.
        from minibot.adapters.storage.redis import open_redis_memory

        memory = await stack.enter_async_context(
            open_redis_memory(settings.memory.redis, clock=clock)
        )
        history, notes = memory.history, memory.notes
    if settings.notes_path is not None:
        kv = settings.tools.kv_memory
        own = await stack.enter_async_context(
            open_storage(settings.notes_path, clock=clock, pool_size=kv.pool_size, echo=kv.echo)
        )
        notes = own.notes

        async def move_own(old: ChatRef, new_chat_id: str) -> None:
            await own.outbox.move_chat(old, new_chat_id)

        follow.append(move_own)
        maintenance.append(own.maintenance)
    return _Memory(
        history=history, notes=notes, follow=tuple(follow), maintenance=tuple(maintenance)
    )
