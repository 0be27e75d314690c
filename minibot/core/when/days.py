"""Reading a day, or a time from now."""

from minibot.core.when import words
from minibot.core.when.cursor import Cursor
from minibot.core.when.phrases import After, Ahead, AtInstant, Day, OnDate, OnWeekday, Weight
from minibot.core.when.words import Lexicon, spoken

AMOUNTS = Lexicon(words.AMOUNTS)
SECONDS = Lexicon(words.SECONDS)
DAYS = Lexicon(words.DAYS)
MONTHS = Lexicon(words.MONTHS)
WEEKDAYS = Lexicon(words.WEEKDAYS)
AND = spoken(words.AND)
ON = spoken(words.ON)
OF = spoken(words.OF)
ORDINAL = r"([0-9]{1,2})(?:号|號|日|(?:st|nd|rd|th|го|-го|-е|е|º|ª|\.(?![0-9]))?(?![0-9:]|\.[0-9]))"

_IN = spoken(words.IN)
_WITHOUT_NUMBER = spoken(words.WITHOUT_NUMBER)
_LATER = spoken(words.LATER)
_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)(?![0-9:])"
_MOST = 1e15
"""More of any unit than there is time for."""
_DAYS_AHEAD = Lexicon(words.DAYS_AHEAD)
_TONIGHT = spoken(words.TONIGHT)
_NEXT = spoken(words.NEXT)
_NEXT_WEEK = "下(?:个|個)?"
_MONTH_NAMES = Lexicon(words.MONTH_NAMES)
_YEAR = r"(?:,|de(?![a-z])|\s)*(20[0-9]{2})(?![0-9:])(?:\s*(?:года|г\.))?"

_INSTANT = (
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:t|\s+)([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?"
    r"\s*(z|[+-][0-9]{2}(?::?[0-9]{2})?)(?![\w:])"
)
_ISO_DATE = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?![0-9-])(?:t(?=[0-9]))?"
_CHINESE_DATE = r"(?:([0-9]{4})年)?([0-9]{1,2})月([0-9]{1,2})[日号號]?"
_DOTTED_DATE = r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{4})(?![0-9])|(\.)|(?![0-9.]))"


def read_after(cursor: Cursor) -> After | None:
    """Read "in 10 minutes", "10 minutes from now" and the like."""
    begin = cursor.at
    alone = cursor.take(_WITHOUT_NUMBER)
    introduced = alone or cursor.take(_IN)
    span = read_span(cursor, number_needed=not alone)
    if span and (cursor.take(_LATER) or introduced):
        return span
    cursor.at = begin
    return None


def read_span(cursor: Cursor, *, number_needed: bool = True) -> After | None:
    """Read a length of time: "1h30m", "2 hours and 5 minutes"."""
    span = _read_part(cursor, number_needed=number_needed)
    if span is None:
        return None
    while True:
        begin = cursor.at
        cursor.take(AND)
        more = _read_part(cursor)
        if more is None:
            cursor.at = begin
            return span
        span = After(
            seconds=span.seconds + more.seconds,
            days=span.days + more.days,
            months=span.months + more.months,
        )


def _read_part(cursor: Cursor, *, number_needed: bool = True) -> After | None:
    begin = cursor.at
    amount = _read_amount(cursor)
    if amount is not None or not number_needed:
        number = 1.0 if amount is None else amount
        if unit := cursor.take(MONTHS.pattern):
            return After(months=number * MONTHS[unit])
        if amount is None and cursor.take(words.BARE_MONTH):
            return After(months=1)
        if unit := cursor.take(DAYS.pattern):
            return After(days=number * DAYS[unit])
        if unit := cursor.take(SECONDS.pattern):
            return After(seconds=number * SECONDS[unit])
    cursor.at = begin
    return None


def _read_amount(cursor: Cursor) -> float | None:
    found = cursor.match(_NUMBER)
    if found:
        return min(float(found[1].replace(",", ".")), _MOST)
    word = cursor.take(AMOUNTS.pattern)
    return AMOUNTS[word] if word else None


