"""The day on which something is said, and the time of day that is wanted."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from minibot.core.jobs import Recurrence, RecurrenceKind
from minibot.core.wall_time import instant_of, wall_at
from minibot.core.when.complaints import refused
from minibot.core.when.phrases import Clock, Phrase

_MORNING = 9
"""When a day alone is meant."""
_DAYS_SEARCHED = 8 * 366 + 1
"""Long enough for a leap day."""


class Today:
    """Days are counted from here, in the zone of whoever speaks."""

    def __init__(self, phrase: Phrase, now: datetime, zone: ZoneInfo) -> None:
        self._phrase = phrase
        self._zone = zone
        self.now = now
        self.wall = wall_at(now, zone)
        self.date = self.wall.date()

    def time(self) -> time:
        """Give the time of day that was said, or the morning."""
        clock = self._phrase.clock or Clock(hour=self._phrase.hour or _MORNING)
        try:
            return time(clock.hour, clock.minute, clock.second)
        except ValueError:
            raise refused(f"{clock} is no time of day: they go from 0:00 to 23:59.") from None

    def at(self, wall: datetime) -> datetime:
        return instant_of(wall, self._zone)

    def on(self, day: date) -> datetime:
        """Give this time of day on a day."""
        return self.at(datetime.combine(day, self.time()))

    def first(self, fits: Callable[[date], bool]) -> datetime:
        """Find the next day that fits on which this time of day is still to come."""
        for ahead in range(_DAYS_SEARCHED):
            day = self.date + timedelta(days=ahead)
            if fits(day) and (moment := self.on(day)) > self.now:
                return moment
        raise refused("There is no such day.")

    def recurrence(
        self, kind: RecurrenceKind, rule: str = "", *, start: datetime | None = None
    ) -> Recurrence:
        begin = (start or self.now).astimezone(UTC)
        return Recurrence(kind=kind, rule=rule, start=begin, zone=self._zone.key)

    def told(self, moment: datetime) -> str:
        return f"{wall_at(moment, self._zone):%Y-%m-%d %H:%M}"
