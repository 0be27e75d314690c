"""Rules every storage follows: where a turn may leave its message, what is kept how long."""

from minibot.core.errors import IllegalTransition
from minibot.core.inbox import InboxState
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
