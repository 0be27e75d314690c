"""The terms notes are filed under, and queries in terms.

A term is a letter, the owner's number, and a word or a part of one. Folded words have letters,
digits and pictures in them and nothing else, so no text of a person is ever read as syntax, and
no term of one owner begins like one of another.
"""

from collections.abc import Iterable, Iterator

from minibot.adapters.storage.note_matching import (
    Closeness,
    NoteEntry,
    Place,
    Query,
    QueryWord,
    Spellings,
    Tier,
)
from minibot.adapters.storage.words import WINDOW, windows

_OWNER_DIGITS = 8
PREFIX_LENGTHS = range(1 + _OWNER_DIGITS + 1, 1 + _OWNER_DIGITS + WINDOW + 1)
"""Lengths of beginnings that have an index of their own: of one letter up to a whole part."""

_ANYWHERE = ("w", "p")
_TITLE = ("t", "u")
"""The letters of whole words, and of parts of words."""


class Filing:
    """Writes the terms of one owner."""

    def __init__(self, owner_id: int) -> None:
        self._number = f"{owner_id:0{_OWNER_DIGITS}x}"

    def terms(self, entry: NoteEntry) -> str:
        """Give what a note is filed under."""
        return " ".join(
            f"{letter}{self._number}{word}"
            for letter, words in (
                (_ANYWHERE[0], entry.everywhere.whole),
                (_ANYWHERE[1], entry.everywhere.parts),
                (_TITLE[0], entry.title.whole),
                (_TITLE[1], entry.title.parts),
            )
            for word in words
        )

    def expression(self, query: Query, tier: Tier, near: Spellings) -> str:
        """Say which notes are in a tier, those of the tiers within it included."""
        closeness, place = tier
        if place is Place.TITLE:
            return _all(self._holds(_TITLE, word, closeness, near) for word in query.words)
        everywhere = _all(self._holds(_ANYWHERE, word, closeness, near) for word in query.words)
        if place is Place.ANYWHERE:
            return everywhere
        in_title = _any(self._holds(_TITLE, word, closeness, near) for word in query.words)
        return f"{everywhere} AND {in_title}"

    def _holds(
        self, letters: tuple[str, str], word: QueryWord, closeness: Closeness, near: Spellings
    ) -> str:
        return _any(self._ways(letters, word, closeness, near))

    def _ways(
        self, letters: tuple[str, str], word: QueryWord, closeness: Closeness, near: Spellings
    ) -> Iterator[str]:
        whole, part = letters
        if closeness is Closeness.EXACT:
            yield self._term(whole, word.text)
        elif closeness is Closeness.BEGINNING or not word.has_parts:
            yield self._beginning(whole, word.text)
        else:
            yield _all(
                _any((self._beginning(whole, window), self._beginning(part, window)))
                for window in windows(word.text)
            )
        if closeness is Closeness.TYPO:
            yield from (self._term(whole, other) for other in near.get(word.text, ()))

    def _term(self, letter: str, word: str) -> str:
        return f'"{letter}{self._number}{word}"'

    def _beginning(self, letter: str, word: str) -> str:
        return f"{self._term(letter, word)} *"


def _all(parts: Iterable[str]) -> str:
    return f"({' AND '.join(parts)})"


def _any(parts: Iterable[str]) -> str:
    return f"({' OR '.join(parts)})"
