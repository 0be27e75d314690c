"""Mistyped words: how far two are from each other, and finding the near ones by index.

A word is stored under its *pieces*: its length, and two or three parts with their places. An
edit leaves all pieces but one as they are, so whatever is near a mistyped word shares a piece
with it, shifted by no more letters than there are edits. Looking up those few is enough.
"""

from collections.abc import Iterable, Sequence

_TWO_PIECES = range(3, 6)
"""Lengths at which only one edit is forgiven, for which two pieces are enough."""


def forgiven(letters: int) -> int:
    """Say how many edits are forgiven in a word of so many letters."""
    if letters < 4:
        return 0
    return 1 if letters < 8 else 2


def distance(one: str, other: str, limit: int) -> int | None:
    """Count the letters to insert, delete, replace, or put in each other's place.

    Gives None for more than `limit`, which is 1 or 2.
    """
    if abs(len(one) - len(other)) > limit:
        return None
    one, other = _without_common_ends(one, other)
    if not one or not other:
        edits = len(one) + len(other)
    elif len(one) == 2 and one == other[::-1]:
        edits = 1
    elif limit == 1:
        # Both differ at either end: one letter was replaced, or there is more than one edit.
        edits = max(len(one), len(other))
    else:
        edits = _count_edits(one, other, limit)
    return edits if edits <= limit else None


def pieces(word: str) -> list[str]:
    """Name what a word is to be found by; nothing for one of less than three letters."""
    return [
        _key(len(word), index, word[start:end])
        for index, (start, end) in enumerate(_cuts(len(word)))
    ]


def pieces_nearby(word: str, edits: int) -> set[str]:
    """Name the pieces of which every word within `edits`, 1 or 2, has at least one."""
    found: set[str] = set()
    for length in range(len(word) - edits, len(word) + edits + 1):
        cuts = _cuts(length)
        for index, (start, end) in enumerate(cuts):
            for shift in _shifts(index, len(cuts), len(word) - length, edits):
                if start + shift >= 0 and end + shift <= len(word):
                    found.add(_key(length, index, word[start + shift : end + shift]))
        if cuts:
            found |= _swapped(word, length, cuts)
    return found


def _swapped(word: str, length: int, cuts: Sequence[tuple[int, int]]) -> set[str]:
    """Name the first and the last piece of words whose letters changed places across a cut.

    Such an edit touches two pieces, and the other edit the third.
    """
    first, last, found = cuts[0][1], cuts[-1][0] + len(word) - length, set()
    if first < len(word):
        found.add(_key(length, 0, word[: first - 1] + word[first]))
    if 0 < last < len(word):
        found.add(_key(length, len(cuts) - 1, word[last - 1] + word[last + 1 :]))
    return found


def _shifts(index: int, count: int, longer: int, edits: int) -> Iterable[int]:
    """Say how far a piece that no edit touched may be shifted.

    The first piece is shifted by nothing, and the last by all that the edits add. If neither
    is whole, there was one edit in each, and the piece between is shifted by the first.
    """
    if index == 0:
        return (0,)
    if index == count - 1:
        return (longer,)
    return [shift for shift in (-1, 0, 1) if edits == 2 and abs(longer - shift) <= 1]


def nearest(word: str, candidates: Iterable[str], edits: int, *, limit: int) -> list[str]:
    """Give the candidates within `edits`, the nearest first; not the word itself."""
    letters, found = frozenset(word), []
    for each in candidates:
        # One edit brings in one letter and takes one away at the most. That is quickly seen.
        if len(letters.difference(each)) > edits or len(set(each) - letters) > edits:
            continue
        far = distance(word, each, edits)
        if far:
            found.append((far, each))
    return [each for _, each in sorted(found)[:limit]]


def _cuts(length: int) -> list[tuple[int, int]]:
    if length < _TWO_PIECES.start:
        return []
    count = 2 if length in _TWO_PIECES else 3
    return [(length * n // count, length * (n + 1) // count) for n in range(count)]


def _key(length: int, index: int, piece: str) -> str:
    return f"{length}.{index}.{piece}"


def _without_common_ends(one: str, other: str) -> tuple[str, str]:
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]


def _count_edits(one: str, other: str, limit: int) -> int:
    """Count edits; any number above `limit` for more than that."""
    before, row = [0], list(range(len(other) + 1))
    for i, letter in enumerate(one):
        above, before, row = before, row, [i + 1]
        for j, facing in enumerate(other):
            edits = min(before[j + 1] + 1, row[j] + 1, before[j] + (letter != facing))
            if i and j and letter == other[j - 1] and one[i - 1] == facing:
                edits = min(edits, above[j - 1] + 1)
            row.append(edits)
        if min(row) > limit:
            return limit + 1
    return row[-1]
