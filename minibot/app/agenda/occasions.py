"""When a recurrence runs next, and whether it may."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise

from minibot.app.agenda.moments import spoken
from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import Job, JobState, Recurrence, RecurrenceKind
from minibot.core.planning import SHORTEST_INTERVAL_SECONDS, Planned
from minibot.core.ports import Calendar, Clock
from minibot.core.settings import Settings

SHOWN = 3
"""Moments that are named of a job."""

FURTHEST = timedelta(days=365 * 100)
"""Ahead of now."""

_LEAST = timedelta(microseconds=1)
_SHORTEST = timedelta(seconds=SHORTEST_INTERVAL_SECONDS)
_REFUSE_OFTEN = (
    f"that is more often than every {SHORTEST_INTERVAL_SECONDS} seconds, which is not possible"
)


def refuse_when_off(settings: Settings) -> None:
    """Plan nothing that nobody would run. Raises `ScheduleInvalid`."""
    if not settings.scheduler.enabled:
        raise ScheduleInvalid(
            "reminders and tasks are switched off here; whoever runs me can change that, with "
            "scheduler.enabled"
        )


class Occasions:
    """Finds the moments of what is to become a job, and of those there are."""

    def __init__(self, calendar: Calendar, clock: Clock) -> None:
        self._calendar = calendar
        self._clock = clock

    def sound(self, recurrence: Recurrence) -> Recurrence:
        """Give a recurrence with its zone spelt right. Raises `ScheduleInvalid`."""
        zone = self._calendar.zone(recurrence.zone)
        if recurrence.kind is RecurrenceKind.EVERY:
            _refuse_odd_interval(recurrence.rule)
        return replace(recurrence, zone=zone)

    def ahead(self, recurrence: Recurrence, count: int = SHOWN) -> tuple[datetime, ...]:
        """Give the next moments of a recurrence that is sound.

        Raises:
            ScheduleInvalid: there is none, they are too close to each other or too far away.
        """
        now = self._clock.now()
        found = tuple(
            islice(self._after(recurrence, self._earliest(recurrence)), max(count, SHOWN))
        )
        if not found:
            raise ScheduleInvalid(_nothing_ahead(recurrence, now))
        if found[0] - now > FURTHEST:
            raise ScheduleInvalid("that is too far ahead")
        if any(behind - before < _SHORTEST for before, behind in pairwise(found)):
            raise ScheduleInvalid(_REFUSE_OFTEN)
        return found[:count]

    def first(self, recurrence: Recurrence) -> datetime:
        """Give the next moment of a recurrence that is sound. Raises `ScheduleInvalid`."""
        return self.ahead(recurrence)[0]

    def planned(self, job: Job) -> Planned:
        """Say when a job runs."""
        if job.state is not JobState.SCHEDULED or job.due is None:
            return Planned(job=job, upcoming=())
        upcoming = [job.due]
        if job.recurrence.repeats:
            try:
                upcoming += islice(
                    self._after(job.recurrence, max(job.due, self._clock.now())), SHOWN - 1
                )
            except ScheduleInvalid:  # the zones of this machine are not what they were
                upcoming = [job.due]
        return Planned(job=job, upcoming=tuple(upcoming))

    def _earliest(self, recurrence: Recurrence) -> datetime:
        """Give the moment behind which to look: nothing is due before its start."""
        return max(self._clock.now(), recurrence.start - _LEAST)

    def _after(self, recurrence: Recurrence, moment: datetime) -> Iterator[datetime]:
        found = self._calendar.next_after(recurrence, moment)
        while found is not None:
            yield found
            found = self._calendar.next_after(recurrence, found) if recurrence.repeats else None


def _refuse_odd_interval(rule: str) -> None:
    if not (rule.isascii() and rule.isdigit()) or len(rule) > len("999999999"):
        raise ScheduleInvalid(f'"{rule[:60]}" is no interval in whole seconds')
    if int(rule) < SHORTEST_INTERVAL_SECONDS:
        raise ScheduleInvalid(_REFUSE_OFTEN)


def _nothing_ahead(recurrence: Recurrence, now: datetime) -> str:
    if recurrence.repeats:
        return f"the rule {recurrence.rule[:100]!r} has no moment ahead"
    zone = recurrence.zone
    return (
        f"{spoken(recurrence.start, zone, now)} is in the past: "
        f"it is {spoken(now, zone, now)} now ({zone})"
    )
