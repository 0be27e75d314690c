"""What a text says about time, before anybody asks whether that can be."""

from dataclasses import dataclass
from enum import IntEnum

from minibot.core.jobs import RecurrenceKind


class Weight(IntEnum):
    """How surely a phrase is about time, and not a word of what is to be done."""

    NEEDS_A_CLOCK_NEXT_TO_IT = 0
    """"so" is Sunday in German, "mar" Tuesday in Spanish, "sat" a verb."""
    NEEDS_A_CLOCK = 1
    ALONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day as it was said; there may be none like it."""

    hour: int
    minute: int = 0
    second: int = 0

    def __str__(self) -> str:
        return f"{self.hour}:{self.minute:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """So long from now: seconds are elapsed, days and months keep the time of day."""

    seconds: float = 0.0
    days: float = 0.0
    months: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """So many days from today."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWeekday:
    """The next such day, or the one in the week behind this."""

    weekday: int
    """1 is Monday."""
    next_week: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDate:
    year: int | None = None
    month: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtInstant:
    """A time of ISO 8601 with its offset."""

    iso: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """Again and again: every so many seconds, days or months, or on these days."""

    seconds: float = 0.0
    days: float = 0.0
    months: float = 0.0
    weekdays: tuple[int, ...] = ()
    month: int | None = None
    day: int | None = None
    """Of the month; -1 is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that was written out."""

    kind: RecurrenceKind
    rule: str


Day = After | Ahead | OnWeekday | OnDate | AtInstant | Each | Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A day, a time of day, or both."""

    day: Day | None = None
    clock: Clock | None = None
    hour: int | None = None
    """The hour that "in the evening" means where no other is told."""
    weight: Weight = Weight.ALONE

    @property
    def complete(self) -> bool:
        return self.clock is not None or self.weight is Weight.ALONE

    @property
    def wants_clock(self) -> bool:
        """True when a time of day from elsewhere in the text belongs to it."""
        if self.clock is not None or self.weight is Weight.NEEDS_A_CLOCK_NEXT_TO_IT:
            return False
        match self.day:
            case After() | Each():
                return not self.day.seconds
            case Ahead() | OnWeekday() | OnDate():
                return True
        return False
