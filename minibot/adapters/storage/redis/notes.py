"""Notes in Redis."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from minibot.adapters.storage.codec import from_micros, storable, to_micros
from minibot.adapters.storage.note_matching import NoteEntry, entry_of, find, parse_query
from minibot.adapters.storage.note_rules import fold_title, prepared, refuse_more
from minibot.adapters.storage.note_titles import nearest_title
from minibot.adapters.storage.redis import note_scripts as scripts
from minibot.adapters.storage.redis.keys import Keys
from minibot.adapters.storage.redis.server import RedisServer
from minibot.adapters.storage.rules import LIST_LIMIT
from minibot.core.messages import ChatRef
from minibot.core.notes import MAX_COUNTED, Note, NotePage
from minibot.core.owners import belongs_to, moved_owner

LOG = logging.getLogger(__name__)

MOST_NOTES = 10_000
"""Of one owner. Fewer than a database takes, because searching looks at every one."""

READY_OWNERS = 16
READY_NOTES = 20_000
"""That are kept ready for searching, of all owners together."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All notes of one owner, the one saved last first."""

    version: bytes
    entries: Sequence[NoteEntry]


class RedisNotes:
    """Notes in a Redis server; they stay until they are deleted.

    Everything raises `StorageUnavailable` while the server is away.
    """

    def __init__(self, server: RedisServer, keys: Keys, *, most: int = MOST_NOTES) -> None:
        self._server = server
        self._keys = keys
        self._most = most
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()

    async def save(self, note: Note) -> Note | None:
        note = prepared(note)
        before = await self._change(
            scripts.SAVE,
            note.owner,
            fold_title(note.title),
            to_micros(note.created_at),
            _encoded(note),
            self._most,
        )
        if before == scripts.FULL:
            refuse_more(self._most, self._most)
        return self._decoded(note.owner, before)

    async def get(self, owner: str, title: str) -> Note | None:
        owner, title = storable(owner), storable(title)
        key, field = self._keys.notes(owner), fold_title(title)
        if not field:
            return None
        value = await self._server.ask("HGET", key, field)
        if (note := self._decoded(owner, value or b"")) is not None:
            return note
        by_title = {each.note.title: each.note for each in await self._entries(owner)}
        near = await asyncio.to_thread(nearest_title, title, by_title)
        return None if near is None else by_title[near]

    async def delete(self, owner: str, title: str) -> Note | None:
        owner, field = storable(owner), fold_title(storable(title))
        if not field:
            return None
        return self._decoded(owner, await self._change(scripts.DELETE, owner, field))

    async def search(self, owner: str, query: str, *, limit: int, offset: int = 0) -> NotePage:
        entries = await self._entries(storable(owner))
        # In a thread, so that others are served while it looks at many.
        found = await asyncio.to_thread(lambda: find(entries, parse_query(query)))
        start = max(0, offset)
        end = start + max(0, min(limit, LIST_LIMIT))
        return NotePage(notes=tuple(found[start:end]), total=min(len(found), MAX_COUNTED))

    async def owners(self, person: str) -> list[str]:
        person = storable(person)
        return sorted(owner for owner in await self._all_owners() if belongs_to(owner, person))

    async def clear(self, owner: str) -> int:
        return int(await self._change(scripts.CLEAR, storable(owner)))

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand what people are to remember in a chat over to its new id."""
        for owner in await self._all_owners():
            new_owner = moved_owner(owner, old, new_chat_id)
            if new_owner != owner:
                await self._change(
                    scripts.HAND_OVER, owner, new_owner, more_keys=[self._keys.notes(new_owner)]
                )

    async def _change(
        self,
        script: str,
        owner: str,
        *values: str | int | bytes,
        more_keys: Sequence[str] = (),
    ) -> bytes:
        token = secrets.token_hex(8)
        keys = [self._keys.notes(owner), self._keys.outcome(token), self._keys.owners, *more_keys]
        answer: bytes = await self._server.run(script, keys, token, owner, *values)
        return answer

    async def _all_owners(self) -> list[str]:
        found = await self._server.ask("SMEMBERS", self._keys.owners)
        return sorted(owner.decode(errors="replace") for owner in found)

    async def _entries(self, owner: str) -> Sequence[NoteEntry]:
        """Give all notes of an owner, the one saved last first."""
        key = self._keys.notes(owner)
        version = await self._server.ask("HGET", key, "")
        shelf = self._shelves.pop(owner, None)
        if shelf is None or shelf.version != version:
            values = await self._server.ask("HGETALL", key)
            entries = await asyncio.to_thread(self._read, owner, values)
            shelf = _Shelf(values.get(b"", b""), entries)
        self._shelves[owner] = shelf
        while len(self._shelves) > 1 and (
            len(self._shelves) > READY_OWNERS
            or sum(len(each.entries) for each in self._shelves.values()) > READY_NOTES
        ):
            self._shelves.popitem(last=False)
        return shelf.entries

    def _read(self, owner: str, values: Mapping[bytes, bytes]) -> list[NoteEntry]:
        newest_first = sorted(
            (value for field, value in values.items() if field), key=_order, reverse=True
        )
        notes = [self._decoded(owner, value) for value in newest_first]
        return [entry_of(note) for note in notes if note is not None]

    def _decoded(self, owner: str, value: bytes) -> Note | None:
        """Read a value; None for an empty one, and for one that is not minibot's."""
        if not value:
            return None
        try:
            _, created, text = value.split(b" ", 2)
            title, data, updated, source = orjson.loads(text)
            return Note(
                owner=owner,
                title="" + title,
                data="" + data,
                created_at=from_micros(int(created)),
                updated_at=from_micros(updated),
                source="" + source,
            )
        except (ValueError, TypeError, OverflowError):
            LOG.warning(
                "a note in Redis is not minibot's and is skipped",
                extra={"key": self._keys.notes(owner)},
            )
            return None


def _encoded(note: Note) -> bytes:
    return orjson.dumps([note.title, note.data, to_micros(note.updated_at), note.source])


def _order(value: bytes) -> int:
    number, _, _ = value.partition(b" ")
    return int(number) if number.isdigit() else 0
