"""Changes on their way to the server, and what is done while it is away."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from minibot.adapters.storage.redis.chats import MovedChats, is_in_chat, renamed
from minibot.adapters.storage.redis.notes import RedisNotes
from minibot.adapters.storage.redis.stored_history import StoredHistory
from minibot.adapters.storage.redis.tails import (
    Addition,
    Change,
    Dropping,
    PuttingAway,
    Tail,
    Tails,
)
from minibot.core.errors import StorageError, StorageUnavailable
from minibot.core.messages import ChatRef
from minibot.core.ports import Clock

LOG = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
"""Between two tries to write what waits."""

LAST_TRY_SECONDS = 2.0
"""For what waits when minibot stops."""


class Spool:
    """Hands changes to the server one after the other, in each conversation.

    A change goes out at once when the server is there. When it is not, it waits, and `run`
    tries again; nothing of its conversation is written or read before it.
    """

    def __init__(
        self, stored: StoredHistory, notes: RedisNotes, clock: Clock, *, ttl_seconds: int
    ) -> None:
        self._stored = stored
        self._notes = notes
        self._clock = clock
        self._ttl = timedelta(seconds=ttl_seconds)
        self._tails = Tails()
        self._moved = MovedChats()
        self._moves: deque[tuple[ChatRef, ChatRef]] = deque()
        """Moves of chats the server was not told yet; as many as chats moved in an outage."""
        self._moving = asyncio.Lock()
        self._telling_moves = asyncio.Lock()
        self._something_waits = asyncio.Event()
        self._away = False

    @asynccontextmanager
    async def hold(self, conversation: str) -> AsyncIterator[Tail]:
        """Give the tail of a conversation, which nobody else uses meanwhile."""
        while True:
            tail = self._tails.of(self._moved.current(conversation))
            async with tail.lock:
                if self._tails.holds(tail):  # else its chat moved while we waited
                    tail.forget_when_silent(self._clock.now(), self._ttl)
                    yield tail
                    return

    def all(self) -> list[Tail]:
        """Give every tail; each has to be locked before it is used."""
        return self._tails.all()

    async def settle(self, tail: Tail) -> int:
        """Write what waits in a tail that is held; gives what came of the last change.

        Raises:
            StorageUnavailable: the server is away; it goes on waiting.
        """
        outcome = 0
        try:
            await self._tell_moves()
            while tail.waiting:
                outcome = await self._write(tail.conversation, tail.waiting[0])
                tail.waiting.popleft()
        except StorageUnavailable:
            self._tails.bound(tail)
            raise
        finally:
            if tail.waiting or self._moves:
                self._something_waits.set()
        return outcome

    async def settled(self, conversation: str) -> str:
        """Write what waits of a conversation; gives the name it has now. Raises as `settle`."""
        async with self.hold(conversation) as tail:
            await self.settle(tail)
            return tail.conversation

    async def ask(self, asking: Awaitable[T]) -> T:
        """Await an answer of the server, and note that it is there or away."""
        try:
            answer = await asking
        except StorageUnavailable as error:
            self.notice(error)
            raise
        if self._away and not self._moves and not self._tails.waiting():
            self._away = False
            LOG.info("Redis is back, and nothing waits any more")
        return answer

    def notice(self, error: StorageError) -> None:
        """Log that the server failed; once while it is away."""
        if not isinstance(error, StorageUnavailable):
            LOG.error("a conversation cannot be used", extra={"error": str(error)})
        elif not self._away:
            self._away = True
            LOG.warning(
                "Redis is away: conversations go on with what is known of them",
                extra={"error": str(error)},
            )

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand everything in a chat, in all its threads, over to its new id."""
        new = ChatRef(channel=old.channel, chat_id=new_chat_id)
        async with self._moving:
            self._moved.remember(old, new)
            for tail in self._tails.all():
                if is_in_chat(tail.conversation, old):
                    await self._hand_over(tail, renamed(tail.conversation, old.chat_key, new))
            # Not before: who held one of these tails until now may have written by the old name.
            self._moves.append((old, new))
        try:
            await self._tell_moves()
        except StorageUnavailable:
            self._something_waits.set()

    async def run(self) -> None:
        """Write what waits, again and again, until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            await self._something_waits.wait()
            self._something_waits.clear()
            await self._clock.sleep(pause)
            try:
                await self._settle_all()
                pause = FIRST_PAUSE_SECONDS
            except StorageUnavailable:
                self._something_waits.set()
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def close(self) -> None:
        """Try a last time to write what waits, and log what is lost."""
        try:
            async with asyncio.timeout(LAST_TRY_SECONDS):
                await self._settle_all()
        except (StorageUnavailable, TimeoutError):
            lost = sum(tail.entries_waiting for tail in self._tails.waiting())
            LOG.warning("entries are lost: Redis did not come back", extra={"entries": lost})

    async def _settle_all(self) -> None:
        await self._tell_moves()
        for tail in self._tails.waiting():
            async with self.hold(tail.conversation) as held:
                await self.settle(held)

    async def _write(self, conversation: str, change: Change) -> int:
        try:
            return await self.ask(self._making(conversation, change))
        except StorageUnavailable:
            raise
        except StorageError as error:  # it would not go better another time
            LOG.error(
                "a change of a conversation is lost",
                extra={"conversation": conversation, "error": str(error)},
            )
            return 0

    def _making(self, conversation: str, change: Change) -> Awaitable[int]:
        match change:
            case Addition(entries=entries, token=token):
                return self._stored.append(conversation, entries, token)
            case PuttingAway(keep=keep, token=token):
                return self._stored.put_away(conversation, keep, token)
            case Dropping(count=count, token=token):
                return self._stored.drop(conversation, count, token)

    async def _tell_moves(self) -> None:
        async with self._telling_moves:
            while self._moves:
                old, new = self._moves[0]
                try:
                    await self.ask(self._stored.move_chat(old, new))
                    await self.ask(self._notes.move_chat(old, new.chat_id))
                except StorageUnavailable:
                    raise
                except StorageError as error:
                    LOG.error(
                        "a chat that moved left something behind in Redis",
                        extra={"conversation": old.chat_key, "error": str(error)},
                    )
                self._moves.popleft()

    async def _hand_over(self, tail: Tail, name: str) -> None:
        async with tail.lock, self.hold(name) as heir:
            heir.follow(tail)
            self._tails.discard(tail)
