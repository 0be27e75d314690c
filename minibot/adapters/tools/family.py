"""What a family of tools is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from minibot.core.ports import Clock, Files, History, Notes, Planner, Tool

UndoFunction = Callable[[str, str], Awaitable[str]]
"""Take something back: from the payload and the owner to one line that says what."""

NO_UNDO: Mapping[str, UndoFunction] = {}


class Family(Protocol):
    """Tools that belong together."""

    @property
    def tools(self) -> tuple[Tool, ...]: ...

    @property
    def undo(self) -> Mapping[str, UndoFunction]:
        """The ways back, by the kind of `UndoAction`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """What tools are made with."""

    history: History
    notes: Notes
    files: Files
    planner: Planner
    clock: Clock
