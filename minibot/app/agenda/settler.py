"""Finds out what came of work that was handed over, and records it."""

import asyncio
import logging
from contextlib import suppress

from minibot.app.agenda.admission import (
    reminder_arrival,
    report_arrival,
    task_arrival,
    task_key,
)
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.digests import digest
from minibot.app.agenda.runs import Runs
from minibot.app.event_bus import EventBus, WhenFull
from minibot.core.errors import IllegalTransition, StorageUnavailable, UnknownEntry
from minibot.core.events import Event, PartDead, PartDelivered, TroubleNoticed, TurnFinished
from minibot.core.inbox import InboxState, Outcome
from minibot.core.jobs import Job, JobKind, retry_at
from minibot.core.messages import Arrival, Work, WorkKind
from minibot.core.ports import Clock, Outcomes, Receive, SettingsSource
from minibot.core.tasks import Task, TaskState, untold

log = logging.getLogger(__name__)

CAPACITY = 10_000
SWEEP_SECONDS = 60.0
"""Between two looks at everything in hand: what the bus lost is found then."""

STORAGE_PAUSE_SECONDS = 1.0


class Settler:
    """Ends jobs and tasks when what they had to say has arrived, and not before.

    Whoever looks may be late: each end is recorded of the run that was looked at, and of no
    other that began meanwhile.
    """

    def __init__(
        self,
        agenda: Agenda,
        runs: Runs,
        outcomes: Outcomes,
        *,
        receive: Receive,
        bus: EventBus,
        settings: SettingsSource,
        clock: Clock,
    ) -> None:
        self._agenda = agenda
        self._runs = runs
        self._outcomes = outcomes
        self._receive = receive
        self._bus = bus
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        with self._bus.subscribe(
            "agenda",
            TurnFinished,
            PartDelivered,
            PartDead,
            capacity=CAPACITY,
            when_full=WhenFull.DROP_OLDEST,
            wanted=lambda event: _work_of(event, self._runs) is not None,
        ) as events:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._sweep_for_ever(), name="agenda sweep")
                async for event in events:
                    if (work := _work_of(event, self._runs)) is not None:
                        await self._hear(work)

    async def sweep(self) -> None:
        """Look at everything in hand; hand over again what never reached the inbox."""
        for job in self._agenda.in_hand():
            await self._look_at_job(job.id)
        for task in self._agenda.tasks():
            if task.state is TaskState.RUNNING or untold(task):
                await self._look_at_task(task.id)

    async def _sweep_for_ever(self) -> None:
        while True:
            pause = SWEEP_SECONDS
            try:
                await self.sweep()
            except StorageUnavailable:
                log.exception("storage failed; what came of work is looked up later")
                pause = STORAGE_PAUSE_SECONDS
            await self._clock.sleep(pause)

    async def _hear(self, work: Work) -> None:
        try:
            match work.kind:
                case WorkKind.REMINDER:
                    await self._look_at_job(work.id)
                case WorkKind.TASK:
                    await self._look_at_task(work.id)
                case WorkKind.REPORT:
                    await self._look_at_batch(work.id)
        except StorageUnavailable:
            log.exception("storage failed; what came of work is looked up later")

    async def _look_at_job(self, job_id: str) -> None:
        job = self._agenda.job(job_id)
        if job is None or job.in_hand is None:
            return
        if job.kind is JobKind.REMINDER:
            found = await self._find(reminder_arrival(job, job.in_hand))
            if found is not None and found.over:
                await self._end_run(job, "" if found.well else _problem(found))
            return
        task = self._agenda.task(self._newest_id(job))
        if task is None:
            await self._end_run(job, "its task is gone")
        elif task.over and task.state not in (TaskState.SUCCEEDED, TaskState.FAILED):
            await self._end_run(
                job, f"its task was {task.state.value}", for_good=True, quietly=True
            )

    async def _look_at_task(self, task_id: str) -> None:
        task = self._agenda.task(task_id)
        if task is not None and task.state is TaskState.RUNNING:
            found = await self._find(task_arrival(task, self._agenda.job(task.job)))
            if found is not None and found.over:
                await self._end_running(task, found)
                task = self._agenda.task(task_id)
        if task is None or task.state is TaskState.RUNNING:
            return
        if len(self._agenda.batch(task.batch)) > 1:
            await self._look_at_batch(task.batch)
        elif untold(task):
            found = await self._find(task_arrival(task, self._agenda.job(task.job)))
            if found is not None and found.over:
                await self._end_done(task, "" if found.well else _problem(found))
        elif task.job:
            await self._look_at_job(task.job)

    async def _look_at_batch(self, name: str) -> None:
        """Have a batch told of when all of it is over."""
        batch = self._agenda.batch(name)
        unreported = [task for task in batch if untold(task) and not task.held]
        if not unreported or not all(task.over for task in batch):
            return
        found = await self._find(report_arrival(batch))
        if found is not None and found.over:
            for task in unreported:
                await self.end_told(task)

    async def _find(self, arrival: Arrival) -> Outcome | None:
        """Look up what came of work; hand it over if that never happened."""
        found = await self._outcomes.find(arrival.chat.channel, arrival.account, arrival.key)
        work = arrival.message.work if arrival.message is not None else None
        if found is None:
            await self._receive([arrival])
        elif work is not None and not found.over:
            self._runs.note(found.inbox_id, work)
        else:
            self._runs.forget(found.inbox_id)
        return found

    async def _end_running(self, task: Task, found: Outcome) -> None:
        """Note what ended a task from outside: stopped, or given up."""
        now, problem = self._clock.now(), _problem(found)

        def change(each: Task) -> Task:
            if each.state is not TaskState.RUNNING or task_key(each) != task_key(task):
                return each
            if found.state is InboxState.CANCELLED:
                return each.cancelled(now)
            return each.failed(problem, now)

        with suppress(UnknownEntry):
            await self._agenda.change_task(task.id, change)

    async def end_told(self, task: Task, problem: str = "") -> None:
        """Note that a task was told, and end the run it belongs to.

        Args:
            problem: why it did not arrive; empty when it did.
        """
        # The job first: whoever finds the task untold looks again.
        await self._end_run_of(task, problem)
        now = self._clock.now()
        with suppress(UnknownEntry):
            await self._agenda.change_task(
                task.id, lambda each: each.told(now) if untold(each) else each
            )

    async def _end_done(self, task: Task, problem: str) -> None:
        if not task.held:
            await self.end_told(task, problem)
        elif (job := self._agenda.job(task.job)) is not None and job.recurrence.repeats:
            # What is told later is kept by the task; the moments until then are not to be missed.
            await self._end_run_of(task, problem)

    async def _end_run_of(self, task: Task, problem: str) -> None:
        job = self._agenda.job(task.job)
        if job is None or job.in_hand is None or self._newest_id(job) != task.id:
            return
        if task.state is TaskState.FAILED:  # which was tried again often enough
            await self._end_run(job, task.problem or "its task failed", for_good=True)
        else:
            await self._end_run(job, problem, result=digest(task.result))

    def _newest_id(self, job: Job) -> str:
        """Name the task that a job made last: that of the run in hand."""
        made = [task for task in self._agenda.tasks(job.owner) if task.job == job.id]
        # Of two that were made at once the one that is not told yet is the newer.
        newest = max(made, key=lambda task: (task.created_at, not task.reported), default=None)
        return newest.id if newest is not None else ""

    async def _end_run(
        self, job: Job, problem: str, *, result: str = "", for_good: bool = False,
        quietly: bool = False,
    ) -> None:  # fmt: skip
        """End the run that a job has in hand.

        Args:
            problem: why it failed; empty when it did not.
            for_good: True when another try would not help.
            quietly: True when the person wanted it so.
        """
        now, limit = self._clock.now(), self._settings.current.scheduler.default_retry_limit
        gives_up = bool(problem) and (for_good or job.failures >= limit)
        due = job.in_hand

        def change(each: Job) -> Job:
            if each.in_hand != due:
                raise IllegalTransition(f"job {each.id} has that run in hand no more")
            if not problem:
                return each.settled(now, digest=result)
            if gives_up:
                return each.failed(problem, now)
            return each.retried(retry_at(each.failures, now), problem, now)

        try:
            await self._agenda.change_job(job.id, change)
        except (UnknownEntry, IllegalTransition) as error:
            log.info("a job was changed meanwhile", extra={"job_id": job.id, "problem": str(error)})
            return
        if problem:
            log.warning("a run failed", extra={"job_id": job.id, "problem": problem})
        if gives_up and not quietly:
            self._bus.publish(
                TroubleNoticed(
                    topic=f"job {job.id}",
                    text=f"The job {job.id} of {job.owner} failed for good: {problem}",
                )
            )


def _work_of(event: Event, runs: Runs) -> Work | None:
    """Give the work an event is about; None for what people wrote, which is most of it."""
    if isinstance(event, TurnFinished | PartDelivered | PartDead):
        return runs.find(event.inbox_id)
    return None


def _problem(found: Outcome) -> str:
    if found.lost:
        return "the message could not be delivered"
    return found.problem or f"it ended as {found.state.value}"
