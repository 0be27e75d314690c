"""The agenda in a file that is only ever appended to."""

import asyncio
import logging
from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from minibot.adapters.storage.agenda.codec import Reader, encode, identify
from minibot.adapters.storage.agenda.file_log import FileLog
from minibot.adapters.storage.agenda.gc_pause import paused_gc
from minibot.adapters.storage.agenda.grouping import Batch, GroupedWrites, Outcomes, refuse_stale
from minibot.adapters.storage.agenda.news import News, Seen
from minibot.adapters.storage.agenda.records import Records
from minibot.core.errors import StaleEntry, StorageDamaged, StorageUnavailable
from minibot.core.ports import Entry

LOG = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

COMPACT_BYTES = 1 << 20
COMPACT_RATIO = 4
"""A file of more bytes than that, with so many outdated entries for one that counts, is written
anew when it is loaded."""


@dataclass(slots=True, kw_only=True)
class _Changes:
    """Batches on their way into one record; the last word on an id counts."""

    versions: dict[str, int] = field(default_factory=dict)
    """0 for what is forgotten."""
    bodies: dict[str, bytes] = field(default_factory=dict)

    def include(self, batch: Batch, known: dict[str, int]) -> None:
        """Add a batch, the whole of it or nothing.

        Raises:
            StaleEntry: an entry is not the next version.
            ValueError, TypeError: an entry cannot be stored.
        """
        added: dict[str, int] = {}
        bodies: dict[str, bytes] = {}
        before = ChainMap(added, self.versions, known)
        for entry in batch.entries:
            refuse_stale(entry, before.get(entry.id, 0))
            bodies[entry.id] = encode(entry)
            added[entry.id] = entry.version
        added.update({id_: 0 for id_ in batch.forget if before.get(id_, 0)})
        self.versions |= added
        self.bodies |= bodies


class AgendaFile:
    """What the agenda's file says, in one thread that may block."""

    def __init__(self, log: FileLog) -> None:
        self._log = log
        self._records = Records(log)
        self._versions: dict[str, int] = {}
        self._unseen: dict[str, Entry | None] = {}
        """What was changed and the app does not know yet; None for what was forgotten."""
        self._damage = ""

    def load(self) -> list[Entry]:
        with self._held(), paused_gc():
            self._log.find()
            entries, total = self._records.replay()
            self._versions = {id_: entry.version for id_, entry in entries.items()}
            self._unseen.clear()
            self._compact_if_worthwhile(len(entries), total)
            return list(entries.values())

    def commit(self, batches: Sequence[Batch]) -> Outcomes:
        with self._held():
            self._catch_up()
            changes = _Changes()
            outcomes = [self._include(batch, changes) for batch in batches]
            if changes.versions:
                self._append(changes)
            return outcomes

    def refresh(self, orphans: Sequence[Batch]) -> Seen:
        if self._damage or not self._log.is_known():
            with self._held():
                self._catch_up()
        for batch in orphans:
            self._adopt(batch)
        unseen, self._unseen = self._unseen, {}
        changed = [entry for entry in unseen.values() if entry is not None]
        return changed, [id_ for id_, entry in unseen.items() if entry is None]

    def compact(self) -> None:
        with self._held():
            self._catch_up()
            self._records.write_anew()

    def close(self) -> None:
        self._log.close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Keep other processes out, and say in our words what goes wrong inside."""
        if self._damage:
            raise StorageDamaged(self._damage)
        try:
            with self._log.locked():
                try:
                    yield
                except StorageDamaged as damage:
                    refusal = self._log.refuse(damage)
                    self._damage = str(refusal)
                    raise refusal from damage
        except OSError as error:
            # It may have been read in part: the next one reads it from the start.
            self._log.close()
            raise StorageUnavailable(
                f"{self._log.path} cannot be used at the moment: {error.strerror}"
            ) from error

    def _catch_up(self) -> None:
        """Read what others appended, or all of it when they put another file in its place."""
        if self._log.find():
            self._compare()
            return
        reader = Reader()
        for record in self._records.read():
            for fields in record.entries:
                id_, self._versions[id_] = identify(fields)
                self._unseen[id_] = reader.read(fields)
            for id_ in record.forgotten:
                self._forget(id_)

    def _compare(self) -> None:
        entries, _ = self._records.replay()
        for id_ in self._versions.keys() - entries.keys():
            self._forget(id_)
        for id_, entry in entries.items():
            if self._versions.get(id_) != entry.version:
                self._versions[id_] = entry.version
                self._unseen[id_] = entry

    def _forget(self, id_: str) -> None:
        if self._versions.pop(id_, None) is not None:
            self._unseen[id_] = None

    def _include(self, batch: Batch, changes: _Changes) -> Exception | None:
        try:
            changes.include(batch, self._versions)
        except (StaleEntry, ValueError, TypeError) as error:
            return error
        return None

    def _append(self, changes: _Changes) -> None:
        forgotten = [id_ for id_, version in changes.versions.items() if not version]
        bodies = [body for id_, body in changes.bodies.items() if changes.versions[id_]]
        self._records.append(bodies, forgotten)
        self._versions |= changes.versions
        for id_ in forgotten:
            self._versions.pop(id_)
            self._unseen.pop(id_, None)

    def _adopt(self, batch: Batch) -> None:
        """Have the app told of what it wrote itself, without hearing that it was."""
        for entry in batch.entries:
            if self._versions.get(entry.id) == entry.version:
                self._unseen[entry.id] = entry
        for id_ in batch.forget:
            if id_ not in self._versions:
                self._unseen[id_] = None

    def _compact_if_worthwhile(self, count: int, total: int) -> None:
        if self._log.position <= COMPACT_BYTES or total <= count * (1 + COMPACT_RATIO):
            return
        try:
            self._records.write_anew()
        except StorageUnavailable as error:
            # A full disk keeps nobody from reading what there is.
            LOG.warning("the agenda's file could not be written anew", exc_info=error)


class FileAgenda:
    """The agenda in an append-only file; see `AgendaStore`.

    Whatever touches the file does so in a thread of its own, one after the other.
    """

    def __init__(self, log: FileLog) -> None:
        self._file = AgendaFile(log)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agenda")
        self._writes = GroupedWrites(self._commit)
        self._news = News(self._look)
        self._is_closed = False

    async def load(self) -> list[Entry]:
        return await self._run(self._file.load)

    async def write(self, entries: Sequence[Entry], *, forget: Collection[str] = ()) -> None:
        if entries or forget:
            await self._writes.submit(Batch(entries=tuple(entries), forget=tuple(forget)))

    async def refresh(self) -> Seen:
        return await self._news.tell()

    async def compact(self) -> None:
        await self._run(self._file.compact)

    async def close(self) -> None:
        await self._writes.close()
        await self._news.close()
        if not self._is_closed:
            self._is_closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
            self._thread.shutdown(wait=False)

    async def _commit(self, batches: Sequence[Batch]) -> Outcomes:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._file.commit, batches
        )

    async def _look(self) -> Seen:
        orphans = tuple(self._writes.orphans)
        seen = await self._run(self._file.refresh, orphans)
        del self._writes.orphans[: len(orphans)]
        return seen

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._writes.refuse_when_closed()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: work(*args, **kwargs)
        )


def file_agenda(path: Path, *, lock_timeout_ms: int) -> FileAgenda:
    """Give an agenda in a file that is opened, and made when it is missing, on first use."""
    return FileAgenda(FileLog(path, lock_timeout_ms=lock_timeout_ms))
