"""Rules of cron: five fields, read as Debian's cron reads them.

cronsim finds their times on the wall. What becomes of those on days on which clocks change is not
left to it: it goes by whether a field begins with a star, so that ``0-59 * * * *`` would be another
rule than ``* * * * *``, and a shift of half an hour loses times.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

from minibot.core.errors import ScheduleInvalid

_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_LONGEST = 500
_SOME_DAY = datetime(2000, 1, 1)  # a time on the wall
_EXAMPLE = "Five fields are wanted: minute, hour, day of the month, month, weekday; 0 9 * * 1-5."


@dataclass(frozen=True, slots=True, kw_only=True)
class CronWalls:
    """The times of a rule on the clock on the wall."""

    fields: str
    every_hour: bool

    def after(self, wall: datetime) -> datetime | None:
        return next(CronSim(self.fields, wall), None)


@lru_cache(maxsize=4096)
def cron_walls(rule: str) -> CronWalls:
    """Read a rule.

    Raises:
        ScheduleInvalid: it is none, or its day never comes.
    """
    fields = _NAMED.get(rule.strip().lower(), rule)
    if len(fields) > _LONGEST or len(fields.split()) != 5:
        raise ScheduleInvalid(f'"{rule[:60]}" is no rule of cron. {_EXAMPLE}')
    try:
        reader = CronSim(fields, _SOME_DAY)
    except CronSimError as error:
        raise _refused(rule, fields.split(), error) from None
    every_hour = reader.hours >= set(range(24))
    if next(reader, None) is None:
        raise _never_comes(rule)
    return CronWalls(fields=fields, every_hour=every_hour)


def _refused(rule: str, fields: list[str], error: CronSimError) -> ScheduleInvalid:
    try:
        CronSim(" ".join([*fields[:3], "*", "*"]), _SOME_DAY)
        CronSim(" ".join(["*", "*", "*", *fields[3:]]), _SOME_DAY)
    except CronSimError:
        field = str(error).removeprefix("Bad ")
        return ScheduleInvalid(
            f'"{rule}" is no rule of cron: its {field} cannot be read. {_EXAMPLE}'
        )
    return _never_comes(rule)


def _never_comes(rule: str) -> ScheduleInvalid:
    return ScheduleInvalid(f'"{rule}" never comes: there is no such day in any year.')
