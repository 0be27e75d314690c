"""A queue of parts for every chat, each served by a task of its own while it holds any."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from minibot.core.messages import ChatRef
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Clock

Queue = deque[OutgoingPart]

Advance = Callable[[Queue], Awaitable[None]]
"""Brings the first part of a queue one step further, and takes it off when it is done."""


class ChatQueues:
    """Order inside a chat, chats side by side. A queue holds no more than the outbox does."""

    def __init__(self, advance: Advance, clock: Clock) -> None:
        self._advance = advance
        self._clock = clock
        self._queues: dict[str, Queue] = {}
        self._servers: dict[str, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._resting: set[str] = set()
        self._progress = asyncio.Event()

    async def run(self, waiting: Sequence[OutgoingPart]) -> None:
        """Serve until cancelled, beginning with these and what was added before."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._load(waiting)
                self._tasks = tasks
                self._serve_chats(list(self._queues))
                self._progress.set()
                try:
                    await asyncio.get_running_loop().create_future()
                finally:
                    self._tasks = None  # a group that is ending takes no new tasks
        finally:
            self._servers.clear()
            self._resting.clear()

    def is_free(self, chat: ChatRef) -> bool:
        """Say whether a part added now would be the first, and served at once."""
        return self._tasks is not None and chat.chat_key not in self._queues

    def add(self, parts: Sequence[OutgoingPart]) -> None:
        for part in parts:
            self._queues.setdefault(part.chat.chat_key, deque()).append(part)
        self._serve_chats({part.chat.chat_key for part in parts})

    async def rest(self, chat: ChatRef, seconds: float) -> None:
        """Sleep while this chat can do nothing; `settled` does not wait for it meanwhile."""
        self._resting.add(chat.chat_key)
        self._progress.set()
        try:
            await self._clock.sleep(seconds)
        finally:
            self._resting.discard(chat.chat_key)

    async def settled(self) -> None:
        """Wait until nothing is left that could be delivered at this moment."""
        while self._tasks is None or self._servers.keys() - self._resting:
            self._progress.clear()
            await self._progress.wait()

    def _load(self, waiting: Sequence[OutgoingPart]) -> None:
        """Merge what is stored with what was added already, in the order of writing."""
        known = {part.id for queue in self._queues.values() for part in queue}
        for part in waiting:
            if part.id not in known:
                self._queues.setdefault(part.chat.chat_key, deque()).append(part)
        for chat, queue in self._queues.items():
            self._queues[chat] = deque(sorted(queue, key=lambda part: part.id))

    def _serve_chats(self, chats: Iterable[str]) -> None:
        if self._tasks is None:
            return
        for chat in chats:
            if chat not in self._servers:
                serving = self._serve(chat, self._queues[chat])
                self._servers[chat] = self._tasks.create_task(serving, name=f"sender {chat}")

    async def _serve(self, chat: str, queue: Queue) -> None:
        while queue:
            await self._advance(queue)
        # Nothing is awaited from the check of the queue to here, so nothing is overlooked.
        del self._servers[chat]
        del self._queues[chat]
        self._progress.set()
