"""Fires jobs when they are due."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from minibot.app.agenda.admission import hand_over, reminder_arrival
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.moments import spoken
from minibot.app.first_of import first_of
from minibot.app.markdown import literal
from minibot.core.errors import ScheduleInvalid, StorageUnavailable
from minibot.core.jobs import Job, JobKind, Misfire, Notify, occurrence_key
from minibot.core.messages import Arrival, ChatRef
from minibot.core.ports import Calendar, Clock, Entry, Receive, SettingsSource
from minibot.core.tasks import Task, TaskState

log = logging.getLogger(__name__)

BATCH = 256
"""Jobs that are fired in one record."""

LATE = timedelta(seconds=60)
"""From here on a run counts as made up for, and says when it was due."""

SPREAD_SECONDS = 30.0
"""Over which questions to the model that are made up for begin, so that they do not all at once."""

STORAGE_PAUSE_SECONDS = 1.0

Say = Callable[[str, ChatRef, str], Awaitable[None]]
"""Given a key, a chat and Markdown; says it once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Firing:
    """What becomes of one job that is due."""

    due: datetime
    entries: tuple[Entry, ...]
    arrival: Arrival | None = None
    missed: Job | None = None
    """Given, as it is then, when the person is told that it was missed."""


class JobClock:
    """Sleeps until the next moment and hands over what is due then.

    Taking a moment in hand is recorded before anything comes of it, and what comes of it has
    the moment in its name: a moment is neither lost nor handed over twice, wherever the process
    dies. Moments that passed while nobody looked make one run.
    """

    def __init__(
        self,
        agenda: Agenda,
        calendar: Calendar,
        *,
        receive: Receive,
        say: Say,
        settings: SettingsSource,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._agenda = agenda
        self._calendar = calendar
        self._receive = receive
        self._say = say
        self._settings = settings
        self._clock = clock
        self._random = random

    async def run(self) -> None:
        while True:
            try:
                await self._agenda.refresh()
                while await self._fire():
                    pass
            except StorageUnavailable:
                log.exception("storage failed; what is due waits")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)
            await self._rest()

    async def _rest(self) -> None:
        """Sleep until something is due or changes; never so long that a set clock goes unseen."""
        self._agenda.jobs_changed.clear()
        pause = self._settings.current.scheduler.poll_interval_ms / 1000
        if (due := self._agenda.next_due()) is not None:
            pause = min(pause, max((due - self._clock.now()).total_seconds(), 0.0))
        await first_of(self._clock.sleep(pause), self._agenda.jobs_changed.wait())

    async def _fire(self) -> bool:
        """Fire what is due; says whether there may be more."""
        now = self._clock.now()
        due = self._agenda.take_due(now, BATCH)
        if not due:
            return False
        firings = [self._firing(job, now) for job in due]
        recorded = False
        try:
            # Told before it is recorded: a process that dies between tells it again, and that
            # is said once.
            for firing in firings:
                if firing.missed is not None:
                    await self._tell_miss(firing.missed, firing.due)
            recorded = await self._agenda.replace(
                *(entry for firing in firings for entry in firing.entries)
            )
        finally:
            if not recorded:
                self._agenda.offer_again(due)
        if recorded:
            arrivals = [firing.arrival for firing in firings if firing.arrival is not None]
            if arrivals:
                await hand_over(self._receive, arrivals, self._clock)
                log.info("reminders are due", extra={"count": len(arrivals)})
        return True

    def _firing(self, job: Job, now: datetime) -> _Firing:
        assert job.due is not None  # noqa: S101  # what is due has a moment
        late = now - job.due
        following = self._next_after(job, max(job.due, now))
        if late > self._grace and (job.recurrence.repeats or job.misfire is Misfire.SKIP_AND_TELL):
            missed = job.missed(following, now)
            return _Firing(due=job.due, entries=(missed,), missed=missed)
        fired = job.fired(following, now)
        if job.kind is JobKind.REMINDER:
            arrival = reminder_arrival(fired, job.due)
            return _Firing(due=job.due, entries=(fired,), arrival=arrival)
        return _Firing(due=job.due, entries=(fired, self._task(job, late, now)))

    def _task(self, job: Job, late: timedelta, now: datetime) -> Task:
        spread = self._random() * SPREAD_SECONDS if late > LATE else 0.0
        return Task(
            id=self._agenda.new_id("t"),
            owner=job.owner,
            person=job.person,
            chat=job.chat,
            private=job.private,
            kind=JobKind.LLM_PROMPT.value,
            description=job.text,
            job=job.id,
            quiet=job.notify is Notify.NEVER,
            state=TaskState.QUEUED,
            not_before=now + timedelta(seconds=spread),
            created_at=now,
            updated_at=now,
        )

    @property
    def _grace(self) -> timedelta:
        return timedelta(seconds=self._settings.current.scheduler.misfire_grace_seconds)

    def _next_after(self, job: Job, moment: datetime) -> datetime | None:
        if not job.recurrence.repeats:  # also when it was put forward, and its own is to come
            return None
        try:
            return self._calendar.next_after(job.recurrence, moment)
        except ScheduleInvalid:
            log.exception("a job's rule cannot be used any more", extra={"job_id": job.id})
            return None

    async def _tell_miss(self, job: Job, due: datetime) -> None:
        now, zone = self._clock.now(), job.recurrence.zone
        following = f" Next: {spoken(job.due, zone, now)}." if job.due is not None else ""
        await self._say(
            f"missed:{occurrence_key(job.id, due)}",
            job.chat,
            f"⏰ I was away on {spoken(due, zone, now)} and missed this: "
            f"**{literal(job.text)}**.{following}",
        )
