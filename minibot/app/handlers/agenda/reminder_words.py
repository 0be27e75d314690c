"""Reading when something is to happen, from people of whom we may not know where they live."""

from datetime import datetime

from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import RecurrenceKind
from minibot.core.when import Spoken, parse

_EVERYWHERE = tuple(f"Etc/GMT{hours:+}" for hours in range(-14, 13))
"""A zone of every hour of the day, from the first to see a day to the last."""


def read(words: str, *, now: datetime, zone: str) -> Spoken | None:
    """Read when and what; without a zone what can be meant anywhere on earth.

    Raises:
        ScheduleInvalid: there is no such time, or it is over; without a zone, wherever one lives.
    """
    if zone:
        return parse(words, now=now, zone=zone)
    if is_relative(words, now):
        return parse(words, now=now, zone="UTC")
    problem = ScheduleInvalid()
    for each in _EVERYWHERE:
        try:
            return parse(words, now=now, zone=each)
        except ScheduleInvalid as error:
            problem = error
    raise problem


def is_relative(words: str, now: datetime) -> bool:
    """Say whether words mean the same moments wherever one lives, such as ``in 10m``."""
    try:
        here, far = (parse(words, now=now, zone=_EVERYWHERE[end]) for end in (0, -1))
    except ScheduleInvalid:
        return False
    if here is None or far is None:
        return False
    if here.recurrence.kind not in (RecurrenceKind.ONCE, RecurrenceKind.EVERY):
        return False
    return here.recurrence.start == far.recurrence.start
