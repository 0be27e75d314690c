"""Finding the words about time in a text, at its beginning or its end."""

import re
from dataclasses import dataclass, replace

from minibot.core.when import words
from minibot.core.when.clocks import read_clock
from minibot.core.when.cursor import Cursor, plain
from minibot.core.when.days import read_after, read_day, read_tonight
from minibot.core.when.phrases import Phrase, Weight
from minibot.core.when.repeats import read_each, read_rule
from minibot.core.when.words import Lexicon, spoken

_ADDRESSED = re.compile(rf"(?:\s*{spoken(words.ADDRESSED)})+")
_INTRODUCING = re.compile(rf"[\s,;:.，。：、–—-]*(?:{spoken(words.INTRODUCING)}\s*[:,]?\s*){{0,2}}")
_ENDING = " \t\r\n.,;:!?。，！？"
_CONNECTING = " \t\r\n,;:，：、-–—"
_WORD = r"0-9a-zà-öø-ÿа-яё"
_BEGINNINGS = re.compile(rf"(?<![{_WORD}])(?=[{_WORD}])|(?=[一-鿿])|(?<=[一-鿿])(?=[0-9])")
_LONGEST = 80
"""Characters at the end of a text among which a time is looked for."""

_PARTS_OF_DAY = Lexicon(words.PARTS_OF_DAY)
_NOON = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a text says about time, and what else it says."""

    phrase: Phrase
    text: str


def find(text: str) -> Found | None:
    """Look at the beginning of a text first, and then at its end.

    A day at one end and a time of day at the other belong together: "tomorrow call mom at 9".
    """
    said = plain(text)
    addressed = _ADDRESSED.match(said)
    begin = addressed.end() if addressed else 0
    front, front_end = _read(said, begin)
    back_begin, back = _read_at_end(said, max(begin, front_end) if front else begin)
    both = _together(front, back)
    if both and back_begin > front_end:
        return Found(phrase=both, text=_between(text, said, front_end, back_begin))
    if front and front.complete:
        return Found(phrase=front, text=_between(text, said, front_end, len(text)))
    if front is None or not (back and back.complete):
        back_begin, back = _read_at_end(said, begin)
    if back and back.complete:
        return Found(phrase=back, text=_between(text, said, begin, back_begin))
    return None


def _between(text: str, said: str, begin: int, end: int) -> str:
    introducing = _INTRODUCING.match(said, begin, end)
    rest = text[introducing.end() if introducing else begin : end]
    return rest.strip() if end == len(text) else rest.strip(_CONNECTING)


def _together(front: Phrase | None, back: Phrase | None) -> Phrase | None:
    if front is None or back is None:
        return None
    if front.wants_clock and back.day is None:
        return _with_clock(front, back)
    if back.wants_clock and front.day is None:
        return _with_clock(back, front)
    return None


def _with_clock(day: Phrase, clock: Phrase) -> Phrase:
    found = clock.clock
    if found and day.hour and day.hour >= _NOON and found.hour < _NOON:
        found = replace(found, hour=found.hour + _NOON)
    return replace(day, clock=found)


def _read_at_end(said: str, begin: int) -> tuple[int, Phrase | None]:
    """Find the longest phrase that goes up to the end."""
    last = len(said.rstrip(_ENDING))
    for place in _BEGINNINGS.finditer(said, max(begin, last - _LONGEST), last):
        phrase, stop = _read(said, place.start())
        if phrase and stop >= last:
            return place.start(), phrase
    return last, None


def _read(said: str, begin: int) -> tuple[Phrase | None, int]:
    """Read the phrase that begins here, and say where it ends."""
    cursor = Cursor(said, begin)
    for read in (_rule, _after, _each, _tonight, _day, _clock):
        cursor.at = begin
        phrase = read(cursor)
        if phrase is not None:
            return phrase, cursor.at
    return None, begin


def _rule(cursor: Cursor) -> Phrase | None:
    rule = read_rule(cursor)
    return Phrase(day=rule) if rule else None


def _after(cursor: Cursor) -> Phrase | None:
    after = read_after(cursor)
    if after is None:
        return None
    return Phrase(day=after, clock=None if after.seconds else read_clock(cursor))


def _each(cursor: Cursor) -> Phrase | None:
    found = read_each(cursor)
    if found is None:
        return None
    each, weight = found
    phrase = Phrase(day=each, weight=weight)
    return phrase if each.seconds else _with_time_of_day(cursor, phrase)


def _tonight(cursor: Cursor) -> Phrase | None:
    ahead = read_tonight(cursor)
    if ahead is None:
        return None
    return Phrase(day=ahead, clock=read_clock(cursor, afternoon=True), hour=19)


def _day(cursor: Cursor) -> Phrase | None:
    found = read_day(cursor)
    if found is None:
        return None
    day, weight = found
    phrase = _with_time_of_day(cursor, Phrase(day=day, weight=weight))
    # "do 10 pushups": a weekday of German, were a time of day next to it.
    lone = weight is Weight.NEEDS_A_CLOCK_NEXT_TO_IT and phrase.clock is None
    return None if lone else phrase


def _with_time_of_day(cursor: Cursor, phrase: Phrase) -> Phrase:
    part = cursor.take(_PARTS_OF_DAY.pattern)
    hour = _PARTS_OF_DAY[part] if part else None
    clock = read_clock(cursor, afternoon=bool(hour and hour >= _NOON))
    return replace(phrase, clock=clock, hour=hour)


def _clock(cursor: Cursor) -> Phrase | None:
    """Read a time of day, and the day when that follows: "9:00 tomorrow"."""
    clock = read_clock(cursor)
    if clock is None:
        return None
    begin = cursor.at
    for read in (_each, _day):
        day = read(cursor)
        if day and day.wants_clock and day.weight is Weight.ALONE:
            return _with_clock(day, Phrase(clock=clock))
        cursor.at = begin
    return Phrase(clock=clock)
