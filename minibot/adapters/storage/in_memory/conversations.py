"""Conversations in memory."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.conversation import newest_exchanges
from minibot.core.llm import Role, Utterance
from minibot.core.messages import ChatRef
from minibot.core.personal import HistoryInfo, Summary
from minibot.core.ports import Backlog


@dataclass(slots=True, kw_only=True)
class Entry:
    """An entry and what is known of it."""

    place: int
    """Higher than that of every entry before it, of whatever conversation."""
    utterance: Utterance
    author: str
    written_at: datetime
    put_away: int | None = None
    """The moment, if it is."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The newest 1,000 entries of a conversation, those put away included.

    Moments are numbers, each higher than those before it.
    """

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=LIST_LIMIT))
    summary: Summary | None = None
    _summarised_at: int = 0
    _summaries_put_away: dict[int, Summary] = field(default_factory=dict)
    """By the moment."""

    @property
    def shown(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.put_away is None]

    def put_away(self, keep: int, *, moment: int) -> int:
        shown = self.shown
        leaving = shown[: _beginning_of_newest(shown, keep)]
        for entry in leaving:
            entry.put_away = moment
        if keep <= 0 and self.summary is not None:
            self._summaries_put_away[moment] = self.summary
            self.summary = None
        return len(leaving)

    def take_back(self) -> int:
        times = [entry.put_away for entry in self.entries if entry.put_away is not None]
        if not times:
            return 0
        last = max(times)
        for entry in self.entries:
            if entry.put_away == last:
                entry.put_away = None
        # A summary that was made since then does not tell of them.
        if self._summarised_at > last:
            self.summary = None
        self.summary = self._summaries_put_away.pop(last, self.summary)
        return times.count(last)

    def drop(self, count: int) -> int:
        dropped = [self.entries.pop() for _ in range(min(count, len(self.entries)))]
        if dropped:
            since = dropped[-1].place
            if self.summary is not None and self.summary.through >= since:
                self.summary = None
            self._summaries_put_away = {
                moment: summary
                for moment, summary in self._summaries_put_away.items()
                if summary.through < since
            }
        return len(dropped)

    def info(self) -> HistoryInfo:
        shown = self.shown
        return HistoryInfo(
            exchanges=sum(entry.utterance.role is Role.USER for entry in shown),
            entries=len(shown),
            put_away=len(self.entries) - len(shown),
            since=shown[0].written_at if shown else None,
        )

    def unsummarised(self, *, keep: int, limit: int) -> Backlog:
        shown = self.shown
        through = self.summary.through if self.summary else 0
        older = shown[: _beginning_of_newest(shown, keep)]
        left = [entry for entry in older if entry.place > through]
        taken: list[Entry] = []
        for exchange in _exchanges(left):
            if taken and len(taken) + len(exchange) > limit:
                break
            taken += exchange
        return Backlog(
            entries=tuple(entry.utterance for entry in taken),
            through=taken[-1].place if taken else through,
        )

    def summarise(self, summary: Summary, *, moment: int) -> None:
        """Keep a summary, unless what it tells was put away or erased while it was made."""
        if any(entry.place == summary.through for entry in self.shown):
            self.summary = summary
            self._summarised_at = moment

    def remove(self, author: str) -> int:
        """Delete what was said by somebody and to them, and the summary, which may tell it."""
        left = [entry for entry in self.entries if entry.author != author]
        removed = len(self.entries) - len(left)
        if removed:
            self.entries = deque(left, maxlen=LIST_LIMIT)
            self.summary = None
            self._summaries_put_away.clear()
        return removed

    def take_in(self, other: "Conversation") -> None:
        """Become one with another conversation."""
        if not self.entries:
            self.summary, self._summarised_at = other.summary, other._summarised_at
            self._summaries_put_away = other._summaries_put_away
        elif other.entries:
            self.summary = None
            self._summaries_put_away.clear()
        together = sorted((*self.entries, *other.entries), key=lambda entry: entry.place)
        self.entries = deque(together, maxlen=LIST_LIMIT)


class Conversations:
    """Conversations, by whatever name they are asked for."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._by_key: dict[str, Conversation] = {}

    def find(self, conversation: str) -> Conversation:
        """Give a conversation, or one with nothing in it that is not kept."""
        return self._by_key.get(self._rows.current_key(conversation)) or Conversation()

    def begin(self, conversation: str) -> Conversation:
        """Give a conversation, which is there from now on."""
        return self._by_key.setdefault(self._rows.current_key(conversation), Conversation())

    def forget(self, conversation: str) -> None:
        self._by_key.pop(self._rows.current_key(conversation), None)

    def of_channel(self, channel: str) -> list[tuple[str, Conversation]]:
        """Give the conversations of a channel with their keys."""
        prefix = f"{channel}:"
        return [pair for pair in self._by_key.items() if pair[0].startswith(prefix)]

    def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand everything said in a chat, in all its threads, over to its new id."""
        new = ChatRef(channel=old.channel, chat_id=new_chat_id)
        for key in [key for key in self._by_key if is_in_chat(key, old.chat_key)]:
            moved = self._by_key.pop(key)
            target = new.key + key[len(old.chat_key) :]
            self._by_key.setdefault(target, Conversation()).take_in(moved)
        self._rows.remember_move(old, new)


def is_in_chat(conversation: str, chat_key: str) -> bool:
    """Say whether a conversation is the chat of that key, or one of its threads."""
    return f"{conversation}:".startswith(f"{chat_key}:")


def _beginning_of_newest(shown: Sequence[Entry], exchanges: int) -> int:
    """Say where the newest exchanges begin; 0 when there are no more than those."""
    if exchanges <= 0:
        return len(shown)
    said = [entry.utterance for entry in shown]
    newest = list(islice(newest_exchanges(said), exchanges))
    return len(said) - sum(map(len, newest)) if len(newest) == exchanges else 0


def _exchanges(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Cut before every user's entry, the oldest piece first."""
    start = 0
    for index, entry in enumerate(entries):
        if index > start and entry.utterance.role is Role.USER:
            yield entries[start:index]
            start = index
    if entries:
        yield entries[start:]
