"""The newest entries shown of conversations that are being held, and their summaries, in memory.

A turn reads what was said and, a moment later, adds to it; the next turn of the conversation
reads the same again. Reading is a trip to another thread, which here is saved. What is kept is
only ever what the database is known to hold: a change takes it out first and puts the new
state in after the commit, and a read that overlaps a change keeps nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Literal

from minibot.adapters.storage.sqlite.conversations import PAGE
from minibot.core.llm import Utterance
from minibot.core.personal import Summary


class _Unread(Enum):
    UNREAD = auto()


UNREAD = _Unread.UNREAD
"""Stands for a summary nobody has asked for yet."""

KnownSummary = Summary | None | Literal[_Unread.UNREAD]

CONVERSATIONS = 128
CHARACTERS = 262_144
"""Of one conversation at the most."""


@dataclass(frozen=True, slots=True)
class _Tail:
    entries: tuple[Utterance, ...]
    whole: bool
    """True when nothing precedes these."""
    characters: int
    summary: KnownSummary = UNREAD

    @classmethod
    def of(cls, entries: Sequence[Utterance], *, whole: bool) -> "_Tail":
        return cls(tuple(entries), whole, _characters(entries)).trimmed()

    def extended(self, entries: Sequence[Utterance]) -> "_Tail":
        together = (*self.entries, *entries)
        characters = self.characters + _characters(entries)
        return replace(self, entries=together, characters=characters).trimmed()

    def trimmed(self) -> "_Tail":
        """Leave out the oldest entries that are too many or too long together."""
        entries, characters = self.entries, self.characters
        while entries and (len(entries) > PAGE or characters > CHARACTERS):
            characters -= len(entries[0].text)
            entries = entries[1:]
        if entries is self.entries:
            return self
        return replace(self, entries=entries, whole=False, characters=characters)


class Change:
    """A change on its way to the database."""

    def __init__(self, before: _Tail | None) -> None:
        self.after: _Tail | None = None
        self._before = before

    def committed(self, entries: Sequence[Utterance], *, put_away: bool) -> None:
        """Say what is shown now beyond what was shown before, or in place of it."""
        if put_away:
            self.after = _Tail.of(entries, whole=True)
        elif self._before is not None:
            self.after = self._before.extended(entries)


class RecentEntries:
    """The tails of the conversations that were used last."""

    def __init__(self) -> None:
        self._tails: OrderedDict[str, _Tail] = OrderedDict()
        self._changing: dict[str, int] = {}
        self._reading: dict[str, list[object]] = {}

    def find(self, conversation: str, count: int) -> list[Utterance] | None:
        """Give the newest entries; None when they have to be read."""
        tail = self._tails.get(conversation)
        if tail is None or (len(tail.entries) < count and not tail.whole):
            return None
        self._tails.move_to_end(conversation)
        return list(tail.entries[max(0, len(tail.entries) - count) :])

    def find_summary(self, conversation: str) -> KnownSummary:
        """Give the summary; `UNREAD` when it has to be read."""
        tail = self._tails.get(conversation)
        return UNREAD if tail is None else tail.summary

    def keep_summary(self, conversation: str, token: object, summary: Summary | None) -> None:
        """Keep a summary beside the entries that are kept, unless a change overlapped the read."""
        tail = self._tails.get(conversation)
        if tail is not None and token in self._reading.get(conversation, ()):
            self._tails[conversation] = replace(tail, summary=summary)

    def begin_read(self, conversation: str) -> object:
        """Note that a read begins; `end_read` has to follow with what this gives."""
        token = object()
        self._reading.setdefault(conversation, []).append(token)
        return token

    def keep_read(
        self, conversation: str, token: object, found: Sequence[Utterance], *, whole: bool
    ) -> None:
        """Keep what was read, unless a change overlapped the read."""
        if conversation not in self._changing and token in self._reading.get(conversation, ()):
            self._keep(conversation, _Tail.of(found, whole=whole))

    def end_read(self, conversation: str, token: object) -> None:
        tokens = [other for other in self._reading.pop(conversation, []) if other is not token]
        if tokens:
            self._reading[conversation] = tokens

    @contextmanager
    def change(self, conversation: str) -> Iterator[Change]:
        """Wrap a change; what is not said to be committed inside is forgotten."""
        change = Change(self._tails.pop(conversation, None))
        self._reading.pop(conversation, None)
        self._changing[conversation] = self._changing.get(conversation, 0) + 1
        uncertain = False
        try:
            yield change
        except asyncio.CancelledError:
            # The commit may still come, nobody knows when: this conversation is read from now on.
            uncertain = True
            raise
        finally:
            if not uncertain:
                self._end_change(conversation, change.after)

    def _end_change(self, conversation: str, after: _Tail | None) -> None:
        left = self._changing.pop(conversation) - 1
        if left:
            self._changing[conversation] = left
        elif after is not None:
            self._keep(conversation, after)

    def _keep(self, conversation: str, tail: _Tail) -> None:
        self._tails[conversation] = tail
        if len(self._tails) > CONVERSATIONS:
            self._tails.popitem(last=False)


def _characters(entries: Sequence[Utterance]) -> int:
    return sum(len(entry.text) for entry in entries)
