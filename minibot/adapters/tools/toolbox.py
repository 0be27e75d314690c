"""All tools, as the settings switch them on."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import MappingProxyType

from minibot.adapters.tools.family import Family, Supplies, UndoFunction
from minibot.core.errors import StorageUnavailable, ToolFailed
from minibot.core.ports import Tool
from minibot.core.settings import Settings
from minibot.core.settings.tools import Tools
from minibot.core.tools import UndoAction

Factory = Callable[[Supplies, AsyncExitStack], Family]
"""Makes a family; what has to be closed goes onto the stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyEntry:
    """A family as the registry knows it."""

    names: tuple[str, ...]
    """Of its tools; known before it is made, which may have to load a lot."""
    make: Factory
    is_on: Callable[[Tools], bool] = lambda tools: True


class Toolbox:
    """The tools there are; see the port. A family is made when it is first needed."""

    def __init__(self, families: Mapping[str, FamilyEntry], supplies: Supplies) -> None:
        self._entries = families
        self._supplies = supplies
        self._made: dict[str, Family] = {}
        self._closing = AsyncExitStack()
        self._enabled: tuple[Tools, Mapping[str, Tool]] | None = None

    def enabled(self, settings: Settings) -> Mapping[str, Tool]:
        wanted = settings.tools
        if self._enabled is None or self._enabled[0] is not wanted:
            self._enabled = (wanted, MappingProxyType(self._choose(wanted)))
        return self._enabled[1]

    async def undo(self, action: UndoAction, owner: str) -> str:
        for name in self._entries:
            way_back = self._family(name).undo.get(action.kind)
            if way_back is not None:
                return await _take_back(way_back, action.payload, owner)
        raise ToolFailed("this cannot be taken back any more")

    async def close(self) -> None:
        """Close what the families opened."""
        await self._closing.aclose()

    def _choose(self, wanted: Tools) -> dict[str, Tool]:
        return {
            tool.spec.name: tool
            for name, entry in self._entries.items()
            if entry.is_on(wanted) and not set(entry.names) <= set(wanted.disabled)
            for tool in self._family(name).tools
            if tool.spec.name not in wanted.disabled
        }

    def _family(self, name: str) -> Family:
        family = self._made.get(name)
        if family is None:
            family = self._entries[name].make(self._supplies, self._closing)
            self._made[name] = family
        return family


async def _take_back(way_back: UndoFunction, payload: str, owner: str) -> str:
    try:
        return await way_back(payload, owner)
    except StorageUnavailable as error:
        raise ToolFailed(str(error), transient=True) from error
