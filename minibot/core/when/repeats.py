"""Reading what repeats, and rules that are written out."""

from minibot.core.jobs import RecurrenceKind
from minibot.core.when import words
from minibot.core.when.cursor import Cursor
from minibot.core.when.days import (
    AND,
    OF,
    ON,
    ORDINAL,
    WEEKDAYS,
    read_date,
    read_span,
    weight_of,
)
from minibot.core.when.phrases import Each, OnDate, Rule, Weight
from minibot.core.when.words import Lexicon, spoken

_EVERY = spoken(words.EVERY)
_DAILY = spoken(words.DAILY)
_WORKDAYS = spoken(words.WORKDAYS)
_ON_WORKDAYS = spoken(words.ON_WORKDAYS)
_WEEKENDS = spoken(words.WEEKENDS)
_WEEKLY = Lexicon(words.WEEKLY)
_FROM_TO = spoken(words.FROM_TO)
_OTHER = spoken(words.OTHER)
_LAST_DAY = spoken(words.LAST_DAY)
_DAY_WORD = r"(?:day|tag|día|dia|числа|число)(?![a-zа-я])"
_ONE_MONTH = spoken(words.MONTHS[1])
_NUMBERED = r"(?=[0-9]{1,2}(?:st|nd|rd|th|го|-го|号|號|日|º|\.|\s*числ))"
"""A number that is one of a day and nothing else."""

_CRON = (
    r"cron:?\s*(?:\"([^\"]+)\"|'([^']+)'|`([^`]+)`|“([^”]+)”"
    r"|(@[a-z]+)|(?=[0-9*])((?:\S+\s+){4}\S+))"
)
_RRULE = r"(?:rrule:?\s*)?[\"'`“]?(?:rrule:)?(freq=[^\s\"'`”]+)[\"'`”]?"

_MON_TO_FRI = (1, 2, 3, 4, 5)
_SAT_AND_SUN = (6, 7)


def read_rule(cursor: Cursor) -> Rule | None:
    """Read a rule of cron or of RFC 5545. Whether it is one is for the calendar to say."""
    found = cursor.match(_CRON)
    if found:
        text = next(each for each in found.groups() if each)
        return Rule(kind=RecurrenceKind.CRON, rule=" ".join(text.split()))
    found = cursor.match(_RRULE)
    return Rule(kind=RecurrenceKind.RRULE, rule=found[1].upper()) if found else None


def read_each(cursor: Cursor) -> tuple[Each, Weight] | None:
    """Read what comes again and again, up to the time of day."""
    begin = cursor.at
    for read in (_read_habit, _read_day_of_month, _read_every):
        found = read(cursor)
        if found:
            return found
        cursor.at = begin
    return None


def _read_habit(cursor: Cursor) -> tuple[Each, Weight] | None:
    """Read "daily", "on weekdays", "mondays"."""
    if cursor.take(_DAILY):
        return Each(days=1), Weight.NEEDS_A_CLOCK
    if cursor.take(_ON_WORKDAYS):
        return Each(weekdays=_MON_TO_FRI), Weight.ALONE
    introduced = cursor.take(r"(?:on|по|los|las)(?![a-zа-я])")
    word = cursor.take(_WEEKLY.pattern)
    if word:
        return Each(weekdays=(_WEEKLY[word],)), Weight.ALONE
    word = cursor.take(WEEKDAYS.pattern) if introduced == "los" else ""
    return (Each(weekdays=(WEEKDAYS[word],)), Weight.ALONE) if word else None


def _read_day_of_month(cursor: Cursor) -> tuple[Each, Weight] | None:
    """Read "on the 1st of every month"."""
    cursor.take(ON)
    day = _read_monthday(cursor)
    cursor.take(OF)
    if day is None or not cursor.take(_EVERY) or not cursor.take(_ONE_MONTH):
        return None
    return Each(months=1, day=day), Weight.ALONE


def _read_every(cursor: Cursor) -> tuple[Each, Weight] | None:
    if not cursor.take(_EVERY):
        return None
    if cursor.take(_WORKDAYS):
        return Each(weekdays=_MON_TO_FRI), Weight.ALONE
    if cursor.take(_WEEKENDS):
        return Each(weekdays=_SAT_AND_SUN), Weight.ALONE
    named = _read_weekdays(cursor)
    if named:
        return named
    length = _read_length(cursor)
    if length:
        return length
    date = read_date(cursor)
    return (Each(months=12, month=date.month, day=date.day), Weight.ALONE) if date else None


def _read_weekdays(cursor: Cursor) -> tuple[Each, Weight] | None:
    """Read "mon", "mon,thu", "mon and thu", "mon-fri"."""
    first = cursor.take(WEEKDAYS.pattern)
    if not first:
        return None
    named = [WEEKDAYS[first]]
    begin = cursor.at
    last = cursor.take(_FROM_TO) and cursor.take(WEEKDAYS.pattern)
    if last:
        return Each(weekdays=_from_to(named[0], WEEKDAYS[last])), Weight.ALONE
    cursor.at = begin
    while cursor.take(AND) and (word := cursor.take(WEEKDAYS.pattern)):
        named.append(WEEKDAYS[word])
        begin = cursor.at
    cursor.at = begin
    weight = Weight.ALONE if len(named) > 1 else weight_of(first, introduced=True)
    return Each(weekdays=tuple(sorted(set(named)))), weight


def _from_to(first: int, last: int) -> tuple[int, ...]:
    count = (last - first) % 7 + 1
    return tuple(sorted((first + number - 1) % 7 + 1 for number in range(count)))


def _read_length(cursor: Cursor) -> tuple[Each, Weight] | None:
    factor = 2 if cursor.take(_OTHER) else 1
    span = read_span(cursor, number_needed=False)
    if span is None:
        return None
    each = Each(seconds=span.seconds * factor, days=span.days * factor, months=span.months * factor)
    return _with_day(cursor, each), Weight.ALONE


def _with_day(cursor: Cursor, each: Each) -> Each:
    """Read on which day of a week, month or year."""
    begin = cursor.at
    on = cursor.take(ON)
    if each.months and not each.seconds and not each.days:
        date: OnDate | None = read_date(cursor) if each.months % 12 == 0 else None
        if date:
            return Each(months=each.months, month=date.month, day=date.day)
        told = each.months % 12 and (on or cursor.sees(_NUMBERED) or cursor.sees(_LAST_DAY))
        day = _read_monthday(cursor) if told else None
        if day is not None:
            return Each(months=each.months, day=day)
    if on and each.days and each.days % 7 == 0:
        named = _read_weekdays(cursor)
        if named:
            return Each(days=each.days, weekdays=named[0].weekdays)
    cursor.at = begin
    return each


def _read_monthday(cursor: Cursor) -> int | None:
    if cursor.take(_LAST_DAY):
        return -1
    found = cursor.match(ORDINAL)
    if found is None:
        return None
    cursor.take(_DAY_WORD)
    return int(found[1])
