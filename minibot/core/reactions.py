"""What a reaction that somebody puts at a message can mean."""

from collections.abc import Mapping
from enum import StrEnum

PRESENTATION = "\ufe0f"
"""Asks for the colourful form of the character before it; clients add it or not."""


class Verb(StrEnum):
    """What is done."""

    RETRY = "retry"
    """The last answer is given anew."""
    UNDO = "undo"
    """The last exchange is taken back."""
    STOP = "stop"
    """The answer that is being written ends."""
    REMEMBER = "remember"
    """The text of the message becomes a note."""


def bare(emoji: str) -> str:
    return emoji.replace(PRESENTATION, "")


def verb_of(emoji: str, meanings: Mapping[str, str]) -> Verb | None:
    """Say what a reaction means; None for nothing."""
    for each, verb in meanings.items():
        if bare(each) == bare(emoji):
            return Verb(verb)
    return None
