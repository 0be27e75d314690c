"""Recurrences in few words, and what they should give by looking at every minute."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from minibot.adapters.calendar.calendar import SystemCalendar
from minibot.core.jobs import Recurrence, RecurrenceKind

CALENDAR = SystemCalendar()

NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"
SAO_PAULO = "America/Sao_Paulo"
KOLKATA = "Asia/Kolkata"

CHANGES = [
    (NEW_YORK, datetime(2026, 3, 8)),
    (NEW_YORK, datetime(2026, 11, 1)),
    (BERLIN, datetime(2026, 3, 29)),
    (BERLIN, datetime(2026, 10, 25)),
    (LORD_HOWE, datetime(2026, 4, 5)),
    (LORD_HOWE, datetime(2026, 10, 4)),
    (SAO_PAULO, datetime(2018, 2, 18)),
    (SAO_PAULO, datetime(2018, 11, 4)),
    (KOLKATA, datetime(2026, 3, 8)),
]
"""A zone, and a day around which its clocks are changed. Those of Kolkata never are."""

MINUTE = timedelta(minutes=1)


def rule(
    kind: RecurrenceKind, text: str, *, zone: str = "UTC", start: str = "2026-01-01T00:00"
) -> Recurrence:
    return Recurrence(kind=kind, rule=text, start=instant(start, zone), zone=zone)


def cron(text: str, zone: str = "UTC") -> Recurrence:
    return rule(RecurrenceKind.CRON, text, zone=zone)


def instant(wall: str, zone: str) -> datetime:
    """Read a time on the wall; one with an offset as it stands."""
    read = datetime.fromisoformat(wall)
    return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def shown(moment: datetime, zone: str) -> str:
    """Write a moment as the wall shows it, with the offset."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M%z")


def following(recurrence: Recurrence, after: str, count: int) -> list[str]:
    """Give the next moments as the wall shows them."""
    moment: datetime | None = instant(after, recurrence.zone)
    found = []
    for _ in range(count):
        assert moment is not None
        moment = CALENDAR.next_after(recurrence, moment)
        if moment is None:
            break
        found.append(shown(moment, recurrence.zone))
    return found


@cache
def minutes_around(zone: str, day: datetime) -> list[tuple[datetime, datetime]]:
    """Give every minute of three days, and what the clock shows then."""
    first = day.replace(tzinfo=UTC) - timedelta(days=1)
    moments = [first + number * MINUTE for number in range(3 * 24 * 60)]
    return [(each, each.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for each in moments]


def looked_up(
    zone: str, day: datetime, matches: Callable[[datetime], bool], *, every_hour: bool
) -> list[datetime]:
    """Give the moments of a rule without a look at anything but the clock, minute by minute."""
    found = []
    last_shown = minutes_around(zone, day)[0][1] - MINUTE
    for moment, wall in minutes_around(zone, day):
        walls = [wall] if every_hour else _new_on_the_wall(last_shown, wall)
        if any(map(matches, walls)):
            found.append(moment)
        last_shown = max(last_shown, wall)
    return found


def _new_on_the_wall(last: datetime, wall: datetime) -> list[datetime]:
    """Give the minutes that are over for the first time; more than one behind a jump."""
    return [last + number * MINUTE for number in range(1, (wall - last) // MINUTE + 1)]
