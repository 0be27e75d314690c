"""How a language commits its speaker to something later.

A language has some verbs that point at a later moment by themselves, such as "remind you", and
words of time that make a later moment of any other verb in the first person: "I'll look
tomorrow". Both kinds are patterns, for a sentence in lower case with straight apostrophes. What
repeats in them is bounded, so that the time they take grows with the text and no faster.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One language."""

    code: str
    cues: tuple[str, ...]
    """Pieces of which every commitment holds one: looked for first, because it is cheap.

    A blank in front or behind stands for whatever is no letter.
    """
    speaks: str
    """Pattern of what every sentence that commits has: looked for next, as it is cheap too."""
    commits: str
    """Pattern that is found in a sentence that commits."""
    excuses: str
    """Pattern of what makes something else of it: an offer, a condition, a report."""


def one_of(*patterns: str) -> str:
    return "|".join(patterns)
