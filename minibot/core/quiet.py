"""Quiet hours: when a person wants to hear nothing that can wait."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from minibot.core.errors import ScheduleInvalid
from minibot.core.wall_time import instant_of, wall_at

_WRITTEN = re.compile(
    r"(\d{1,2})(?:[:.](\d\d))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.](\d\d))?",
    re.ASCII | re.IGNORECASE,
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A stretch of every day by the clock on the wall, over midnight if it ends earlier."""

    begin: time
    end: time

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    @classmethod
    def parse(cls, words: str) -> "Hours":
        """Read what `str` wrote, or people: ``22-7``, ``22:00 to 7:30``.

        Raises:
            ScheduleInvalid: it is something else.
        """
        found = _WRITTEN.fullmatch(words.strip())
        if found is None:
            raise ScheduleInvalid(f'"{words[:60]}" is not like 22:00-7:00')
        hour, minute, last_hour, last_minute = (int(each or 0) for each in found.groups())
        begin, end = _time(hour, minute), _time(last_hour, last_minute)
        if begin == end:
            raise ScheduleInvalid("they end at the time at which they begin")
        return cls(begin=begin, end=end)

    def end_after(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Say until when it is quiet; None when it is not quiet now.

        Days on which clocks change follow the rules of `minibot.core.jobs`.
        """
        today = wall_at(now, zone).date()
        for day in (today - _DAY, today):
            last_day = day if self.begin < self.end else day + _DAY
            begin = instant_of(datetime.combine(day, self.begin), zone)
            end = instant_of(datetime.combine(last_day, self.end), zone)
            if begin <= now < end:
                return end
        return None


def _time(hour: int, minute: int) -> time:
    if (hour, minute) == (24, 0):
        return time()
    try:
        return time(hour, minute)
    except ValueError:
        raise ScheduleInvalid(f"there is no time {hour}:{minute:02}") from None
