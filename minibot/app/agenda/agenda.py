"""The jobs and tasks, written through to their store."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from minibot.app.agenda.register import Register
from minibot.app.crash_points import CrashPoints
from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import StaleEntry, UnknownEntry
from minibot.core.jobs import Job
from minibot.core.messages import ChatRef
from minibot.core.ports import AgendaStore, Clock, Entry
from minibot.core.tasks import Task, consequences

log = logging.getLogger(__name__)

EntryT = TypeVar("EntryT", Job, Task)


class Agenda(Register):
    """Reading is instant, changing is durable on return.

    What another process changed in the store is taken over by `refresh`. A change is made of
    the entry as it stands, and made anew when that turns out to have been outdated.
    """

    def __init__(
        self, store: AgendaStore, clock: Clock, crash_points: CrashPoints | None = None
    ) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._crash_points = crash_points or CrashPoints()
        self._one_task = asyncio.Lock()
        """Held while a task changes: what waits for two that end at once would be missed by both,
        each of which sees the other running."""

    async def open(self) -> None:
        """Learn all there is. Raises `StorageDamaged`, `StorageUnavailable`."""
        self.fill(await self._store.load())

    async def refresh(self) -> None:
        """Take over what other processes changed. Raises `StorageUnavailable`."""
        changed, forgotten = await self._store.refresh()
        for entry in changed:
            self.keep(entry)
        self.drop(forgotten)

    async def add(self, *entries: Entry) -> None:
        """Store new entries, all or none."""
        await uninterrupted(self._write(entries))

    async def change_job(self, job_id: str, change: Callable[[Job], Job]) -> Job:
        """Change a job as it stands.

        Raises:
            UnknownEntry: there is none.
            IllegalTransition: it cannot be changed like that.
        """
        return await uninterrupted(self._change(self._jobs, job_id, change))

    async def change_task(self, task_id: str, change: Callable[[Task], Task]) -> Task:
        """Change a task as it stands, and with it those that wait for it."""
        return await uninterrupted(self._change_one_task(task_id, change))

    async def replace(self, *entries: Entry) -> bool:
        """Store values made of what `job` and `task` gave, all or none; False when outdated."""
        try:
            await uninterrupted(self._write(entries))
        except StaleEntry:
            await self.refresh()
            return False
        return True

    async def forget(self, ids: Collection[str]) -> None:
        async def work() -> None:
            await self._store.write((), forget=ids)
            self.drop(ids)

        await uninterrupted(work())

    async def compact(self) -> None:
        await self._store.compact()

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Follow a chat to its new id."""
        now = self._clock.now()
        moved: list[Entry] = []
        known: list[Entry] = [*self._jobs.values(), *self._tasks.values()]
        for entry in known:
            if entry.chat.chat_key == old.chat_key and not entry.over:
                chat = ChatRef(
                    channel=old.channel, chat_id=new_chat_id, thread_id=entry.chat.thread_id
                )
                moved.append(entry.moved(chat, now))
        if moved and not await self.replace(*moved):
            await self.move_chat(old, new_chat_id)

    async def _change_one_task(self, task_id: str, change: Callable[[Task], Task]) -> Task:
        async with self._one_task:
            return await self._change(self._tasks, task_id, change)

    async def _change(
        self, known: dict[str, EntryT], entry_id: str, change: Callable[[EntryT], EntryT]
    ) -> EntryT:
        while True:
            entry = known.get(entry_id)
            if entry is None:
                raise UnknownEntry(f"there is no {entry_id}")
            changed = change(entry)
            if changed is entry:
                return entry
            entries: list[Entry] = [changed]
            if isinstance(changed, Task):
                entries += consequences(changed, self._tasks.values(), self._clock.now())
            try:
                await self._write(entries)
            except StaleEntry:
                log.debug("an entry had changed meanwhile", extra={"entry": entry_id})
                await self.refresh()
                await asyncio.sleep(0)
            else:
                return changed

    async def _write(self, entries: Sequence[Entry]) -> None:
        self._crash_points.reach("P8")
        await self._store.write(entries)
        self._crash_points.reach("P9")
        for entry in entries:
            self.keep(entry)
