"""What is known of conversations without asking the server, and what it has still to be told.

While the server is away people go on talking. The newest entries of the conversations that
were used last are known here, and changes wait here in their order until they are written.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from minibot.adapters.storage.redis.entry import Entry
from minibot.core.conversation import newest_exchanges
from minibot.core.llm import Utterance
from minibot.core.personal import Summary

LOG = logging.getLogger(__name__)

CONVERSATIONS = 256
"""That are known; those with something to be written are not counted."""

ENTRIES = 1_000
"""Of one conversation, both known and waiting."""

CHARACTERS = 262_144
"""Of one conversation, both known and waiting."""

WAITING_CHARACTERS = 16_777_216
"""Of all conversations together. When any bound is reached the oldest entries of the
conversation that grows are given up, and that is logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Entries to be added. `token` tells the server a repeat from a change."""

    token: str
    entries: tuple[Entry, ...]

    @property
    def characters(self) -> int:
        return sum(len(entry.utterance.text) for entry in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class PuttingAway:
    """All but the newest exchanges to be put away."""

    token: str
    keep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropping:
    """The newest entries to be deleted."""

    token: str
    count: int


Change = Addition | PuttingAway | Dropping


class Tail:
    """One conversation. Whoever reads or changes it holds its lock."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.lock = asyncio.Lock()
        self.waiting: deque[Change] = deque()
        """Changes for the server, the oldest first."""
        self.summary: Summary | None = None
        """As it was last seen."""
        self._known: list[Utterance] = []
        self._said_at: datetime | None = None

    def learn(self, newest: Sequence[Entry], *, whole: bool) -> None:
        """Take over what the server holds; `whole` when nothing precedes that."""
        if not whole and len(newest) < len(self._known):
            return
        self._known = [entry.utterance for entry in newest]
        self._said_at = newest[-1].written_at if newest else None
        self._bound_known()

    def forget(self) -> None:
        """Know nothing any more; what waits goes on waiting."""
        self._known, self._said_at, self.summary = [], None, None

    def forget_when_silent(self, now: datetime, ttl: timedelta) -> None:
        """Forget everything, what waits too, when nothing was said for `ttl`."""
        if self._said_at is not None and now - self._said_at >= ttl:
            self.forget()
            self.waiting.clear()

    def newest(self, count: int) -> list[Utterance]:
        return self._known[-count:] if count > 0 else []

    def add(self, addition: Addition) -> None:
        self.waiting.append(addition)
        self._known.extend(entry.utterance for entry in addition.entries)
        self._said_at = addition.entries[-1].written_at
        self._bound_known()

    def put_away(self, change: PuttingAway) -> int:
        """Show only the newest exchanges; gives the number of known entries that went."""
        self.waiting.append(change)
        self._merge_at(len(self.waiting) - 2)
        gone = len(self._known) - _length_of_newest(self._known, change.keep)
        self._known = self._known[gone:]
        if change.keep == 0:
            self.summary = None
        return gone

    def take_off(self, change: Dropping) -> int:
        """Drop the newest entries; gives the number of known entries that went."""
        self.waiting.append(change)
        gone = min(change.count, len(self._known))
        self._known = self._known[: len(self._known) - gone]
        self.summary = None  # it may tell of them
        return gone

    def follow(self, older: "Tail") -> None:
        """Become the continuation of another, which is used no more."""
        self.waiting.extendleft(reversed(older.waiting))
        older.waiting.clear()
        self._known = older._known + self._known
        self._said_at = self._said_at or older._said_at
        self.summary = older.summary or self.summary
        self._bound_known()

    def drop(self, concerns: Callable[[Entry], bool]) -> int:
        """Give up entries that wait; gives their number. What is known is forgotten: it can be
        read again."""
        before = self.entries_waiting
        changes = [_without(change, concerns) for change in self.waiting]
        self.waiting = deque(change for change in changes if change is not None)
        self.forget()
        return before - self.entries_waiting

    def give_up_oldest(self) -> int:
        """Give up the oldest addition; gives the number of entries.

        Nothing else is given up, or things would come up again.
        """
        for index, change in enumerate(self.waiting):
            if isinstance(change, Addition):
                self.waiting = _sparing_others(self.waiting, index, len(change.entries))
                del self.waiting[index]
                self._merge_at(index - 1)
                return len(change.entries)
        return 0

    @property
    def entries_waiting(self) -> int:
        return sum(len(each.entries) for each in _additions(self.waiting))

    @property
    def characters_waiting(self) -> int:
        return sum(each.characters for each in _additions(self.waiting))

    def _merge_at(self, index: int) -> None:
        """Make one of two neighbours that put away."""
        if not 0 <= index < len(self.waiting) - 1:
            return
        first, second = self.waiting[index], self.waiting[index + 1]
        if isinstance(first, PuttingAway) and isinstance(second, PuttingAway):
            keep = min(first.keep, second.keep)
            self.waiting[index] = PuttingAway(token=second.token, keep=keep)
            del self.waiting[index + 1]

    def _bound_known(self) -> None:
        del self._known[:-ENTRIES]
        characters = sum(len(utterance.text) for utterance in self._known)
        while characters > CHARACTERS:
            characters -= len(self._known.pop(0).text)


