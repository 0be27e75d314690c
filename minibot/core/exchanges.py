"""Exchanges: which turn answered what, so that the last answer can be redone or taken back."""

from dataclasses import dataclass

from minibot.core.messages import IncomingMessage

MOST = 20
"""Of a conversation that can be looked up: the newest."""

MOST_TURNS = 20


def says_the_same(message: IncomingMessage, other: IncomingMessage) -> bool:
    """Say whether nothing of what a person said differs: links get previews by an edit, too."""
    return message.text == other.text and _contents(message) == _contents(other)


def _contents(message: IncomingMessage) -> list[tuple[str, str]]:
    return [(each.kind.value, each.key) for each in message.attachments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and its answer. Nothing of what was said is in it."""

    item: int
    """The inbox id of the turn whose answer stands there; its parts are named by it."""
    questions: tuple[int, ...]
    """The inbox ids of the messages that were answered together, as they read last."""
    turns: tuple[int, ...] = ()
    """The inbox ids of earlier turns, whose answers this one took the place of."""
    entries: int = 0
    """Of the history: the newest so many when it is the last exchange."""

    @property
    def all_turns(self) -> tuple[int, ...]:
        return (*self.turns, self.item)[-MOST_TURNS:]
