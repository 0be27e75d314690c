"""What a person can do with their jobs and tasks, by a button or by a command."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from minibot.app.agenda.moments import known_zone, spoken
from minibot.app.handlers.agenda.board import belongs
from minibot.app.handlers.agenda.cards import Shown, entry_of
from minibot.app.handlers.agenda.presses import Act, ReminderAct, View
from minibot.app.markdown import counted
from minibot.core.errors import ScheduleInvalid, UnknownEntry
from minibot.core.jobs import Job, JobState
from minibot.core.planning import Asker, JobWish, Planned
from minibot.core.ports import Clock, Planner
from minibot.core.tasks import Task, TaskState
from minibot.core.wall_time import instant_of, wall_at

CHANGED = "It changed meanwhile; this is how it stands now."

SNOOZE = timedelta(hours=1)
MORNING = time(9, 0)
"""When tomorrow is for what repeats, whose own time has a run of its own."""

SAME_PRESS = timedelta(minutes=1)
"""A second snooze of what repeats, this soon behind the first, is the same one pressed twice."""


class AgendaActions:
    """Finds and changes what somebody asked for.

    Doing the same once more, because a button was pressed twice or a turn is run again, says the
    same once more and does nothing.
    """

    def __init__(self, planner: Planner, clock: Clock) -> None:
        self._planner = planner
        self._clock = clock
        # Presses pass the line, so that two on the same button may be worked on side by side.
        self._one_at_a_time = asyncio.Lock()

    def zone(self, asker: Asker) -> str:
        """Give the zone in which moments are shown; empty, which is UTC, when nobody said."""
        return self._planner.zone_of(asker)

    def find(self, asker: Asker, entry_id: str) -> Shown:
        """Give an entry. Raises `UnknownEntry`."""
        try:
            return self._planner.job(asker, entry_id)
        except UnknownEntry:
            return self._planner.task(asker, entry_id)

    def entries(self, asker: Asker, view: View) -> list[Shown]:
        """Give what belongs to a view: what comes next first, of what is over the newest."""
        everything: list[Shown] = [*self._planner.jobs(asker), *self._planner.tasks(asker)]
        found = [shown for shown in everything if belongs(shown, view)]
        if view in (View.DONE, View.FAILED):
            found.sort(key=lambda shown: entry_of(shown).updated_at, reverse=True)
        return found

    async def schedule(self, asker: Asker, wish: JobWish) -> Planned:
        """Make a job, unless this very one was made already."""
        async with self._one_at_a_time:
            for planned in self._planner.jobs(asker):
                job = planned.job
                same = job.text == wish.text.strip() and job.recurrence == wish.recurrence
                if same and job.chat == asker.chat and job.state is not JobState.CANCELLED:
                    return planned
            return await self._planner.schedule(asker, wish)

    async def change(self, asker: Asker, act: Act, entry_id: str, *, version: int = 0) -> str:
        """Do it, and say what was done.

        Args:
            version: of the entry as the person saw it; 0 for whatever it is now.

        Raises `UnknownEntry`, `ScheduleInvalid`, `StorageError`.
        """
        async with self._one_at_a_time:
            shown = self.find(asker, entry_id)
            entry = entry_of(shown)
            # What runs again whenever it is said must not be said by the same press twice.
            again = act in (Act.RUN, Act.SNOOZE, Act.RUN_AGAIN)
            if again and version and version != entry.version:
                return CHANGED
            if isinstance(entry, Task):
                return await self._change_task(asker, act, entry)
            return await self._change_job(asker, act, entry)

    async def answer_reminder(
        self, asker: Asker, act: ReminderAct, job_id: str, *, due: datetime
    ) -> tuple[str, Job]:
        """Do what somebody answered to a reminder that was due then; say so, and give the job."""
        async with self._one_at_a_time:
            job = self._planner.job(asker, job_id).job
            if act is ReminderAct.DONE:
                await self._finish(asker, job)
                return "✔ done", job
            until = self._already_snoozed(asker, job, since=due)
            if until is None:
                zone = self._planner.zone_of(asker) or job.recurrence.zone
                until = _until(act, job, due=due, zone=known_zone(zone), now=self._clock.now())
                await self._planner.snooze(asker, job_id, until)
            return f"↪ snoozed until {self._spoken(asker, until)}", job

    async def _change_job(self, asker: Asker, act: Act, job: Job) -> str:
        match act:
            case Act.PAUSE:
                if job.state is not JobState.PAUSED:
                    await self._planner.pause(asker, job.id)
                return "Paused."
            case Act.RESUME | Act.BRING_BACK:
                return await self._go_on(asker, job)
            case Act.RUN | Act.RUN_AGAIN:
                await self._planner.run_now(asker, job.id)
                return "It runs now."
            case Act.SNOOZE:
                return await self._postpone(asker, job)
            case Act.DONE:
                await self._finish(asker, job)
                return "Done."
            case Act.CANCEL:
                if job.state is not JobState.CANCELLED:
                    await self._planner.cancel(asker, job.id)
                return "Cancelled."
        raise ValueError(f"changes nothing: {act}")

    async def _change_task(self, asker: Asker, act: Act, task: Task) -> str:
        match act:
            case Act.CANCEL:
                if task.state is TaskState.CANCELLED:
                    return "Cancelled."
                ended = await self._planner.cancel_task(asker, task.id)
                others = sum(each.id != task.id for each in ended)
                with_it = f", and {counted(others, 'task')} that waited for it" if others else ""
                return f"Cancelled{with_it}."
            case Act.RUN_AGAIN | Act.RUN:
                await self._planner.run_again(asker, task.id)
                return "It is in line again."
        raise ScheduleInvalid("a task can be cancelled or run again, nothing else")

    async def _go_on(self, asker: Asker, job: Job) -> str:
        if job.state is JobState.PAUSED:
            job = (await self._planner.resume(asker, job.id)).job
        elif job.state is not JobState.SCHEDULED:
            job = (await self._planner.bring_back(asker, job.id)).job
        return f"It goes on: {self._spoken(asker, job.due)}." if job.due else "It goes on."

    async def _finish(self, asker: Asker, job: Job) -> None:
        if not job.over:
            await self._planner.finish(asker, job.id)

    async def _postpone(self, asker: Asker, job: Job) -> str:
        now = self._clock.now()
        until = None
        if job.recurrence.repeats:
            until = self._copy(asker, job, since=now - SAME_PRESS)
        if until is None:
            ahead = job.due if job.due and not job.recurrence.repeats else now
            until = max(ahead, now) + SNOOZE
            await self._planner.snooze(asker, job.id, until)
        return f"Snoozed until {self._spoken(asker, until)}."

    def _already_snoozed(self, asker: Asker, job: Job, *, since: datetime) -> datetime | None:
        """Give the moment until which a run was snoozed that was due then."""
        if job.recurrence.repeats:
            return self._copy(asker, job, since=since)
        ahead = job.due is not None and job.due > self._clock.now()
        return job.due if ahead and job.state is JobState.SCHEDULED else None

    def _copy(self, asker: Asker, job: Job, *, since: datetime) -> datetime | None:
        """Find what a snooze of a job that repeats made: another that runs once."""
        scheduled = self._planner.jobs(asker, states=(JobState.SCHEDULED,))
        return _newest(
            other.job.due
            for other in scheduled
            if not other.job.recurrence.repeats
            and other.job.text == job.text
            and other.job.created_at >= since
        )

    def _spoken(self, asker: Asker, moment: datetime) -> str:
        zone = self._planner.zone_of(asker)
        said = spoken(moment, zone, self._clock.now())
        return said if zone else f"{said} UTC"


def _until(
    act: ReminderAct, job: Job, *, due: datetime, zone: ZoneInfo, now: datetime
) -> datetime:  # fmt: skip
    if act is ReminderAct.TEN_MINUTES:
        return now + timedelta(minutes=10)
    if act is ReminderAct.HOUR:
        return now + timedelta(hours=1)
    hour = MORNING if job.recurrence.repeats else wall_at(due, zone).time()
    tomorrow = wall_at(now, zone).date() + timedelta(days=1)
    return instant_of(datetime.combine(tomorrow, hour), zone)


def _newest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
