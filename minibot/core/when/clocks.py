"""Reading a time of day."""

from minibot.core.when import words
from minibot.core.when.cursor import Cursor
from minibot.core.when.phrases import Clock
from minibot.core.when.words import spoken

_AT = spoken(words.AT)
_NOON = spoken(words.NOON)
_MIDNIGHT = spoken(words.MIDNIGHT)
_FORENOON = spoken(words.FORENOON)
_AFTERNOON = spoken(words.AFTERNOON)
_BEFORE_NOON = spoken(words.BEFORE_NOON)
_PAST_NOON = spoken(words.PAST_NOON)
_OCLOCK = spoken(words.OCLOCK)
_OCLOCK_BEHIND_AT = spoken((*words.OCLOCK, *words.OCLOCK_BEHIND_AT))

_DIGITS = r"([0-9]{1,2})(?::([0-9]{2}))?(?::([0-9]{2}))?(?![0-9:])"
_DOTTED = r"([0-9]{1,2})\.([0-9]{2})(?![0-9.])"
_MINUTES = r"([0-9]{1,2})(?:分|(?![0-9:.]))"


def read_clock(cursor: Cursor, *, afternoon: bool = False) -> Clock | None:
    """Read a time of day; a number alone is none.

    Args:
        afternoon: that is what the words before it mean.
    """
    begin = cursor.at
    cursor.take(",")
    at = bool(cursor.take(_AT))
    if cursor.take(_NOON):
        return Clock(hour=12)
    if cursor.take(_MIDNIGHT):
        return Clock(hour=0)
    before, past = cursor.take(_BEFORE_NOON), cursor.take(_PAST_NOON)
    clock, sure = _numbers(cursor, at=at or bool(before or past))
    if clock is None:
        cursor.at = begin
        return None
    before = before or cursor.take(_FORENOON)
    past = past or cursor.take(_AFTERNOON)
    if not (sure or before or past):
        cursor.at = begin
        return None
    return _in_half(clock, before=bool(before), past=bool(past) or afternoon)


def _numbers(cursor: Cursor, *, at: bool) -> tuple[Clock | None, bool]:
    """Read hours and minutes, and say whether they are sure to be a time of day."""
    begin = cursor.at
    found = cursor.match(_DOTTED)
    if found:
        if cursor.take(_OCLOCK) or at:
            return Clock(hour=int(found[1]), minute=int(found[2])), True
        cursor.at = begin
    found = cursor.match(_DIGITS)
    if found is None:
        return None, False
    hour, minute, second = (int(each or 0) for each in found.groups())
    oclock = bool(cursor.take(_OCLOCK_BEHIND_AT if at else _OCLOCK))
    if oclock and not found[2]:
        minute = _minutes_behind(cursor)
    return Clock(hour=hour, minute=minute, second=second), bool(at or oclock or found[2])


def _minutes_behind(cursor: Cursor) -> int:
    """Read the minutes of "9 Uhr 30" and "9点半"."""
    if cursor.take("半"):
        return 30
    found = cursor.match(_MINUTES)
    return int(found[1]) if found else 0


def _in_half(clock: Clock, *, before: bool, past: bool) -> Clock:
    """Tell nine in the morning from nine in the evening."""
    hour = clock.hour
    if past and hour < 12:
        hour += 12
    if before and hour == 12:
        hour = 0
    return Clock(hour=hour, minute=clock.minute, second=clock.second)
