"""Asking for things to happen later."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from minibot.core.jobs import Job, JobState, Recurrence
from minibot.core.planning import Asker, JobWish, Made, Planned, TaskWish
from minibot.core.tasks import Task, TaskState


class JobPlans(Protocol):
    """Makes, shows and changes jobs for one person at a time.

    Whatever is another's counts as not there: `UnknownEntry`. What cannot be done is
    `ScheduleInvalid`, `TaskCycle` or `IllegalTransition`, with words for people.
    """

    async def schedule(self, asker: Asker, wish: JobWish) -> Planned:
        """Make a job. Raises `ScheduleInvalid` also when the person has too many."""

    def jobs(self, asker: Asker, *, states: Collection[JobState] = ()) -> list[Planned]: ...

    def job(self, asker: Asker, job_id: str) -> Planned: ...

    async def edit(
        self, asker: Asker, job_id: str, *, text: str = "", recurrence: Recurrence | None = None
    ) -> Planned:
        """Change what a job says, or when."""

    async def pause(self, asker: Asker, job_id: str) -> Planned: ...

    async def resume(self, asker: Asker, job_id: str) -> Planned: ...

    async def run_now(self, asker: Asker, job_id: str) -> Planned:
        """Have it run at once, besides its other moments."""

    async def snooze(self, asker: Asker, job_id: str, until: datetime) -> Planned:
        """Have it run once more at a moment, besides its other moments.

        A job that repeats is left alone: what runs once more is a new job with its text.
        """

    async def finish(self, asker: Asker, job_id: str) -> Planned:
        """Note that a person is through with it: one that does not repeat is over."""

    async def cancel(self, asker: Asker, job_id: str) -> Job:
        """End a job; a task that it made and that is not over ends with it."""

    async def bring_back(self, asker: Asker, job_id: str) -> Planned:
        """Undo a cancellation."""


class TaskPlans(Protocol):
    """Makes, shows and changes tasks for one person at a time.

    It refuses as `JobPlans` does.
    """

    async def create(self, asker: Asker, wishes: Sequence[TaskWish]) -> Made:
        """Make tasks, all or none. Raises `ScheduleInvalid` also for unknown kinds and ids."""

    def tasks(self, asker: Asker, *, states: Collection[TaskState] = ()) -> list[Task]: ...

    def task(self, asker: Asker, task_id: str) -> Task: ...

    async def cancel_task(self, asker: Asker, task_id: str) -> list[Task]:
        """End a task, and those that wait for it; gives all that ended."""

    async def run_again(self, asker: Asker, task_id: str) -> Task:
        """Run a task once more that failed or was blocked."""


class Planner(JobPlans, TaskPlans, Protocol):
    """Both, and the clocks of people."""

    def zone_of(self, asker: Asker) -> str:
        """Give the IANA zone a person lives in; empty when they never said."""

    async def keep_zone(self, asker: Asker, name: str) -> str:
        """Remember the zone a person lives in; gives its right name."""

    def preview(self, recurrence: Recurrence, count: int = 3) -> tuple[datetime, ...]:
        """Give the next moments of what may become a job. Raises `ScheduleInvalid` for none."""
