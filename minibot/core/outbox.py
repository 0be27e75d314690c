"""What is to be said and not yet delivered: states, and when a failed part is sent again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from minibot.core.messages import ChatRef, Part


class OutboxState(StrEnum):
    """Where an outbox part stands. `TRANSITIONS` says where it may go."""

    PENDING = "pending"
    SENDING = "sending"
    RETRY = "retry"
    SENT = "sent"
    DEAD = "dead"


TRANSITIONS: dict[OutboxState, frozenset[OutboxState]] = {
    OutboxState.PENDING: frozenset({OutboxState.SENDING, OutboxState.DEAD}),
    OutboxState.SENDING: frozenset(
        {
            OutboxState.PENDING,  # given back unsent: shutdown
            OutboxState.SENT,
            OutboxState.RETRY,
            OutboxState.DEAD,
        }
    ),
    OutboxState.RETRY: frozenset({OutboxState.SENDING, OutboxState.DEAD}),
    OutboxState.SENT: frozenset(),
    OutboxState.DEAD: frozenset({OutboxState.PENDING}),  # put back by hand
}

GIVE_UP_AFTER = timedelta(hours=24)
"""A part that could not be delivered for this long is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPart:
    """A part on its way: one row, so that a retry resumes at the part that failed."""

    id: int
    key: str
    """Unique name, so that finishing the same work twice queues it once."""
    chat: ChatRef
    part: Part
    reply_to: str
    """The channel's id of the message this answers, or empty."""
    state: OutboxState
    attempts: int
    created_at: datetime
    not_before: datetime
    inbox_id: int | None
    """The message this answers; None for notices nobody asked for."""
    edits: str = ""
    """The channel's id of the message this replaces; empty to send a new one. A part without
    text replaces nothing but the buttons."""
    replaces: str = ""
    """The key of an earlier part of this chat in whose place this comes: its message is changed,
    and where it became none, or is gone, this is a message of its own."""

    @property
    def reference(self) -> str:
        """The name of the work this belongs to, as logs carry it; see `InboxItem.reference`."""
        return f"p{self.id}" if self.inbox_id is None else f"m{self.inbox_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A part to be queued; `key` unique over the whole outbox."""

    key: str
    chat: ChatRef
    part: Part
    reply_to: str = ""
    inbox_id: int | None = None
    edits: str = ""
    """See `OutgoingPart.edits`."""
    replaces: str = ""
    """See `OutgoingPart.replaces`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadPart:
    """A part that was given up, as `minibot` shows it."""

    id: int
    conversation: str
    problem: str
    created_at: datetime


def retry_delay(attempts: int, random: float) -> timedelta:
    """Wait before a part that failed `attempts` times is sent again: 1, 2, 4 … 60 s.

    `random` in [0, 1) takes up to a quarter off, so that chats do not retry in step.
    """
    seconds = min(2.0 ** min(max(attempts, 1) - 1, 16), 60.0)
    return timedelta(seconds=seconds * (1 - 0.25 * random))
