"""How notes are searched: what a query means, and which of two notes is the better answer.

A note is an answer when it holds every word of the query, in its title or its text. The answers
come in *tiers*, by how closely the words are matched and whether in the title; within one, the
note that was saved last comes first. A store with an index asks it tier by tier; one without
grades each note by `find`. Both give the same.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.note_rules import fold_title
from minibot.adapters.storage.typos import forgiven, nearest
from minibot.adapters.storage.words import (
    MIN_PART,
    Run,
    Words,
    can_be_mistyped,
    fold,
    runs,
    whole,
    windows,
    words_of,
)
from minibot.core.notes import Note

NEAR_WORDS = 32
"""Spellings tried of one word at the most."""

_QUERY_CHARS = 20_000
_QUERY_WORDS = 32
"""Different words of a query that are looked for; it takes less to tell a note from others."""

_FEW_WORDS = 8
"""Words of a query that is not long."""


class Closeness(IntEnum):
    """How a word of the query is matched. Each takes in those before it."""

    EXACT = 0
    BEGINNING = 1
    PART = 2
    TYPO = 3


class Place(IntEnum):
    """Where the words of the query are found. Each takes in those before it."""

    TITLE = 0
    """All in the title."""
    PARTLY = 1
    """One of them or more in the title."""
    ANYWHERE = 2


Tier = tuple[Closeness, Place]

_TIERS: tuple[Tier, ...] = (
    (Closeness.EXACT, Place.TITLE),
    (Closeness.BEGINNING, Place.TITLE),
    (Closeness.EXACT, Place.PARTLY),
    (Closeness.BEGINNING, Place.PARTLY),
    # A short word is part of so many others that it counts for less, even in a title.
    (Closeness.EXACT, Place.ANYWHERE),
    (Closeness.BEGINNING, Place.ANYWHERE),
    (Closeness.PART, Place.TITLE),
    (Closeness.PART, Place.PARTLY),
    (Closeness.PART, Place.ANYWHERE),
    (Closeness.TYPO, Place.TITLE),
    (Closeness.TYPO, Place.PARTLY),
    (Closeness.TYPO, Place.ANYWHERE),
)
_FEW_TIERS: tuple[Tier, ...] = (
    (Closeness.EXACT, Place.TITLE),
    (Closeness.EXACT, Place.ANYWHERE),
    (Closeness.TYPO, Place.ANYWHERE),
)

LOOSEST = _TIERS[-1]
"""What every answer is in."""

Spellings = Mapping[str, Sequence[str]]
"""A word of the query to the words it may be a mistyped form of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryWord:
    """One word to look for."""

    text: str
    has_parts: bool
    """True when it is also looked for inside words."""
    edits: int
    """How many are forgiven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for. Without words and not empty it finds a note of just that title."""

    is_empty: bool
    title: str
    """As `fold_title` gives it: a note of this very title is the best answer."""
    words: tuple[QueryWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEntry:
    """A note and what it is found by."""

    note: Note
    title: Words
    everywhere: Words


def entry_of(note: Note) -> NoteEntry:
    return NoteEntry(
        note=note, title=words_of(note.title), everywhere=words_of(note.title, note.data)
    )


def parse_query(text: str) -> Query:
    """Read a query. No character of it means anything but itself."""
    text = storable(text[:_QUERY_CHARS])
    words: dict[str, QueryWord] = {}
    for run in runs(fold(text)):
        words |= {word.text: word for word in _query_words(run)}
        if len(words) >= _QUERY_WORDS:
            break
    return Query(
        is_empty=not text.strip(),
        title=fold_title(text),
        words=tuple(words.values())[:_QUERY_WORDS],
    )


def tiers_of(query: Query) -> Sequence[Tier]:
    """Name the tiers of a query's answers, the best first."""
    if is_long(query):
        return _FEW_TIERS
    if len(query.words) > 1:
        return _TIERS
    return [tier for tier in _TIERS if tier[1] is not Place.PARTLY]


def is_long(query: Query) -> bool:
    """Say whether a query has too many words to try everything with each."""
    return len(query.words) > _FEW_WORDS


def doubtful(query: Query, known: Container[str]) -> list[QueryWord]:
    """Name the words of a query that may be mistyped.

    Args:
        known: words that notes of the owner have; in a long query these are beyond doubt.
    """
    long = is_long(query)
    found = [word for word in query.words if word.edits and not (long and word.text in known)]
    return found[:_FEW_WORDS]


def spellings(wanted: Iterable[QueryWord], words: Iterable[str]) -> Spellings:
    """Find what some words of a query may be mistyped forms of, among `words`."""
    known = list(words)
    return {word.text: nearest(word.text, known, word.edits, limit=NEAR_WORDS) for word in wanted}


def find(entries: Iterable[NoteEntry], query: Query) -> list[Note]:
    """Give the notes that answer a query, the best first.

    Args:
        entries: all notes of one owner, the one saved last first.
    """
    entries = list(entries)
    if query.is_empty:
        return [entry.note for entry in entries]
    spelled = frozenset[str]().union(*(entry.everywhere.spelled for entry in entries))
    near = spellings(doubtful(query, spelled), spelled)
    graded = []
    for order, entry in enumerate(entries):
        grade = _grade(entry, query, near)
        if grade is not None:
            graded.append((grade, order, entry.note))
    return [note for *_, note in sorted(graded, key=lambda each: each[:2])]


def _query_words(run: Run) -> Iterable[QueryWord]:
    if not run.spaced:
        return [QueryWord(text=piece, has_parts=False, edits=0) for piece in windows(run.text)]
    word = whole(run.text)
    edits = forgiven(len(word)) if can_be_mistyped(run) else 0
    return [QueryWord(text=word, has_parts=len(word) >= MIN_PART, edits=edits)]


def _grade(entry: NoteEntry, query: Query, near: Spellings) -> int | None:
    """Give the place of the first tier a note belongs to; None when it is no answer."""
    if fold_title(entry.note.title) == query.title:
        return -1
    if not query.words:
        return None
    for index, tier in enumerate(tiers_of(query)):
        if _belongs(entry, query, tier, near):
            return index
    return None


def _belongs(entry: NoteEntry, query: Query, tier: Tier, near: Spellings) -> bool:
    closeness, place = tier
    in_title = [_holds(entry.title, word, closeness, near) for word in query.words]
    if place is Place.TITLE:
        return all(in_title)
    if place is Place.PARTLY and not any(in_title):
        return False
    return all(_holds(entry.everywhere, word, closeness, near) for word in query.words)


def _holds(words: Words, wanted: QueryWord, closeness: Closeness, near: Spellings) -> bool:
    if wanted.text in words.whole:
        return True
    if closeness >= Closeness.BEGINNING and _begins(words.whole, wanted.text):
        return True
    if closeness >= Closeness.PART and wanted.has_parts and _has_part(words, wanted.text):
        return True
    return closeness is Closeness.TYPO and not words.whole.isdisjoint(near.get(wanted.text, ()))


def _has_part(words: Words, text: str) -> bool:
    return all(
        _begins(words.whole, window) or _begins(words.parts, window) for window in windows(text)
    )


def _begins(words: Iterable[str], text: str) -> bool:
    return any(word.startswith(text) for word in words)
