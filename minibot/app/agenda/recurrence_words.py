"""Recurrences as people read them."""

import re
from datetime import datetime, timedelta

from minibot.app.agenda.moments import spoken
from minibot.app.markdown import counted, literal
from minibot.core.jobs import Recurrence, RecurrenceKind

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SHORT = {day[:3].lower(): number for number, day in enumerate(_DAYS)}
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_WEEKDAYS = [1, 2, 3, 4, 5]
_NUMBER = re.compile(r"\d{1,2}", re.ASCII)


def in_words(recurrence: Recurrence, now: datetime) -> str:
    """Say in Markdown when something happens: ``every Monday at 10:00 (Europe/Berlin)``."""
    if recurrence.kind is RecurrenceKind.EVERY:
        return _interval(int(recurrence.rule))
    return f"{_by_the_clock(recurrence, now)} ({literal(recurrence.zone)})"


def lasting(time: timedelta) -> str:
    """Say how long something takes: ``40 s``, ``3 min``, ``2 h 5 min``, ``3 days``."""
    seconds = max(int(time.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return counted(minutes // (24 * 60), "day")


def _by_the_clock(recurrence: Recurrence, now: datetime) -> str:
    if recurrence.kind is RecurrenceKind.ONCE:
        return spoken(recurrence.start, recurrence.zone, now)
    if recurrence.kind is RecurrenceKind.CRON and (said := _cron(recurrence.rule)):
        return said
    return f"by the rule `{recurrence.rule}`"


def _interval(seconds: int) -> str:
    size, unit = next(each for each in _UNITS if seconds % each[0] == 0)
    number = seconds // size
    return f"every {unit}" if number == 1 else f"every {counted(number, unit)}"


def _cron(rule: str) -> str:
    """Say the rules that people use; empty for others."""
    fields = rule.split()
    if len(fields) != 5 or not _NUMBER.fullmatch(fields[0]) or fields[3] != "*":
        return ""
    minute, hour, day, _, weekdays = fields
    if hour == day == weekdays == "*":
        return f"every hour at :{int(minute):02}"
    days = _days(day, weekdays)
    if not days or not _NUMBER.fullmatch(hour):
        return ""
    return f"{days} at {int(hour):02}:{int(minute):02}"


def _days(day: str, weekdays: str) -> str:
    if day == weekdays == "*":
        return "every day"
    if weekdays == "*":
        return f"on day {int(day)} of every month" if _NUMBER.fullmatch(day) else ""
    numbers = _weekday_numbers(weekdays) if day == "*" else []
    if sorted(numbers) == _WEEKDAYS:
        return "every weekday"
    *others, last = [_DAYS[number] for number in numbers] or [""]
    if not others:
        return f"every {last}" if last else ""
    return f"every {', '.join(others)} and {last}"


def _weekday_numbers(weekdays: str) -> list[int]:
    """Read numbers and names, with ranges; nothing when something else is among them."""
    numbers: list[int] = []
    for part in weekdays.lower().split(","):
        ends = [_weekday_number(end) for end in part.split("-")]
        if len(ends) > 2 or None in ends:
            return []
        first, last = (end for end in (ends[0], ends[-1]) if end is not None)
        numbers += [number % 7 for number in range(first, last + 1)]
    return numbers


def _weekday_number(text: str) -> int | None:
    if text in _SHORT:
        return _SHORT[text]
    return int(text) if re.fullmatch("[0-7]", text) else None