class Tails:
    """The tails of the conversations that were used last."""

    def __init__(self) -> None:
        self._tails: OrderedDict[str, Tail] = OrderedDict()

    def of(self, conversation: str) -> Tail:
        tail = self._tails.setdefault(conversation, Tail(conversation))
        self._tails.move_to_end(conversation)
        self._make_room()
        return tail

    def all(self) -> list[Tail]:
        return list(self._tails.values())

    def waiting(self) -> list[Tail]:
        """Give those with something to be written."""
        return [tail for tail in self._tails.values() if tail.waiting]

    def holds(self, tail: Tail) -> bool:
        """Say whether this is still the tail of its conversation."""
        return self._tails.get(tail.conversation) is tail

    def discard(self, tail: Tail) -> None:
        if self.holds(tail):
            del self._tails[tail.conversation]

    def bound(self, tail: Tail) -> None:
        """Give up the oldest of what waits in a tail while it is too much."""
        given_up = 0
        others = sum(each.characters_waiting for each in self.waiting() if each is not tail)
        while tail.entries_waiting and (
            tail.entries_waiting > ENTRIES
            or tail.characters_waiting > min(CHARACTERS, WAITING_CHARACTERS - others)
        ):
            given_up += tail.give_up_oldest()
        if given_up:
            LOG.warning(
                "entries are lost: too much waits for Redis to come back",
                extra={"conversation": tail.conversation, "entries": given_up},
            )

    def _make_room(self) -> None:
        idle = [each for each in self._tails.values() if not each.waiting]
        for tail in idle[: max(0, len(idle) - CONVERSATIONS)]:
            self.discard(tail)


def _length_of_newest(known: Sequence[Utterance], exchanges: int) -> int:
    """Count the entries of the newest exchanges: all there are when there are no more."""
    if exchanges <= 0:
        return 0
    newest = list(islice(newest_exchanges(known), exchanges))
    return sum(map(len, newest)) if len(newest) == exchanges else len(known)


def _additions(changes: Iterable[Change]) -> Iterator[Addition]:
    return (change for change in changes if isinstance(change, Addition))


def _sparing_others(changes: Iterable[Change], index: int, entries: int) -> deque[Change]:
    """Have entries that are given up, added at an index, not count for a dropping behind it."""
    spared, above = deque(changes), 0
    for place, change in enumerate(spared):
        if place <= index:
            continue
        if isinstance(change, Addition):
            above += len(change.entries)
        elif isinstance(change, Dropping):
            met = min(max(change.count - above, 0), entries)
            spared[place] = replace(change, count=change.count - met)
            above, entries = max(above - change.count, 0), entries - met
    return spared


def _without(change: Change, concerns: Callable[[Entry], bool]) -> Change | None:
    if not isinstance(change, Addition):
        return change
    kept = tuple(entry for entry in change.entries if not concerns(entry))
    return replace(change, entries=kept) if kept else None
