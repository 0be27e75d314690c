"""Rules of RFC 5545. Their times are those of the clock on the wall, counted from a start."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from minibot.adapters.calendar import rrule_text
from minibot.adapters.calendar.intervals import next_step
from minibot.adapters.calendar.rrule_text import RruleText
from minibot.adapters.calendar.walls import next_instant
from minibot.core.errors import ScheduleInvalid
from minibot.core.wall_time import wall_at

_LENGTHS = {
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
"""Of those that are always as long; months and years are not."""

_PATIENCE = {"YEARLY": 100, "MONTHLY": 1_200, "WEEKLY": 5_200}
_PATIENCE_BY_DAY = 20_000
_PATIENCE_BY_HOUR = 100_000
"""Steps without a finding after which a rule is taken for one that has none. They take some ten
milliseconds, and span fifty years or more where a step is a day or longer."""

_LONGEST_SERIES = timedelta(days=36_525)


class Rrule(Protocol):
    def next_after(self, moment: datetime) -> datetime | None: ...


@lru_cache(maxsize=256)
def rrule(text: str, start: datetime, zone: ZoneInfo) -> Rrule:
    """Read a rule. Raises `ScheduleInvalid`."""
    rule = rrule_text.read(text)
    first = start.astimezone(UTC).replace(microsecond=0)
    if _within_days(rule) and not rule.limited:
        return RruleChain(rule, start=first, zone=zone)
    return RruleSearch(rule, start=first, zone=zone)


def _within_days(rule: RruleText) -> bool:
    return rule.frequency in ("HOURLY", "MINUTELY", "SECONDLY")


class RruleChain:
    """A rule that says how often within a day and no more: elapsed time, as for an interval."""

    def __init__(self, rule: RruleText, *, start: datetime, zone: ZoneInfo) -> None:
        end = rule.end()
        self._start = start
        self._step = _LENGTHS[rule.frequency] * rule.interval
        self._count = rule.count
        self._end = end.replace(tzinfo=end.tzinfo or zone, fold=1) if end else None

    def next_after(self, moment: datetime) -> datetime | None:
        number, found = next_step(self._start, self._step, moment)
        if self._count is not None and number >= self._count:
            return None
        return None if self._end and found > self._end.astimezone(UTC) else found


class RruleSearch:
    """Any other rule, searched by dateutil on the clock on the wall."""

    def __init__(self, rule: RruleText, *, start: datetime, zone: ZoneInfo) -> None:
        end = rule.end()
        self._rule = rule
        self._zone = zone
        self._start = wall_at(start, zone)
        self._end = wall_at(end, zone) if end and end.tzinfo else end
        self._step = (
            _LENGTHS[rule.frequency] * rule.interval if rule.frequency in _LENGTHS else None
        )
        self.every_hour = rule.count is None and self._has_every_hour()
        self._series = tuple(self._counted()) if rule.count is not None else None

    def next_after(self, moment: datetime) -> datetime | None:
        return next_instant(self, moment, self._zone)

    def after(self, wall: datetime) -> datetime | None:
        if self._series is not None:
            behind = bisect_right(self._series, wall)
            return self._series[behind] if behind < len(self._series) else None
        if self._end and wall >= self._end:
            return None
        return next((found for found in self._search(self._near(wall)) if found > wall), None)

    def _has_every_hour(self) -> bool:
        hours = self._rule.hours()
        if not hours and self._step and _within_days(self._rule):
            return self._step <= _LENGTHS["HOURLY"]
        return len(hours) == 24

    def _counted(self) -> Iterator[datetime]:
        for found in self._search(self._start):
            if found > self._start + _LONGEST_SERIES:
                return
            yield found

    def _near(self, wall: datetime) -> datetime:
        """Give a start close to a time, from which the rule goes on in step."""
        if self._step is None:
            return self._start
        return self._start + max((wall - self._start) // self._step - 1, 0) * self._step

    def _patience(self) -> int:
        # dateutil goes through a day at once unless hours or minutes are asked for.
        in_day = _within_days(self._rule) and {"BYHOUR", "BYMINUTE"} & self._rule.parts.keys()
        by_day = _PATIENCE_BY_HOUR if in_day else _PATIENCE_BY_DAY
        return _PATIENCE.get(self._rule.frequency, by_day)

    def _search(self, start: datetime) -> Iterator[datetime]:
        interval = _Patience(self._rule.interval)
        interval.left = most = self._patience()
        text = ";".join(f"{name}={value}" for name, value in self._rule.parts.items())
        try:
            found: datetime
            for found in rrulestr(text, dtstart=start).replace(
                interval=interval, count=self._rule.count, until=self._end
            ):
                interval.left = most
                yield found
        except (_GaveUp, ValueError):  # a ValueError is how dateutil says that there are none
            raise ScheduleInvalid(
                f'"{self._rule.text}" never comes: no day is like that.'
            ) from None


class _GaveUp(Exception):
    """The search took more steps than it may."""


class _Patience(int):
    """An interval that may be added so many times.

    dateutil searches up to the year 9999 and cannot be told to stop earlier; its interval is the
    one number that takes part in every step of it.
    """

    left: int

    def __radd__(self, other: int) -> int:
        self._spend()
        return other + int(self)

    def __mul__(self, other: int) -> int:
        self._spend()
        return int(self) * other

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _GaveUp
