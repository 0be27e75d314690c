"""When something is to happen: as a model says it, and as it is told."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from minibot.adapters.tools.wording import one_line
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.jobs import Recurrence, RecurrenceKind
from minibot.core.planning import Asker
from minibot.core.ports import Planner
from minibot.core.wall_time import instant_of, zone_named

ZONE_UNKNOWN = (
    "The person's time zone is not known. Ask them once where they live (a city is enough), then "
    "call again with `timezone`. Schedule nothing before."
)

LONGEST_DELAY = 100 * 365 * 86_400
"""Seconds."""

_YEARS = range(1970, 2500)
_RRULE_STARTS = ("RRULE:", "FREQ=", "DTSTART")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The arguments that say when, as a model gives them."""

    at: str | None = None
    delay_seconds: int | None = None
    every_seconds: int | None = None
    cron: str | None = None
    timezone: str | None = None

    @property
    def is_given(self) -> bool:
        numbers = (self.delay_seconds, self.every_seconds)
        return bool(self.at or self.cron) or any(number is not None for number in numbers)

    def check(self) -> None:
        """Refuse what does not go together. Raises `ToolArgumentsInvalid`."""
        chosen = [self.delay_seconds is not None, self.every_seconds is not None, bool(self.cron)]
        if not self.is_given or sum(chosen) > 1 or (self.at and self.delay_seconds is not None):
            raise ToolArgumentsInvalid(
                "Give exactly one of at, delay_seconds, every_seconds and cron; only "
                "every_seconds and cron may come with at, as their start."
            )
        if not 0 < (1 if self.delay_seconds is None else self.delay_seconds) <= LONGEST_DELAY:
            raise ToolArgumentsInvalid(f'"delay_seconds" cannot be {self.delay_seconds}.')

    async def recurrence(self, asker: Asker, planner: Planner, now: datetime) -> Recurrence:
        """Say what is meant, in the zone that is given or else the one the person lives in.

        A zone that is given is taken for the person's when none is known.

        Raises:
            ToolArgumentsInvalid: it cannot be used.
            ToolFailed: the person has to be asked for their zone.
            ScheduleInvalid: there is no such zone.
        """
        self.check()
        start = _read(self.at) if self.at else now
        zone = await self.zone(asker, planner)
        if not zone and (self.cron or start.tzinfo is None):
            raise ToolFailed(ZONE_UNKNOWN)
        zone = zone or "UTC"
        start = _instant(start, zone)
        if self.delay_seconds is not None:
            start += timedelta(seconds=self.delay_seconds)
        kind, rule = self._rule()
        if kind is RecurrenceKind.RRULE and not self.at:
            start = start.replace(second=0, microsecond=0)  # or its moments would keep these
        return Recurrence(kind=kind, rule=rule, start=start, zone=zone)

    async def zone(self, asker: Asker, planner: Planner) -> str:
        """Give the zone that counts; empty when none is known. Raises `ScheduleInvalid`."""
        known = planner.zone_of(asker)
        asked = (self.timezone or "").strip()
        if not asked:
            return known
        if not known:
            return await planner.keep_zone(asker, asked)
        return known if asked.casefold() == known.casefold() else zone_named(asked).key

    def _rule(self) -> tuple[RecurrenceKind, str]:
        if self.every_seconds is not None:
            return RecurrenceKind.EVERY, str(self.every_seconds)
        if not self.cron:
            return RecurrenceKind.ONCE, ""
        rule = self.cron.strip()
        is_rrule = rule.upper().startswith(_RRULE_STARTS)
        return (RecurrenceKind.RRULE if is_rrule else RecurrenceKind.CRON), rule


def dated(moment: datetime, zone: str) -> str:
    """Say a moment by the clock of a zone, for people: ``Fri 27 Nov 2026, 18:00``."""
    local = moment.astimezone(zone_named(zone))
    return f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M}"


def dated_exactly(moment: datetime, zone: str) -> str:
    """Say a moment with its offset, for a model."""
    offset = f"{moment.astimezone(zone_named(zone)):%z}"
    return f"{dated(moment, zone)} {offset[:3]}:{offset[3:5]}"


def described(recurrence: Recurrence) -> str:
    """Say how a job recurs, for a model."""
    match recurrence.kind:
        case RecurrenceKind.ONCE:
            return "once"
        case RecurrenceKind.EVERY:
            return f"every {recurrence.rule} s"
        case RecurrenceKind.CRON:
            return f'cron "{recurrence.rule}" in {recurrence.zone}'
        case RecurrenceKind.RRULE:
            return f'rule "{recurrence.rule}" in {recurrence.zone}'


def _read(text: str) -> datetime:
    """Read ISO 8601; without an offset it is a time on the wall."""
    asked = text.strip()
    try:
        date.fromisoformat(asked)
    except ValueError:
        pass
    else:
        raise ToolArgumentsInvalid('"at": say the time of day too, such as 2026-11-27T18:00.')
    try:
        found = datetime.fromisoformat(asked)
    except ValueError:
        raise ToolArgumentsInvalid(
            f'"at": must be ISO 8601 such as 2026-11-27T18:00, got "{one_line(asked, 60)}".'
        ) from None
    if found.year not in _YEARS:
        raise ToolArgumentsInvalid(f'"at": the year cannot be {found.year}.')
    return found


def _instant(moment: datetime, zone: str) -> datetime:
    if moment.tzinfo is None:
        return instant_of(moment.replace(microsecond=0), zone_named(zone))
    return moment.astimezone(UTC)
