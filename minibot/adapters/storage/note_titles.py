"""Which title is meant by one that no note has exactly."""

from collections.abc import Iterable
from dataclasses import dataclass

from minibot.adapters.storage.note_rules import fold_title
from minibot.adapters.storage.typos import distance, forgiven, pieces, pieces_nearby
from minibot.adapters.storage.words import fold, runs

_LONGEST = 400
"""Characters of a title that is looked up; longer than any that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleShape:
    """What titles are compared by."""

    plain: str
    """Without case and accents."""
    numbers: str
    """Its digits, which are never taken for a mistake: another year is another note."""
    joined: str
    """Its other letters, as they come."""
    ordered: str
    """The same with the words in the order of the alphabet."""


def shape_of(title: str) -> TitleShape:
    plain = fold(fold_title(title))
    words = [run.text for run in runs(plain)]
    spelled = ["".join(char for char in word if not char.isnumeric()) for word in words]
    digits = ["".join(char if char.isnumeric() else " " for char in word) for word in words]
    return TitleShape(
        plain=plain,
        numbers=" ".join(" ".join(digits).split()),
        joined="".join(spelled),
        ordered="".join(sorted(spelled)),
    )


def title_distance(wanted: TitleShape, found: TitleShape) -> int | None:
    """Say how far a title is from the one that was asked for; None when something else is meant.

    A short one is too easily taken for another: of less than four letters and no digits,
    only the accents may differ.
    """
    if wanted.plain == found.plain:
        return 0
    if wanted.numbers != found.numbers:
        return None
    edits = forgiven(len(wanted.joined))
    if not edits:
        return 0 if wanted.numbers and wanted.joined == found.joined else None
    return min(
        (
            far
            for one, other in ((wanted.joined, found.joined), (wanted.ordered, found.ordered))
            if (far := distance(one, other, edits)) is not None
        ),
        default=None,
    )


def nearest_title(wanted: str, titles: Iterable[str]) -> str | None:
    """Give the nearest title, of equally near ones the first, and one with the same order of
    words before others; None when none is near enough."""
    if len(wanted) > _LONGEST:
        return None
    shape, best = shape_of(wanted), None
    for title in titles:
        other = shape_of(title)
        far = title_distance(shape, other)
        if far is not None:
            rank = (far, distance(shape.joined, other.joined, 2) is None)
            if best is None or rank < best[0]:
                best = (rank, title)
    return best and best[1]


def title_keys(title: str) -> set[str]:
    """Name what a title is to be found by when it is not given exactly."""
    shape = shape_of(title)
    keys = {_key(shape, piece) for form in _forms(shape) for piece in pieces(form)}
    return keys | _exact_keys(shape)


def title_keys_nearby(wanted: str) -> set[str]:
    """Name the keys of which every title that may be meant has at least one."""
    if len(wanted) > _LONGEST:
        return set()
    shape = shape_of(wanted)
    keys, edits = _exact_keys(shape), forgiven(len(shape.joined))
    if edits:
        for form in _forms(shape):
            keys |= {_key(shape, piece) for piece in pieces_nearby(form, edits)}
    return keys


def _exact_keys(shape: TitleShape) -> set[str]:
    return {f"={shape.plain}", _key(shape, shape.joined)}


def _forms(shape: TitleShape) -> set[str]:
    return {shape.joined, shape.ordered}


def _key(shape: TitleShape, piece: str) -> str:
    return f"{shape.numbers}|{piece}"
