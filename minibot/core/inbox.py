"""What was received and not yet answered: states, and when a failed item runs again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from minibot.core.messages import IncomingMessage


class InboxState(StrEnum):
    """Where an inbox row stands. `TRANSITIONS` says where it may go."""

    RECEIVED = "received"
    PROCESSING = "processing"
    RETRY = "retry"
    WAITING = "waiting"
    """For a language model to come back."""
    DONE = "done"
    IGNORED = "ignored"
    DEAD = "dead"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


TRANSITIONS: dict[InboxState, frozenset[InboxState]] = {
    InboxState.RECEIVED: frozenset(
        {InboxState.PROCESSING, InboxState.DEAD, InboxState.EXPIRED, InboxState.CANCELLED}
    ),
    InboxState.PROCESSING: frozenset(
        {
            InboxState.RECEIVED,  # given back unfinished: shutdown, or its process died
            InboxState.RETRY,
            InboxState.WAITING,
            InboxState.DONE,
            InboxState.IGNORED,
            InboxState.DEAD,
            InboxState.CANCELLED,
        }
    ),
    InboxState.RETRY: frozenset(
        {InboxState.PROCESSING, InboxState.DEAD, InboxState.EXPIRED, InboxState.CANCELLED}
    ),
    InboxState.WAITING: frozenset(
        {InboxState.PROCESSING, InboxState.DEAD, InboxState.EXPIRED, InboxState.CANCELLED}
    ),
    InboxState.DEAD: frozenset({InboxState.RECEIVED}),  # put back by hand
    InboxState.EXPIRED: frozenset({InboxState.RECEIVED}),
    InboxState.DONE: frozenset(),
    InboxState.IGNORED: frozenset(),
    InboxState.CANCELLED: frozenset(),
}

UNFINISHED = frozenset(
    {InboxState.RECEIVED, InboxState.PROCESSING, InboxState.RETRY, InboxState.WAITING}
)

MAX_ATTEMPTS = 5
"""Runs whose handler raised before an item is given up."""

SOLO_AFTER_CRASHES = 2
"""From this many crashes on an item runs with nothing else in flight: if the process dies
again, it was this one. Counting crashes apart from attempts keeps innocent neighbours of a
poisonous message alive."""

MAX_CRASHES = 12
"""Processes that may die holding an item, the last ten of them with nothing but it in flight,
before it is given up. Many, because whoever kills minibot at random hits innocent messages too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """A claimed inbox row: it belongs to this process until it is finished or given back."""

    id: int
    conversation: str
    message: IncomingMessage
    received_at: datetime
    attempts: int
    """Times it was claimed, this one included."""
    crashes: int
    urgent: bool = False

    @property
    def failures(self) -> int:
        """Times its handler raised, should it raise now: a crash is nobody's exception."""
        return self.attempts - self.crashes

    @property
    def must_run_alone(self) -> bool:
        return self.crashes >= SOLO_AFTER_CRASHES

    @property
    def reference(self) -> str:
        """A short name for this item that people can quote and logs carry."""
        return f"m{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadItem:
    """An inbox row that was given up, as `minibot` shows it."""

    id: int
    conversation: str
    problem: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an item so far, from its arrival to the delivery of what was said."""

    inbox_id: int
    state: InboxState
    problem: str
    undelivered: int
    """Parts of the answer that are on their way."""
    lost: int
    """Parts of the answer that were given up."""

    @property
    def over(self) -> bool:
        """Say whether nothing more will come of it by itself."""
        return self.state not in UNFINISHED and not self.undelivered

    @property
    def well(self) -> bool:
        """Say whether it was done, and all that was to be said about it has arrived."""
        return self.state is InboxState.DONE and not self.undelivered and not self.lost


def retry_delay(failures: int) -> timedelta:
    """Wait before an item whose handler raised `failures` times runs again: 2, 4, 8 … 300 s."""
    return timedelta(seconds=min(2.0 ** min(failures, 16), 300.0))


def crash_delay(crashes: int) -> timedelta:
    """Wait before an item that `crashes` processes died holding runs again: 0, 0, 1, 2, 4 … 60 s.

    The first two come back at once: one kill is no evidence against a message.
    """
    if crashes < SOLO_AFTER_CRASHES:
        return timedelta(0)
    return timedelta(seconds=min(2.0 ** min(crashes - SOLO_AFTER_CRASHES, 16), 60.0))
