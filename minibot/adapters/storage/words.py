"""Text as search sees it: without case and accents, cut into words.

Some scripts put no spaces between words. A run of those has no words to find, so every
character in it counts as the beginning of one. Pictures such as emoji are treated alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WINDOW = 10
"""Letters kept of a part of a word; a longer one is looked for in windows of this length."""

MIN_PART = 3
"""Letters of the shortest part that is found inside a word."""

_WHOLE = 40
"""Letters by which a word is told from others."""

_SEARCHED = 256
"""Letters of a word in which parts are found."""

_SPELLED = range(3, 33)
"""Lengths of words that can be mistyped."""

_UNSPACED = (
    range(0x0E00, 0x1200),  # Thai, Lao, Tibetan, Burmese, Georgian (taken out below), Hangul
    range(0x1780, 0x1800),  # Khmer
    range(0x2E80, 0x3000),  # radicals of Han characters
    range(0x3005, 0x3008),
    range(0x3040, 0xA000),  # kana, bopomofo, Han
    range(0xA960, 0xA980),  # Hangul
    range(0xAC00, 0xD800),
    range(0xF900, 0xFB00),
    range(0x20000, 0x40000),
)
_GEORGIAN = range(0x10A0, 0x1100)
_PICTURES = 0x2190
"""Where symbols begin that are drawn for their own sake: arrows, and then all the others."""

_VOICED_MARKS = frozenset("\u3099\u309a")
"""Accents that make another letter of a Japanese one."""

_PLAIN = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}
"""Letters with something added that Unicode does not take apart."""


@dataclass(frozen=True, slots=True)
class Run:
    """Letters and digits that follow each other, of scripts with spaces or of those without."""

    text: str
    spaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a text is found by."""

    whole: frozenset[str]
    """Its words, and what begins at each character of a script without spaces."""
    parts: frozenset[str]
    """What begins at each letter of a word but the first and the last two."""
    spelled: frozenset[str]
    """Those words that can be mistyped. Numbers cannot: another digit is another number."""


class _Bare(dict[int, str | None]):
    """A character to what remains of it."""

    def __missing__(self, code: int) -> str | None:
        bare = self[code] = _bare(chr(code))
        return bare


class _Kinds(dict[int, str]):
    """A character to ``s``, of a script with spaces, ``u``, of one without, or a space."""

    def __missing__(self, code: int) -> str:
        kind = self[code] = _kind(chr(code))
        return kind


_BARE = _Bare()
_KINDS = _Kinds()
_RUNS = re.compile("s+|u+")


def fold(text: str) -> str:
    """Take away what people leave out when they search: case, accents, width."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", apart.translate(_BARE))


def runs(text: str) -> Iterator[Run]:
    """Cut folded text wherever something is neither a letter nor a digit nor a picture."""
    kinds = text.translate(_KINDS)
    for found in _RUNS.finditer(kinds):
        start, end = found.span()
        yield Run(text[start:end], kinds[start] == "s")


def whole(word: str) -> str:
    """Give as much of a word as tells it from others."""
    return word[:_WHOLE]


def windows(text: str) -> list[str]:
    """Cover a text with pieces no longer than `WINDOW`."""
    if len(text) <= WINDOW:
        return [text]
    starts = [*range(0, len(text) - WINDOW, WINDOW), len(text) - WINDOW]
    return [text[start : start + WINDOW] for start in starts]


def can_be_mistyped(run: Run) -> bool:
    return (
        run.spaced
        and len(run.text) in _SPELLED
        and not any(letter.isnumeric() for letter in run.text)
    )


def words_of(*texts: str) -> Words:
    """Find out what texts are found by."""
    distinct = {run for text in texts for run in runs(fold(text))}
    return Words(
        whole=frozenset(word for run in distinct for word in _words(run)),
        parts=frozenset(part for run in distinct if run.spaced for part in _parts(run.text)),
        spelled=frozenset(run.text for run in distinct if can_be_mistyped(run)),
    )


def _words(run: Run) -> Iterable[str]:
    if run.spaced:
        return (whole(run.text),)
    return (run.text[start : start + WINDOW] for start in range(len(run.text)))


def _parts(word: str) -> Iterable[str]:
    last = min(len(word), _SEARCHED) - MIN_PART
    return (word[start : start + WINDOW] for start in range(1, last + 1))


def _bare(char: str) -> str | None:
    accent = unicodedata.combining(char) and char not in _VOICED_MARKS
    selector = "\ufe00" <= char <= "\ufe0f"
    if accent or selector or unicodedata.category(char) == "Cf":
        return None
    return _PLAIN.get(char, char)


def _kind(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in "LNM":
        return "u" if _is_unspaced(ord(char)) else "s"
    if ord(char) >= _PICTURES and category in ("So", "Sk"):
        return "u"
    return " "


def _is_unspaced(code: int) -> bool:
    return code not in _GEORGIAN and any(code in block for block in _UNSPACED)
