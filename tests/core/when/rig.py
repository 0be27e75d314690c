"""What was understood, in few words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from minibot.core.jobs import RecurrenceKind
from minibot.core.when import Spoken, parse

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 6, 3, 7, 0, tzinfo=UTC)
"""A Wednesday, 9:00 in Berlin."""


def understood(text: str, *, now: datetime = NOW, zone: str = BERLIN) -> tuple[str, str] | None:
    """Give the moment on the wall, or the rule, and the text that is left."""
    spoken = parse(text, now=now, zone=zone)
    return None if spoken is None else (when(spoken), spoken.text)


def when(spoken: Spoken) -> str:
    recurrence = spoken.recurrence
    start = recurrence.start.astimezone(ZoneInfo(recurrence.zone))
    if recurrence.kind is RecurrenceKind.ONCE:
        return f"{start:%a %Y-%m-%d %H:%M}"
    if recurrence.kind is RecurrenceKind.RRULE:
        return f"{recurrence.rule} from {start:%m-%d %H:%M}"
    return f"{recurrence.kind.value} {recurrence.rule}"
