"""Conversations of which nothing is kept: not in the history, not in notes."""

from collections import deque
from collections.abc import Sequence

from minibot.core.llm import Utterance
from minibot.core.ports import Preferences

CHOICE = "incognito"
LONGEST = 400
"""Entries of one such conversation."""


class Incognito:
    """Knows which conversations are incognito, and what was said in them since."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._said: dict[str, deque[Utterance]] = {}

    def is_on(self, conversation: str) -> bool:
        return self._preferences.get(conversation, CHOICE) == "on"

    async def switch(self, conversation: str, *, on: bool) -> None:
        """Begin or end; what was said before in an incognito conversation is forgotten."""
        await self._preferences.set(conversation, CHOICE, "on" if on else "")
        self.forget(conversation)

    def said(self, conversation: str) -> Sequence[Utterance]:
        return tuple(self._said.get(conversation, ()))

    def add(self, conversation: str, entries: Sequence[Utterance]) -> None:
        self._said.setdefault(conversation, deque(maxlen=LONGEST)).extend(entries)

    def forget(self, conversation: str) -> None:
        self._said.pop(conversation, None)
