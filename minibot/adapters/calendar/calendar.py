"""The calendar: which moments a recurrence has."""

from datetime import UTC, datetime

from minibot.adapters.calendar.cron import cron_walls
from minibot.adapters.calendar.intervals import next_step, step_of
from minibot.adapters.calendar.rrule import rrule
from minibot.adapters.calendar.walls import next_instant
from minibot.adapters.calendar.zones import zone_name
from minibot.core.jobs import Recurrence, RecurrenceKind
from minibot.core.wall_time import zone_named


class SystemCalendar:
    """Knows the zones of the system, or of tzdata where it has none, cron and RFC 5545.

    What it reads is kept read: a moment costs some 30 µs.
    """

    def next_after(self, recurrence: Recurrence, moment: datetime) -> datetime | None:
        try:
            found = self._next_after(recurrence, moment)
        except OverflowError:  # the year 10000
            return None
        return found.astimezone(UTC) if found else None

    def zone(self, name: str) -> str:
        return zone_name(name)

    def _next_after(self, recurrence: Recurrence, moment: datetime) -> datetime | None:
        match recurrence.kind:
            case RecurrenceKind.ONCE:
                return recurrence.start if recurrence.start > moment else None
            case RecurrenceKind.EVERY:
                return next_step(recurrence.start, step_of(recurrence.rule), moment)[1]
            case RecurrenceKind.CRON:
                return next_instant(
                    cron_walls(recurrence.rule), moment, zone_named(recurrence.zone)
                )
            case RecurrenceKind.RRULE:
                zone = zone_named(recurrence.zone)
                return rrule(recurrence.rule, recurrence.start, zone).next_after(moment)
