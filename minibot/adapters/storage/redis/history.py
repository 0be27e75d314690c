"""The history in Redis, which goes on while the server is away."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from secrets import token_hex

from minibot.adapters.storage.history_matching import best
from minibot.adapters.storage.redis.chats import is_in_chat
from minibot.adapters.storage.redis.entry import Entry
from minibot.adapters.storage.redis.spool import Spool
from minibot.adapters.storage.redis.stored_history import Placed, StoredHistory
from minibot.adapters.storage.redis.tails import Addition, Dropping, PuttingAway
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.errors import StorageError, StorageUnavailable
from minibot.core.llm import Utterance
from minibot.core.messages import ChatRef
from minibot.core.personal import Excerpt, Export, ExportedEntry, HistoryInfo, Summary
from minibot.core.ports import Backlog, Clock


class RedisHistory:
    """Implements `DetachedHistory`.

    While the server is away `append`, `put_away`, `drop` and `move_chat` wait in memory and are
    written in their order when it is back; `recent`, `exists` and `summary` tell what is known
    of conversations that were used lately, and `unsummarised` gives nothing to do. All others
    raise `StorageUnavailable`, for what they give has to be whole. What waits is bounded, and
    lost with the process.
    """

    def __init__(self, stored: StoredHistory, spool: Spool, clock: Clock) -> None:
        self._stored = stored
        self._spool = spool
        self._clock = clock

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        count = max(0, min(limit, LIST_LIMIT))
        async with self._spool.hold(conversation) as tail:
            try:
                await self._spool.settle(tail)
                found = await self._spool.ask(self._stored.recent(tail.conversation, count))
            except StorageError as error:
                self._spool.notice(error)
                return tail.newest(count)
            tail.learn(found, whole=len(found) < count)
            return [entry.utterance for entry in found]

    async def append(
        self, conversation: str, entries: Sequence[Utterance], *, author: str = ""
    ) -> None:
        if not entries:
            return
        now = self._clock.now()
        added = tuple(Entry(utterance=each, author=author, written_at=now) for each in entries)
        async with self._spool.hold(conversation) as tail:
            tail.add(Addition(token=token_hex(8), entries=added))
            with suppress(StorageUnavailable):  # it waits then
                await self._spool.settle(tail)

    async def exists(self, conversation: str) -> bool:
        return bool(await self.recent(conversation, 1))

    async def put_away(self, conversation: str, *, keep: int = 0) -> int:
        async with self._spool.hold(conversation) as tail:
            known = tail.put_away(PuttingAway(token=token_hex(8), keep=max(0, keep)))
            try:
                return await self._spool.settle(tail)
            except StorageUnavailable:
                return known

    async def take_back(self, conversation: str) -> int:
        async with self._spool.hold(conversation) as tail:
            await self._spool.settle(tail)
            tail.forget()
            return await self._spool.ask(self._stored.take_back(tail.conversation, token_hex(8)))

    async def drop(self, conversation: str, entries: int) -> int:
        if entries <= 0:
            return 0
        async with self._spool.hold(conversation) as tail:
            known = tail.take_off(Dropping(token=token_hex(8), count=entries))
            try:
                return await self._spool.settle(tail)
            except StorageUnavailable:
                return known

    async def info(self, conversation: str) -> HistoryInfo:
        return await self._spool.ask(self._stored.info(await self._spool.settled(conversation)))

    async def search(self, conversation: str, query: str, limit: int) -> list[Excerpt]:
        entries = await self._spool.ask(
            self._stored.everything(await self._spool.settled(conversation))
        )
        newest_first = [_excerpt(each.entry) for each in reversed(entries)]
        # In a thread, so that others are served while it looks at many.
        return await asyncio.to_thread(best, newest_first, query, limit)

    async def summary(self, conversation: str) -> Summary | None:
        async with self._spool.hold(conversation) as tail:
            try:
                await self._spool.settle(tail)
                tail.summary = await self._spool.ask(self._stored.summary(tail.conversation))
            except StorageError as error:
                self._spool.notice(error)
            return tail.summary

    async def unsummarised(self, conversation: str, *, keep: int, limit: int) -> Backlog:
        try:
            name = await self._spool.settled(conversation)
            return await self._spool.ask(self._stored.unsummarised(name, keep=keep, limit=limit))
        except StorageError as error:
            self._spool.notice(error)
            return Backlog(entries=(), through=0)

    async def summarise(self, conversation: str, summary: Summary) -> None:
        await self._spool.ask(
            self._stored.summarise(await self._spool.settled(conversation), summary)
        )

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        await self._spool.move_chat(old, new_chat_id)

    async def erase(self, channel: str, person_id: str) -> int:
        # What waits goes first, so that it cannot come after an erasure that failed half-way.
        erased = 0
        for tail in self._spool.all():
            concerns = _concern(tail.conversation, channel, person_id)
            async with tail.lock:
                erased += tail.drop(concerns)
        for name in await self._spool.ask(self._stored.conversations()):
            concerns = _concern(name, channel, person_id)
            async with self._spool.hold(name) as tail:
                placed = await self._spool.ask(self._stored.everything(name))
                found = [each for each in placed if concerns(each.entry)]
                if found:
                    erased += await self._spool.ask(self._stored.remove(name, found))
                    tail.forget()
        return erased

    async def export(self, channel: str, person_id: str) -> Export:
        for tail in self._spool.all():
            await self._spool.settled(tail.conversation)
        exported: list[ExportedEntry] = []
        for name in await self._spool.ask(self._stored.conversations()):
            concerns = _concern(name, channel, person_id)
            placed = await self._spool.ask(self._stored.everything(name))
            found = [each for each in placed if concerns(each.entry)]
            exported += [_exported(name, each) for each in found]
        return Export(entries=tuple(sorted(exported, key=lambda entry: entry.written_at)))


def _excerpt(entry: Entry) -> Excerpt:
    said = entry.utterance
    return Excerpt(
        role=said.role,
        text=said.text,
        written_at=entry.written_at,
        untrusted=said.untrusted,
    )


def _exported(conversation: str, placed: Placed) -> ExportedEntry:
    said = placed.entry.utterance
    return ExportedEntry(
        conversation=conversation,
        role=said.role,
        text=said.text,
        written_at=placed.entry.written_at,
        put_away=placed.put_away,
    )


def _concern(conversation: str, channel: str, person_id: str) -> Callable[[Entry], bool]:
    """Tell which entries are a person's: what they said, and what was answered to them."""
    if is_in_chat(conversation, ChatRef(channel=channel, chat_id=person_id)):
        return lambda entry: True  # nobody else is in there
    if not conversation.startswith(f"{channel}:"):
        return lambda entry: False
    return lambda entry: entry.author == person_id
