"""Conversations of which nothing is kept: not in the history, not in notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibot.core.exchanges import Exchange
from minibot.core.llm import Utterance
from minibot.core.ports import Preferences

CHOICE = "incognito"
LONGEST = 400
"""Entries of one such conversation."""


@dataclass(frozen=True, slots=True)
class _Said:
    exchange: Exchange
    entries: tuple[Utterance, ...]


class Incognito:
    """Knows which conversations are incognito, and what was said in them since."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._said: dict[str, list[_Said]] = {}

    def is_on(self, conversation: str) -> bool:
        return self._preferences.get(conversation, CHOICE) == "on"

    async def switch(self, conversation: str, *, on: bool) -> None:
        """Begin or end; what was said before in an incognito conversation is forgotten."""
        await self._preferences.set(conversation, CHOICE, "on" if on else "")
        self.forget(conversation)

    def said(self, conversation: str, *, but: Exchange | None = None) -> Sequence[Utterance]:
        """Give what was said, but for one exchange."""
        said = self._said.get(conversation, ())
        return tuple(
            entry
            for each in said
            if but is None or each.exchange.item != but.item
            for entry in each.entries
        )

    def add(self, conversation: str, entries: Sequence[Utterance], exchange: Exchange) -> None:
        said = self._said.setdefault(conversation, [])
        said.append(_Said(exchange, tuple(entries)))
        while len(said) > 1 and sum(len(each.entries) for each in said) > LONGEST:
            del said[0]

    def last(self, conversation: str) -> Exchange | None:
        """Give the last exchange."""
        said = self._said.get(conversation)
        return said[-1].exchange if said else None

    def drop(self, conversation: str, exchange: Exchange) -> None:
        """Forget an exchange, if it is the last one."""
        if self.last(conversation) == exchange:
            self._said[conversation].pop()

    def forget(self, conversation: str) -> None:
        self._said.pop(conversation, None)
