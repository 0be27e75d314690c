"""What people and the model ask for when something is to happen later."""

from dataclasses import dataclass
from datetime import datetime

from minibot.core.jobs import Job, JobKind, Misfire, Notify, Recurrence
from minibot.core.messages import ChatRef, Person
from minibot.core.tasks import DEFAULT_PRIORITY, Task

SHORTEST_INTERVAL_SECONDS = 60
"""Between two runs of a job: what runs more often costs without use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and where they are answered. Never taken from what a model says."""

    owner: str
    """As `minibot.core.owners.person_of` names people."""
    person: Person
    chat: ChatRef
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWish:
    """A job as it is asked for."""

    text: str
    kind: JobKind
    recurrence: Recurrence
    notify: Notify = Notify.ALWAYS
    misfire: Misfire = Misfire.RUN_LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWish:
    """A task as it is asked for."""

    description: str
    kind: str
    payload: str = "{}"
    """JSON text of an object."""
    after: tuple[str, ...] = ()
    """What it waits for: ids of tasks there are, or `name` of others that are asked for with it."""
    name: str = ""
    """What others that are asked for with it call it."""
    priority: int = DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A job as it stands, and when it runs."""

    job: Job
    upcoming: tuple[datetime, ...]
    """Its next moments, three at the most, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Tasks that were made together."""

    tasks: tuple[Task, ...]
    batch: str
    """Empty for a single one."""
