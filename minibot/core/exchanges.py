"""Exchanges: which turn answered what, so that the last answer can be redone or taken back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from minibot.core.messages import IncomingMessage

CHOICE = "exchanges"
"""Under which `Preferences` keep the newest exchanges of a conversation."""

MOST = 20
"""Of a conversation that are kept."""

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


def dump_exchanges(exchanges: Sequence[Exchange]) -> str:
    return json.dumps(
        [[each.item, each.questions, each.turns, each.entries] for each in exchanges[-MOST:]]
    )


def parse_exchanges(text: str) -> tuple[Exchange, ...]:
    """Read them back, the last one last; none when that cannot be read."""
    if not text:
        return ()
    try:
        return tuple(
            Exchange(item=item, questions=tuple(questions), turns=tuple(turns), entries=entries)
            for item, questions, turns, entries in json.loads(text)
        )
    except (ValueError, TypeError):
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeChange:
    """What a turn does to the exchanges of its conversation."""

    drops: int = 0
    """The turn whose exchange leaves, if that is the last one; 0 for none."""
    adds: Exchange | None = None
    forget: bool = False
    """True to begin anew."""

    def apply(self, before: str) -> tuple[str, int]:
        """Give what is kept in place of `before`, and how many newest entries leave the history."""
        exchanges = () if self.forget else parse_exchanges(before)
        dropped = 0
        if self.drops and exchanges and exchanges[-1].item == self.drops:
            dropped = exchanges[-1].entries
            exchanges = exchanges[:-1]
        if self.adds is not None:
            exchanges = (*exchanges, self.adds)
        return (dump_exchanges(exchanges) if exchanges else ""), dropped
