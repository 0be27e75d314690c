"""Takes messages out of the inbox and puts them back, however often the storage fails."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import IllegalTransition, StorageUnavailable
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxItem
from minibot.core.ports import Clock, Inbox

log = logging.getLogger(__name__)

STORAGE_PAUSE_SECONDS = 1.0
"""Wait before the inbox is asked again after the storage failed."""

T = TypeVar("T")


class Claims:
    """Claims for one dispatcher, until it is closed."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock
        self._open = True
        self._orphans: list[InboxItem] = []

    @property
    def open(self) -> bool:
        return self._open

    def close(self) -> None:
        """Take nothing more, and ask a failing storage no more."""
        self._open = False

    async def find(self) -> Sequence[MessageAccepted]:
        """Name what there is to do."""
        return await self._ask(self._inbox.open_conversations) or ()

    async def take(self, conversation: str) -> InboxItem | datetime | None:
        """See `Inbox.claim`."""
        if not self._open:
            return None
        return await self._ask(lambda: self._inbox.claim(conversation))

    async def take_urgent(self, inbox_id: int) -> InboxItem | None:
        if not self._open:
            return None
        return await self._ask(lambda: self._inbox.claim_urgent(inbox_id))

    async def put_back(self, item: InboxItem) -> None:
        with suppress(IllegalTransition):  # it was put back before, by one who was cancelled
            await self._ask(lambda: uninterrupted(self._inbox.release(item.id)))

    def abandon(self, item: InboxItem) -> None:
        """Note a claimed item that nobody serves, for `put_back_abandoned`."""
        self._orphans.append(item)

    async def put_back_abandoned(self) -> None:
        while self._orphans:
            await self.put_back(self._orphans[0])
            self._orphans.pop(0)

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """Ask until there is an answer; None when there is none and nothing more is taken."""
        while True:
            try:
                return await question()
            except StorageUnavailable:
                log.exception("storage failed; trying again")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)
            if not self._open:
                return None
