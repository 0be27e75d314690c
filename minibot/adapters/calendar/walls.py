"""From the times that a rule gives to the clock on the wall, to instants."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from minibot.core.wall_time import change_between, instant_of, offset_at, wall_at

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Walls(Protocol):
    """The times of a rule as a clock on the wall shows them, whole seconds, without a zone."""

    @property
    def every_hour(self) -> bool:
        """True when there is one in every hour of the days it is for."""

    def after(self, wall: datetime) -> datetime | None:
        """Give the first one later than this; None when there is none."""


def next_instant(walls: Walls, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Give the first instant of a rule behind a moment; None when there is none."""
    if walls.every_hour:
        return _by_elapsed_time(walls, moment, zone)
    return _by_the_clock(walls, moment, zone)


def _by_the_clock(walls: Walls, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Each time once: instants never go back while times on the wall go on."""
    wall = walls.after(wall_at(moment, zone))
    while wall is not None:
        found = instant_of(wall, zone)
        if found > moment:
            return found
        wall = walls.after(wall)  # an hour comes for the second time
    return None


def _by_elapsed_time(walls: Walls, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Whenever the clock shows one: the stretches between two changes of clocks one by one."""
    at, offset = moment.astimezone(UTC), offset_at(moment, zone)
    while True:
        wall = walls.after((at + offset).replace(tzinfo=None))
        if wall is None:
            return None
        found = wall.replace(tzinfo=UTC) - offset
        # Clocks are never changed twice within a day, so one look tells whether they were.
        seen = min(found, at + _DAY)
        if offset_at(seen, zone) != offset:
            change = change_between(at, seen, zone)
            at, offset = change - _SECOND, offset_at(change, zone)
        elif found == seen:
            return found
        else:
            at = max(seen, found - 2 * _DAY)
            offset = offset_at(at, zone)
