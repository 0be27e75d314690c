"""When the next part may be sent: the channel's word is law, and its silence is trusted.

Telegram does not publish its limits, so nothing is slowed down until it asks. Then the chat
waits as long as it was told, and for a while sends no faster than the published guesses.
A refusal does not say whether it is about one chat or about the bot as a whole; several in a
row, from different chats and with no success between, are taken for the latter.
"""

from dataclasses import dataclass, field

from minibot.core.messages import ChatRef
from minibot.core.ports import Clock

PRIVATE_INTERVAL_SECONDS = 1.0
"""About one message a second in a chat (Bots FAQ, "broadcasting to users")."""

GROUP_INTERVAL_SECONDS = 3.0
"""Twenty messages a minute in a group (Bots FAQ)."""

OVERALL_INTERVAL_SECONDS = 1 / 30
"""About thirty messages a second overall (Bots FAQ)."""

CAUTIOUS_FOR_SECONDS = 60.0
"""How long a chat is paced after the channel asked it to slow down."""

REFUSALS_MEANING_OVERALL = 5


@dataclass(slots=True)
class _Gate:
    interval: float
    next_at: float = 0.0
    cautious_until: float = 0.0

    def close(self, now: float, seconds: float) -> None:
        self.next_at = max(self.next_at, now + seconds)
        self.cautious_until = self.next_at + CAUTIOUS_FOR_SECONDS

    def take(self, now: float) -> None:
        if now < self.cautious_until:
            self.next_at = max(self.next_at, now) + self.interval


@dataclass(slots=True)
class Pacing:
    """Decides for every chat of every channel; times are monotonic seconds."""

    clock: Clock
    _chats: dict[str, _Gate] = field(default_factory=dict)
    _overall: dict[str, _Gate] = field(default_factory=dict)
    _refused_in_a_row: dict[str, set[str]] = field(default_factory=dict)

    def take(self, chat: ChatRef) -> None:
        """Count a part as sent to this chat now."""
        now = self.clock.monotonic()
        for gate in self._gates(chat):
            gate.take(now)

    def delay(self, chat: ChatRef) -> float:
        """Seconds until something may be sent to this chat; 0 when it may be now."""
        now = self.clock.monotonic()
        return max((gate.next_at - now for gate in self._gates(chat)), default=0.0)

    def slow_down(self, chat: ChatRef, retry_after: float) -> None:
        """The channel refused a part of this chat and named the seconds to wait."""
        now = self.clock.monotonic()
        interval = GROUP_INTERVAL_SECONDS if _is_group(chat) else PRIVATE_INTERVAL_SECONDS
        self._chats.setdefault(chat.chat_key, _Gate(interval)).close(now, retry_after)
        refused = self._refused_in_a_row.setdefault(chat.channel, set())
        refused.add(chat.chat_key)
        if len(refused) >= REFUSALS_MEANING_OVERALL:
            overall = self._overall.setdefault(chat.channel, _Gate(OVERALL_INTERVAL_SECONDS))
            overall.close(now, retry_after)
            refused.clear()

    def succeeded(self, chat: ChatRef) -> None:
        """A part of this chat was taken."""
        refused = self._refused_in_a_row.get(chat.channel)
        if refused:
            refused.clear()
        gate = self._chats.get(chat.chat_key)
        if gate is not None and self.clock.monotonic() >= gate.cautious_until:
            del self._chats[chat.chat_key]

    def _gates(self, chat: ChatRef) -> list[_Gate]:
        gates = (self._chats.get(chat.chat_key), self._overall.get(chat.channel))
        return [gate for gate in gates if gate is not None]


def _is_group(chat: ChatRef) -> bool:
    return chat.chat_id.startswith("-")
