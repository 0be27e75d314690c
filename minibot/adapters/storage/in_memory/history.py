"""The history in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.history_matching import best
from minibot.adapters.storage.in_memory.conversations import Conversations, Entry, is_in_chat
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.llm import Utterance
from minibot.core.messages import ChatRef
from minibot.core.personal import Excerpt, Export, ExportedEntry, HistoryInfo, Summary
from minibot.core.ports import Backlog, Clock


class InMemoryHistory:
    """What was said since this process started, the newest 1,000 entries a conversation.

    Without `rows` every conversation counts as known: the storage it then stands beside has
    checked that.
    """

    def __init__(self, clock: Clock, rows: Rows | None = None) -> None:
        self._clock = clock
        self._known = None if rows is None else rows.conversations
        self._rows = rows or Rows()
        self._conversations = Conversations(self._rows)
        self._numbers = count(1)

    async def recent(self, conversation: str, limit: int) -> list[Utterance]:
        shown = self._conversations.find(conversation).shown
        return [entry.utterance for entry in shown[-limit:]] if limit > 0 else []

    async def append(
        self, conversation: str, entries: Sequence[Utterance], *, author: str = ""
    ) -> None:
        if not entries:
            return
        if self._known is not None:
            self._rows.check_known(conversation)
        now = self._clock.now()
        self._conversations.begin(conversation).entries.extend(
            Entry(
                place=next(self._numbers),
                utterance=replace(entry, text=storable(entry.text)),
                author=author,
                written_at=now,
            )
            for entry in entries
        )

    async def exists(self, conversation: str) -> bool:
        return bool(self._conversations.find(conversation).shown)

    async def put_away(self, conversation: str, *, keep: int = 0) -> int:
        return self._conversations.find(conversation).put_away(keep, moment=next(self._numbers))

    async def take_back(self, conversation: str) -> int:
        return self._conversations.find(conversation).take_back()

    async def drop(self, conversation: str, entries: int) -> int:
        return self._conversations.find(conversation).drop(entries)

    async def info(self, conversation: str) -> HistoryInfo:
        return self._conversations.find(conversation).info()

    async def search(self, conversation: str, query: str, limit: int) -> list[Excerpt]:
        newest_first = [
            Excerpt(
                role=entry.utterance.role,
                text=entry.utterance.text,
                written_at=entry.written_at,
                untrusted=entry.utterance.untrusted,
            )
            for entry in reversed(self._conversations.find(conversation).entries)
        ]
        # Others need not wait until that many texts are read.
        return await asyncio.to_thread(best, newest_first, query, limit)

    async def summary(self, conversation: str) -> Summary | None:
        return self._conversations.find(conversation).summary

    async def unsummarised(self, conversation: str, *, keep: int, limit: int) -> Backlog:
        return self._conversations.find(conversation).unsummarised(
            keep=keep, limit=min(limit, LIST_LIMIT)
        )

    async def summarise(self, conversation: str, summary: Summary) -> None:
        self._conversations.find(conversation).summarise(summary, moment=next(self._numbers))

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand everything said in a chat, in all its threads, over to its new id."""
        self._conversations.move_chat(old, new_chat_id)

    async def export(self, channel: str, person_id: str) -> Export:
        """See `PersonalData.export`."""
        found = [
            (entry, key)
            for key, conversation in self._conversations.of_channel(channel)
            for entry in conversation.entries
            if entry.author == person_id or is_in_chat(key, f"{channel}:{person_id}")
        ]
        return Export(
            entries=tuple(
                ExportedEntry(
                    conversation=key,
                    role=entry.utterance.role,
                    text=entry.utterance.text,
                    written_at=entry.written_at,
                    put_away=entry.put_away is not None,
                )
                for entry, key in sorted(found, key=lambda each: each[0].place)
            )
        )

    async def erase(self, channel: str, person_id: str) -> int:
        """See `PersonalData.erase`."""
        erased = 0
        for key, conversation in self._conversations.of_channel(channel):
            if is_in_chat(key, f"{channel}:{person_id}"):
                erased += len(conversation.entries)
                self._conversations.forget(key)
            else:
                erased += conversation.remove(person_id)
        return erased
