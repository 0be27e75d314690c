"""Words by which minibot is called in a group, wherever they stand in what is said."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

UNSPACED = ("CJK ", "HIRAGANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ")
"""How the Unicode names of characters begin whose scripts put no space between words."""


def is_called(text: str, words: Iterable[str]) -> bool:
    """Say whether one of the words stands in a text, as a word of its own.

    Case does not matter, nor how a character is composed or how wide the space is between two
    words. Where a script has no spaces, a word ends wherever its last character does.
    """
    told = _plain(text)
    return any(_stands_in(told, word) for word in map(_plain_word, words) if word)


def _stands_in(text: str, word: str) -> bool:
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        before, after = text[max(at - 1, 0) : at], text[end : end + 1]
        if not (_goes_on(before, word[0]) or _goes_on(word[-1], after)):
            return True
        at = text.find(word, at + 1)
    return False


def _goes_on(first: str, second: str) -> bool:
    """Say whether a word goes on from one character to the next; either may be nothing."""
    if not (first and second and _is_of_words(first) and _is_of_words(second)):
        return False
    return _is_mark(second) or not (_is_unspaced(first) or _is_unspaced(second))


def _is_of_words(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    """Say whether it only completes the character before it, as vowel signs do."""
    return unicodedata.category(character).startswith("M")


def _is_unspaced(character: str) -> bool:
    return not character.isascii() and unicodedata.name(character, "").startswith(UNSPACED)


def _plain(text: str) -> str:
    """Write what reads the same in one way."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


@lru_cache(maxsize=256)
def _plain_word(word: str) -> str:
    return _plain(word)
