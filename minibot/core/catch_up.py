"""What was sent while minibot was away: what is answered by itself, and what is kept and offered.

A message is missed when it was sent before this process began to listen. One that an earlier
process had accepted was promised an answer then; these rules are not for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from minibot.core.messages import ChatRef, IncomingMessage


class Kept(StrEnum):
    """Why a missed message is kept and not answered, or what was decided about it since."""

    TOO_OLD = "older than the catch-up window"
    TOO_MANY = "more than are answered by themselves"
    OFFERED = "offered"
    """Its chat was asked what to do with it."""
    SKIPPED = "skipped"
    """Its chat said that it needs no answer."""


BEFORE: dict[Kept, frozenset[Kept]] = {
    Kept.OFFERED: frozenset({Kept.TOO_OLD, Kept.TOO_MANY}),
    Kept.SKIPPED: frozenset({Kept.OFFERED}),
}
"""From where a kept message gets there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedItem:
    """An inbox row that is kept as expired."""

    id: int
    chat: ChatRef
    message: IncomingMessage | None
    """None when its contents were erased meanwhile."""
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is answered by itself of what was missed."""

    window: timedelta
    most: int
    """In one chat."""


def was_missed(sent_at: datetime, start: datetime) -> bool:
    """Say whether a message was sent before minibot began to listen.

    Channels tell whole seconds: a message of the second of the start may have been sent
    behind it, and counts as such.
    """
    return sent_at < start.replace(microsecond=0)


def why_kept(sent_at: datetime, *, start: datetime, limits: Limits, answered: int) -> Kept | None:
    """Say why a missed message is not answered by itself; None when it is.

    Args:
        answered: missed messages of its chat that are, so far.
    """
    if start.replace(microsecond=0) - sent_at > limits.window:
        return Kept.TOO_OLD
    return Kept.TOO_MANY if answered >= limits.most else None


def oldest(items: Sequence[MissedItem]) -> datetime | None:
    """Give the moment the first of these was sent; None when none has contents any more."""
    return min((item.message.sent_at for item in items if item.message), default=None)
