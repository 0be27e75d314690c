"""What others changed, told once and to somebody who hears it."""

import asyncio
from collections.abc import Awaitable, Callable

from minibot.core.ports import Entry

Seen = tuple[list[Entry], list[str]]
"""What was changed, and the ids of what was forgotten."""


class News:
    """Gives what `look` finds. What it found for somebody who was cancelled, the next one gets."""

    def __init__(self, look: Callable[[], Awaitable[Seen]]) -> None:
        self._look = look
        self._looking: asyncio.Task[Seen] | None = None
        self._untold: dict[str, Entry | None] = {}

    async def tell(self) -> Seen:
        """Look, and give everything that nobody was told yet."""
        is_begun = self._looking is not None
        await self._finish_look()
        if is_begun:
            # It may have looked before the change that the caller asks for.
            await self._finish_look()
        untold, self._untold = self._untold, {}
        changed = [entry for entry in untold.values() if entry is not None]
        return changed, [id_ for id_, entry in untold.items() if entry is None]

    async def close(self) -> None:
        """Return when nobody looks any more."""
        if self._looking is not None:
            await asyncio.wait([self._looking])

    async def _finish_look(self) -> None:
        if self._looking is None:
            self._looking = asyncio.create_task(self._run(), name="agenda news")
        looking = self._looking
        try:
            changed, forgotten = await asyncio.shield(looking)
        finally:
            # What it found and we do not hear of, because we are cancelled, stays for the next.
            failed = looking.done() and (looking.cancelled() or looking.exception() is not None)
            if failed and self._looking is looking:
                self._looking = None
        if self._looking is looking:
            self._looking = None
            self._untold |= {entry.id: entry for entry in changed}
            self._untold |= dict.fromkeys(forgotten)

    async def _run(self) -> Seen:
        return await self._look()
