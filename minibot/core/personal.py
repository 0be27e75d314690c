"""What is known of people's conversations: for looking things up, taking along, erasing."""

from dataclasses import dataclass
from datetime import datetime

from minibot.core.llm import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryInfo:
    """How much a conversation holds."""

    exchanges: int
    """That the model may be shown; put away ones are not counted."""
    entries: int
    put_away: int
    """Entries."""
    since: datetime | None
    """When the oldest entry that is not put away was written; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """An entry that was found."""

    role: Role
    text: str
    written_at: datetime
    untrusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was said before the newest entries, in short."""

    text: str
    through: int
    """Place of the last entry it covers, as the history counts."""
    untrusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEntry:
    """One entry of a conversation, to be taken along."""

    conversation: str
    role: Role
    text: str
    written_at: datetime
    put_away: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """All that was said by a person and to them."""

    entries: tuple[ExportedEntry, ...]
