"""The grammar: a text to a recurrence and what is left."""

from dataclasses import dataclass
from datetime import datetime

from minibot.core.jobs import Recurrence
from minibot.core.wall_time import zone_named
from minibot.core.when.moments import recurrence_of
from minibot.core.when.reading import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """When, and what: "in 10m water the plants"."""

    recurrence: Recurrence
    text: str
    """What is left without the words about time; empty when nothing is."""


def parse(text: str, *, now: datetime, zone: str) -> Spoken | None:
    """Read when and what; None when the text does not say when.

    The time may come first, last, or as a day first and a time of day last. A day without a time
    of day means the morning. Rules that are written out are not looked at: the calendar does that.

    Args:
        zone: IANA name of the zone on whose clock times are told.

    Raises:
        ScheduleInvalid: it says when, and there is no such time, or it is over; words for people.
    """
    found = find(text)
    if found is None:
        return None
    recurrence = recurrence_of(found.phrase, now, zone_named(zone))
    return Spoken(recurrence=recurrence, text=found.text)
