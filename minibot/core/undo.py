"""Taking back what a tool did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from minibot.core.tools import UndoAction

UNDO_FOR = timedelta(minutes=10)
"""How long the button works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """Something that can be taken back until `expires_at`, by one person, once."""

    token: str
    person_id: str
    owner: str
    label: str
    """What was done, as its receipt says it."""
    action: UndoAction
    expires_at: datetime
