"""Notes: what minibot remembers for a person."""

from dataclasses import dataclass
from datetime import datetime

MAX_TITLE = 200
MAX_DATA = 20_000
"""Characters."""

MAX_NOTES = 100_000
"""Notes of one owner at the most."""

MAX_COUNTED = 10_000
"""Where counting what was found ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something remembered. `title` is unique for its owner, whatever its case."""

    owner: str
    title: str
    data: str
    created_at: datetime
    updated_at: datetime
    source: str = ""
    """Where it comes from: the conversation in which it was saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage:
    """Some of the notes that were found."""

    notes: tuple[Note, ...]
    total: int
    """How many there are; no more than 10,000 are counted."""
