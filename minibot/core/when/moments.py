"""From what was said about time to a recurrence."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from minibot.core.jobs import Recurrence, RecurrenceKind
from minibot.core.when.complaints import check_date, nothing, refused, whole
from minibot.core.when.phrases import (
    After,
    Ahead,
    AtInstant,
    Each,
    OnDate,
    OnWeekday,
    Phrase,
    Rule,
)
from minibot.core.when.repetitions import Repetition
from minibot.core.when.today import Today

_MINUTE = timedelta(minutes=1)


def recurrence_of(phrase: Phrase, now: datetime, zone: ZoneInfo) -> Recurrence:
    """Find out what a phrase means.

    Raises:
        ScheduleInvalid: there is no such time, or it is over.
    """
    try:
        return _recurrence(phrase, Today(phrase, now, zone))
    except OverflowError:
        raise refused("That is too far away.") from None


def _recurrence(phrase: Phrase, today: Today) -> Recurrence:
    match phrase.day:
        case Rule(kind=kind, rule=rule):
            # The first moment of a rule counts, so it must not be over already.
            start = today.now.replace(second=0, microsecond=0) + _MINUTE
            return today.recurrence(kind, rule, start=start)
        case Each() as each:
            return Repetition(each, today).recurrence()
        case After(seconds=0, days=0, months=0):
            raise nothing()
    moment = _moment(phrase, today)
    if moment <= today.now:
        raise refused(f"{today.told(moment)} is over: it is {today.told(today.now)}.")
    return today.recurrence(RecurrenceKind.ONCE, start=moment)


def _moment(phrase: Phrase, today: Today) -> datetime:
    match phrase.day:
        case After() as after:
            return _after(after, today, keeps_time=phrase.clock is None)
        case Ahead(days=days):
            return today.on(today.date + timedelta(days=days))
        case OnWeekday() as day:
            return _on_weekday(day, today)
        case OnDate() as day:
            return _on_date(day, today)
        case AtInstant(iso=iso):
            return _instant(iso)
    return today.first(lambda _: True)


def _after(after: After, today: Today, *, keeps_time: bool) -> datetime:
    seconds = timedelta(seconds=after.seconds)
    if not after.days and not after.months:
        return today.now + seconds
    days, fraction = divmod(after.days, 1)
    day = _months_on(today.date, whole(after.months, "months")) + timedelta(days=days)
    at = today.wall.time() if keeps_time else today.time()
    return today.at(datetime.combine(day, at)) + seconds + timedelta(days=fraction)


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        raise OverflowError
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _on_weekday(day: OnWeekday, today: Today) -> datetime:
    if day.next_week:
        monday = today.date + timedelta(days=8 - today.date.isoweekday())
        return today.on(monday + timedelta(days=day.weekday - 1))
    return today.first(lambda each: each.isoweekday() == day.weekday)


def _on_date(day: OnDate, today: Today) -> datetime:
    check_date(day.year, day.month, day.day)
    if day.year is not None:
        return today.on(date(day.year, day.month, day.day))
    return today.first(lambda each: (each.month, each.day) == (day.month, day.day))


def _instant(iso: str) -> datetime:
    try:
        return datetime.fromisoformat(iso.upper()).astimezone(UTC)
    except ValueError:
        raise refused(f"{iso} is no moment.") from None