def read_day(cursor: Cursor) -> tuple[Day, Weight] | None:
    """Read a day that comes once."""
    found = cursor.match(_INSTANT)
    if found:
        return AtInstant(iso=f"{found[1]}T{found[2]}{found[3]}"), Weight.ALONE
    if word := cursor.take(_DAYS_AHEAD.pattern):
        return Ahead(days=_DAYS_AHEAD[word]), Weight.ALONE
    begin = cursor.at
    on = bool(cursor.take(ON))
    day = _read_written_date(cursor)
    if day is not None:
        return day, Weight.ALONE
    day = read_date(cursor)
    if day is not None:
        return day, Weight.ALONE if on else Weight.NEEDS_A_CLOCK_NEXT_TO_IT
    named = _read_weekday(cursor, on=on)
    if named is None:
        cursor.at = begin
    return named


def read_tonight(cursor: Cursor) -> Ahead | None:
    return Ahead(days=0) if cursor.take(_TONIGHT) else None


def _read_written_date(cursor: Cursor) -> OnDate | None:
    """Read dates that are nothing else: 2026-12-24, 24.12., 12月24日."""
    found = cursor.match(_ISO_DATE) or cursor.match(_CHINESE_DATE)
    if found:
        year = int(found[1]) if found[1] else None
        return OnDate(year=year, month=int(found[2]), day=int(found[3]))
    begin = cursor.at
    found = cursor.match(_DOTTED_DATE)
    if found and (found[3] or found[4]):
        year = int(found[3]) if found[3] else None
        return OnDate(year=year, month=int(found[2]), day=int(found[1]))
    cursor.at = begin
    return None


def read_date(cursor: Cursor) -> OnDate | None:
    """Read dates that may be something else: 24 December, December 24, 24.12."""
    begin = cursor.at
    found = cursor.match(_CHINESE_DATE)
    if found:
        return OnDate(month=int(found[2]), day=int(found[3]))
    found = cursor.match(_DOTTED_DATE)
    if found:
        return OnDate(month=int(found[2]), day=int(found[1]))
    found = cursor.match(ORDINAL)
    if found:
        cursor.take(OF)
        if name := cursor.take(_MONTH_NAMES.pattern):
            return _with_year(cursor, month=_MONTH_NAMES[name], day=int(found[1]))
        cursor.at = begin
        return None
    if name := cursor.take(_MONTH_NAMES.pattern):
        found = cursor.match(ORDINAL)
        if found:
            return _with_year(cursor, month=_MONTH_NAMES[name], day=int(found[1]))
    cursor.at = begin
    return None


def _with_year(cursor: Cursor, *, month: int, day: int) -> OnDate:
    found = cursor.match(_YEAR)
    return OnDate(year=int(found[1]) if found else None, month=month, day=day)


def _read_weekday(cursor: Cursor, *, on: bool) -> tuple[OnWeekday, Weight] | None:
    begin = cursor.at
    if cursor.take(_NEXT_WEEK):
        word = cursor.take(WEEKDAYS.pattern)
        if word:
            return OnWeekday(weekday=WEEKDAYS[word], next_week=True), Weight.ALONE
        cursor.at = begin
    introduced = bool(cursor.take(_NEXT)) or on
    word = cursor.take(WEEKDAYS.pattern)
    return (OnWeekday(weekday=WEEKDAYS[word]), weight_of(word, introduced)) if word else None


def weight_of(weekday: str, introduced: bool) -> Weight:
    """Say what a weekday is worth: "so" and "do" are words of English as well."""
    chinese = weekday >= "一"
    if chinese or (introduced and len(weekday) > 2):
        return Weight.ALONE
    return Weight.NEEDS_A_CLOCK if len(weekday) > 3 else Weight.NEEDS_A_CLOCK_NEXT_TO_IT
