"""What the clocks of a zone show, and at which instants.

Instants are UTC. Times on the wall are naive, and of a zone that is given apart. The two rules
for days on which clocks change are those of `minibot.core.jobs`.
"""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from minibot.core.errors import ScheduleInvalid


def zone_named(name: str) -> ZoneInfo:
    """Load a zone by its IANA name, which has to be spelt right. Raises `ScheduleInvalid`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleInvalid(
            f'There is no time zone "{name[:60]}". Names look like Europe/Berlin.'
        ) from None


def wall_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """Read the clock on the wall."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta:
    """Say how far the clock on the wall is ahead of UTC."""
    return instant.astimezone(zone).utcoffset() or timedelta()


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the first instant at which the clock shows this time.

    A time that the clock jumps over gives the first instant behind the jump.
    """
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall_at(instant, zone) == wall:
        return instant
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return change_between(before, instant, zone)


def change_between(before: datetime, behind: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which clocks were changed, which they were once between two instants."""
    first = before.replace(microsecond=0)
    seconds = range(int((behind - first).total_seconds()))
    new = offset_at(behind, zone)
    changed = bisect_left(
        seconds, True, key=lambda second: offset_at(first + timedelta(seconds=second), zone) == new
    )
    return first + timedelta(seconds=changed)
