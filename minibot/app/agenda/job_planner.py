"""Making and changing jobs for one person at a time."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.kinship import ended, is_open_to
from minibot.app.agenda.moments import spoken
from minibot.app.agenda.occasions import Occasions, refuse_when_off
from minibot.core.errors import IllegalTransition, ScheduleInvalid, UnknownEntry
from minibot.core.jobs import Job, JobState, Notify, Recurrence, RecurrenceKind
from minibot.core.planning import Asker, JobWish, Planned
from minibot.core.ports import Clock, SettingsSource

LONGEST_TEXT = 2_000
"""Characters of what a job says, or a task is to do."""


class JobPlanner:
    """The part of `minibot.core.ports.Planner` that is about jobs."""

    def __init__(
        self, agenda: Agenda, occasions: Occasions, *, settings: SettingsSource, clock: Clock
    ) -> None:
        self._agenda = agenda
        self._occasions = occasions
        self._settings = settings
        self._clock = clock

    async def schedule(self, asker: Asker, wish: JobWish) -> Planned:
        refuse_when_off(self._settings.current)
        text = sound_text(wish.text)
        recurrence = self._occasions.sound(wish.recurrence)
        first = self._occasions.first(recurrence)
        self._make_sure_of_room(asker)
        now = self._clock.now()
        job = Job(
            id=self._agenda.new_id("j"),
            owner=asker.owner,
            person=asker.person,
            chat=asker.chat,
            private=asker.private,
            kind=wish.kind,
            text=text,
            recurrence=recurrence,
            due=first,
            notify=wish.notify,
            misfire=wish.misfire,
            created_at=now,
            updated_at=now,
        )
        await self._agenda.add(job)
        return self._occasions.planned(job)

    def jobs(self, asker: Asker, *, states: Collection[JobState] = ()) -> list[Planned]:
        return [
            self._occasions.planned(job)
            for job in self._agenda.jobs(asker.owner, states=states)
            if is_open_to(asker, job)
        ]

    def job(self, asker: Asker, job_id: str) -> Planned:
        return self._occasions.planned(self._own(asker, job_id))

    async def edit(
        self, asker: Asker, job_id: str, *, text: str = "", recurrence: Recurrence | None = None
    ) -> Planned:
        self._own(asker, job_id)
        wanted = sound_text(text) if text else ""
        sound = None if recurrence is None else self._occasions.sound(recurrence)
        first = None if sound is None else self._occasions.first(sound)
        now = self._clock.now()

        def edited(job: Job) -> Job:
            return job.edited(
                now,
                text=wanted or job.text,
                recurrence=sound or job.recurrence,
                due=first or job.due,
            )

        return self._occasions.planned(await self._agenda.change_job(job_id, edited))

    async def pause(self, asker: Asker, job_id: str) -> Planned:
        self._own(asker, job_id)
        now = self._clock.now()
        return self._occasions.planned(
            await self._agenda.change_job(job_id, lambda job: job.paused(now))
        )

    async def resume(self, asker: Asker, job_id: str) -> Planned:
        self._own(asker, job_id)
        now = self._clock.now()

        def resumed(job: Job) -> Job:
            if job.state is not JobState.PAUSED:
                return job.resumed(None, now)  # which it refuses, with words
            is_ahead = job.due is not None and job.due > now
            return job.resumed(job.due if is_ahead else self._occasions.first(job.recurrence), now)

        return self._occasions.planned(await self._agenda.change_job(job_id, resumed))

    async def run_now(self, asker: Asker, job_id: str) -> Planned:
        job = self._own(asker, job_id)
        now = self._clock.now()
        if job.state is JobState.PAUSED and job.recurrence.repeats:
            return await self._once_more(asker, job, now)  # and it stays paused

        def at_once(job: Job) -> Job:
            if job.state is JobState.CANCELLED:
                raise IllegalTransition(f"job {job.id} was cancelled")
            return job.rescheduled(now, now)

        return self._occasions.planned(await self._agenda.change_job(job_id, at_once))

    async def snooze(self, asker: Asker, job_id: str, until: datetime) -> Planned:
        job = self._own(asker, job_id)
        now = self._clock.now()
        if until <= now:
            zone = job.recurrence.zone
            raise ScheduleInvalid(f"{spoken(until, zone, now)} is in the past")
        if job.recurrence.repeats:
            return await self._once_more(asker, job, until)
        return self._occasions.planned(
            await self._agenda.change_job(job_id, lambda job: job.rescheduled(until, now))
        )

    async def finish(self, asker: Asker, job_id: str) -> Planned:
        self._own(asker, job_id)
        now = self._clock.now()

        def finished(job: Job) -> Job:
            if job.over or job.recurrence.repeats:
                return job
            if job.state is JobState.PAUSED:
                return job.cancelled(now)
            return job.finished(now)

        return self._occasions.planned(await self._agenda.change_job(job_id, finished))

    async def cancel(self, asker: Asker, job_id: str) -> Job:
        while True:
            job = self._own(asker, job_id)
            now = self._clock.now()
            cancelled = job.cancelled(now)
            made = [task for task in self._agenda.tasks() if task.job == job_id and not task.over]
            if await self._agenda.replace(cancelled, *ended(made, self._agenda.tasks(), now)):
                return cancelled

    async def bring_back(self, asker: Asker, job_id: str) -> Planned:
        self._own(asker, job_id)
        self._make_sure_of_room(asker)
        now = self._clock.now()

        def brought_back(job: Job) -> Job:
            if job.state is not JobState.CANCELLED:
                raise IllegalTransition(f"job {job.id} is not cancelled: it is {job.state.value}")
            if job.recurrence.repeats:
                return job.rescheduled(self._occasions.first(job.recurrence), now)
            return job.rescheduled(max(job.recurrence.start, now), now)

        return self._occasions.planned(await self._agenda.change_job(job_id, brought_back))

    async def _once_more(self, asker: Asker, job: Job, at: datetime) -> Planned:
        """Make a job that says once what another says again and again."""
        self._make_sure_of_room(asker)
        now = self._clock.now()
        zone = job.recurrence.zone
        copy = replace(
            job,
            id=self._agenda.new_id("j"),
            recurrence=Recurrence(kind=RecurrenceKind.ONCE, start=at, zone=zone),
            state=JobState.SCHEDULED,
            due=at,
            in_hand=None,
            notify=Notify.ALWAYS,
            runs=0,
            failures=0,
            problem="",
            last_run=None,
            last_result="",
            created_at=now,
            updated_at=now,
            version=1,
        )
        await self._agenda.add(copy)
        return self._occasions.planned(copy)

    def _own(self, asker: Asker, job_id: str) -> Job:
        job = self._agenda.job(job_id)
        if job is None or not is_open_to(asker, job):
            raise UnknownEntry(f"there is no job {job_id[:20]!r}")
        return job

    def _make_sure_of_room(self, asker: Asker) -> None:
        most = self._settings.current.scheduler.max_jobs_per_person
        if sum(not job.over for job in self._agenda.jobs(asker.owner)) >= most:
            raise ScheduleInvalid(
                f"there are {most} open jobs already, and no more are possible: cancel some first"
            )


def sound_text(text: str) -> str:
    """Give a text without the space around it. Raises `ScheduleInvalid`."""
    kept = text.strip()
    if not kept:
        raise ScheduleInvalid("it is not said what it is about")
    if len(kept) > LONGEST_TEXT:
        raise ScheduleInvalid(
            f"the text has {len(kept):,} characters, {LONGEST_TEXT:,} are possible"
        )
    return kept
