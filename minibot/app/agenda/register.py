"""All jobs and tasks there are, known by heart."""

import asyncio
import heapq
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from minibot.core.jobs import Job, JobState
from minibot.core.ports import Entry
from minibot.core.tasks import Task, TaskState

ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""None that is easily taken for another."""
ID_LENGTH = 5


class Register:
    """Finds entries, and what is due next; reading is instant."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, Task] = {}
        self._in_hand: set[str] = set()
        """Jobs that are running."""
        self._due: list[tuple[datetime, str]] = []
        """A heap of what is to run, with moments that are outdated among it."""
        self.jobs_changed = asyncio.Event()
        self.tasks_changed = asyncio.Event()
        self.task_watchers: set[asyncio.Event] = set()
        """Are set with every task that changes; each belongs to whoever put it here."""

    def new_id(self, prefix: str) -> str:
        """Make an id that none has."""
        while True:
            made = prefix + "".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH))
            if made not in self._jobs and made not in self._tasks:
                return made

    def job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def task(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def jobs(self, owner: str = "", *, states: Collection[JobState] = ()) -> list[Job]:
        """Give jobs, the next one to run first; of one owner, or of everybody."""
        found = [
            job
            for job in self._jobs.values()
            if (not owner or job.owner == owner) and (not states or job.state in states)
        ]
        return sorted(found, key=_by_due)

    def tasks(self, owner: str = "", *, states: Collection[TaskState] = ()) -> list[Task]:
        """Give tasks, the oldest first; of one owner, or of everybody."""
        found = [
            task
            for task in self._tasks.values()
            if (not owner or task.owner == owner) and (not states or task.state in states)
        ]
        return sorted(found, key=lambda task: (task.created_at, task.id))

    def batch(self, name: str) -> list[Task]:
        return [task for task in self.tasks() if task.batch == name] if name else []

    def next_due(self) -> datetime | None:
        """Give the moment at which something is to run next."""
        self._clear_outdated()
        return self._due[0][0] if self._due else None

    def take_due(self, now: datetime, limit: int) -> list[Job]:
        """Give jobs whose time has come, the longest due first; they have to be changed."""
        due: dict[str, Job] = {}  # one that was edited stands in the heap several times
        while len(due) < limit and (moment := self.next_due()) is not None and moment <= now:
            job_id = heapq.heappop(self._due)[1]
            due[job_id] = self._jobs[job_id]
        return list(due.values())

    def offer_again(self, jobs: Iterable[Job]) -> None:
        """Put back what `take_due` gave and nobody could change."""
        for job in jobs:
            _put_in_line(self._due, self._jobs.get(job.id, job))

    def in_hand(self) -> list[Job]:
        """Give the jobs that are running: few, however many there are."""
        return [self._jobs[job_id] for job_id in sorted(self._in_hand)]

    def fill(self, entries: Iterable[Entry]) -> None:
        """Know all there is, however much; nothing is known yet."""
        for entry in entries:
            if isinstance(entry, Task):
                self._tasks[entry.id] = entry
                continue
            self._jobs[entry.id] = entry
            if entry.in_hand:
                self._in_hand.add(entry.id)
        moments = ((_fires_at(job), job.id) for job in self._jobs.values())
        self._due = [(moment, job_id) for moment, job_id in moments if moment is not None]
        heapq.heapify(self._due)
        if self._jobs:
            self.jobs_changed.set()
        if self._tasks:
            self.tasks_changed.set()

    def keep(self, entry: Entry) -> None:
        """Know an entry as it is stored, unless something newer is known."""
        known = self._jobs.get(entry.id) or self._tasks.get(entry.id)
        if known is not None and known.version > entry.version:
            return  # what was heard of others came late
        if isinstance(entry, Job):
            self._jobs[entry.id] = entry
            (self._in_hand.add if entry.in_hand else self._in_hand.discard)(entry.id)
            _put_in_line(self._due, entry)
            self.jobs_changed.set()
        else:
            self._tasks[entry.id] = entry
            self.tasks_changed.set()
            for watcher in self.task_watchers:
                watcher.set()

    def drop(self, ids: Iterable[str]) -> None:
        for entry_id in ids:
            self._jobs.pop(entry_id, None)
            self._tasks.pop(entry_id, None)
            self._in_hand.discard(entry_id)

    def _clear_outdated(self) -> None:
        while self._due:
            moment, job_id = self._due[0]
            job = self._jobs.get(job_id)
            if job is not None and _fires_at(job) == moment:
                return
            heapq.heappop(self._due)


def _put_in_line(due: list[tuple[datetime, str]], job: Job) -> None:
    if (moment := _fires_at(job)) is not None:
        heapq.heappush(due, (moment, job.id))


def _fires_at(job: Job) -> datetime | None:
    """Say when a job fires; what is in hand has to come to its end before."""
    return job.due if job.state is JobState.SCHEDULED and job.in_hand is None else None


def _by_due(job: Job) -> tuple[bool, datetime, str]:
    return (job.due is None, job.due or job.created_at, job.id)
