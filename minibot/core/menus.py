"""Menus of commands, as a channel shows them to those who begin to type one."""

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Who is shown a menu."""

    PRIVATE = "private"
    """Everybody, in private."""
    GROUPS = "groups"
    """Everybody in a group."""
    PERSON = "person"
    """One person, in private, instead of what everybody is shown there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One command: a word without its slash, and what it does."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMenu:
    """What one audience is shown in one language."""

    audience: Audience
    person_id: str = ""
    """Of a `PERSON`."""
    language: str = ""
    """Two letters of ISO 639-1; empty for all languages that have no menu of their own."""
    entries: tuple[MenuEntry, ...] = ()
    """None to take the menu away."""

    @property
    def key(self) -> str:
        """What it is told apart from other menus by."""
        return f"{self.audience.value}:{self.person_id}:{self.language}"
