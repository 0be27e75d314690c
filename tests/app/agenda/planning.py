"""A planner on an agenda in memory, with the real calendar."""

from datetime import datetime
from typing import Any

from minibot.adapters.calendar.calendar import SystemCalendar
from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.adapters.storage.in_memory.preferences import InMemoryPreferences
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.planner import AgendaPlanner
from minibot.app.live_settings import LiveSettings
from minibot.core.jobs import Job, JobKind, Recurrence, RecurrenceKind
from minibot.core.messages import ChatRef, Person
from minibot.core.planning import Asker
from minibot.core.settings import Settings
from minibot.core.tasks import Task, TaskState
from tests.fakes import START, FakeClock, make_chat, make_settings

KINDS = ("llm_prompt", "web_fetch")


class Planning:
    """Everything a planner needs; another one with the same rows is what a restart finds."""

    def __init__(
        self,
        *,
        clock: FakeClock | None = None,
        rows: Rows | None = None,
        agenda_rows: AgendaRows | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.rows = Rows() if rows is None else rows
        self.agenda_rows = AgendaRows() if agenda_rows is None else agenda_rows
        self.live = LiveSettings(settings or make_settings())
        self.preferences = InMemoryPreferences(self.rows)
        self.agenda = Agenda(InMemoryAgenda(self.agenda_rows), self.clock)
        self.planner = AgendaPlanner(
            self.agenda,
            SystemCalendar(),
            self.preferences,
            kinds=KINDS,
            settings=self.live,
            clock=self.clock,
        )


def make_asker(
    person_id: str = "42", chat: ChatRef | None = None, *, private: bool = True
) -> Asker:
    return Asker(
        owner=f"telegram:{person_id}",
        person=Person(id=person_id, name="Ann"),
        chat=chat or make_chat(person_id),
        private=private,
    )


def once(at: datetime, zone: str = "UTC") -> Recurrence:
    return Recurrence(kind=RecurrenceKind.ONCE, start=at, zone=zone)


def cron(rule: str, zone: str = "UTC") -> Recurrence:
    return Recurrence(kind=RecurrenceKind.CRON, rule=rule, start=START, zone=zone)


def make_job(job_id: str = "j2abc", **fields: Any) -> Job:
    """Give a reminder of Ann in her private chat."""
    asker = make_asker()
    recurrence = fields.get("recurrence") or once(START)
    known: dict[str, Any] = {
        "id": job_id,
        "owner": asker.owner,
        "person": asker.person,
        "chat": asker.chat,
        "private": True,
        "kind": JobKind.REMINDER,
        "text": "water the plants",
        "recurrence": recurrence,
        "due": recurrence.start,
        "created_at": START,
        "updated_at": START,
    }
    return Job(**{**known, **fields})


def make_task(task_id: str = "t2abc", **fields: Any) -> Task:
    """Give a task of Ann that waits for a worker."""
    asker = make_asker()
    known: dict[str, Any] = {
        "id": task_id,
        "owner": asker.owner,
        "person": asker.person,
        "chat": asker.chat,
        "private": True,
        "kind": "llm_prompt",
        "description": "read the news",
        "state": TaskState.QUEUED,
        "created_at": START,
        "updated_at": START,
    }
    return Task(**{**known, **fields})
