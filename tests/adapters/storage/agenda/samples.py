"""Jobs and tasks to put into agendas, and where agendas live."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda, open_agenda
from minibot.core.jobs import Job, JobKind, Recurrence, RecurrenceKind
from minibot.core.messages import ChatRef, Person
from minibot.core.ports import AgendaStore, Entry
from minibot.core.tasks import Task, TaskState

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
PERSON = Person(id="7", name="Ann", language="en")
CHAT = ChatRef(channel="telegram", chat_id="42")


def a_job(id_: str = "j", *, text: str = "water the plants") -> Job:
    return Job(
        id=id_,
        owner="telegram:7",
        person=PERSON,
        chat=CHAT,
        private=True,
        kind=JobKind.REMINDER,
        text=text,
        recurrence=Recurrence(
            kind=RecurrenceKind.CRON, rule="0 9 * * 1-5", start=START, zone="Europe/Berlin"
        ),
        due=START + timedelta(hours=1),
        created_at=START,
        updated_at=START,
    )


def a_task(id_: str = "t") -> Task:
    return Task(
        id=id_,
        owner="telegram:7",
        person=PERSON,
        chat=CHAT,
        private=True,
        kind="llm_prompt",
        description="compare the prices",
        state=TaskState.QUEUED,
        created_at=START,
        updated_at=START,
    )


def changed(job: Job, text: str = "changed", *, times: int = 1) -> Job:
    """Give a job as it is after so many changes."""
    return replace(job, text=text, version=job.version + times)


def by_id(entries: list[Entry]) -> dict[str, Entry]:
    assert len({entry.id for entry in entries}) == len(entries)
    return {entry.id: entry for entry in entries}


class AgendaHome(Protocol):
    """A place where an agenda lives, for several processes."""

    def open(self, *, lock_timeout_ms: int = 5000) -> AbstractAsyncContextManager[AgendaStore]:
        """Open it as another process would."""


class FileHome:
    """A file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "tasks.log"

    def open(self, *, lock_timeout_ms: int = 5000) -> AbstractAsyncContextManager[AgendaStore]:
        return open_agenda(backend="file", path=self.path, lock_timeout_ms=lock_timeout_ms)


class SqliteHome:
    """A database."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "data" / "tasks.db"

    def open(self, *, lock_timeout_ms: int = 5000) -> AbstractAsyncContextManager[AgendaStore]:
        return open_agenda(backend="sqlite", path=self.path, lock_timeout_ms=lock_timeout_ms)


class InMemoryHome:
    """Rows that are shared."""

    def __init__(self, _folder: Path) -> None:
        self._rows = AgendaRows()

    @asynccontextmanager
    async def open(self, *, lock_timeout_ms: int = 5000) -> AsyncIterator[AgendaStore]:
        del lock_timeout_ms  # nobody waits for anybody
        store = InMemoryAgenda(self._rows)
        yield store
        await store.close()
