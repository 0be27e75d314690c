"""Rules every storage follows: where a turn may leave its message, what is kept how long."""

from collections.abc import Sequence
from datetime import datetime

from minibot.core.errors import IllegalTransition
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.ports import TurnResult

FINAL_STATES = frozenset(
    {InboxState.DONE, InboxState.IGNORED, InboxState.CANCELLED, InboxState.DEAD}
)

LIST_LIMIT = 1000
"""Rows of one answer at the most, whatever is asked for."""

DEAD_DAYS = 30
"""How long what was given up can be looked at and put back."""


def refuse_unfinished(result: TurnResult) -> None:
    """Refuse a result that does not end its item; giving one back is for the inbox.

    Raises:
        IllegalTransition: the state is not a final one.
    """
    if result.state not in FINAL_STATES:
        raise IllegalTransition(f"a turn cannot leave its message as {result.state}")


def with_items(
    accepted: Sequence[MessageAccepted], claimed: Sequence[InboxItem | datetime | None]
) -> list[MessageAccepted]:
    """Put claimed items into their events; one that was stored before gets an event of its own."""
    events = {event.inbox_id: event for event in accepted}
    for item in claimed:
        if isinstance(item, InboxItem):
            events[item.id] = MessageAccepted(
                inbox_id=item.id, conversation=item.conversation, urgent=False, item=item
            )
    return sorted(events.values(), key=lambda event: event.inbox_id)
