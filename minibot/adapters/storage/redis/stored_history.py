"""Conversations in the server. Everything here fails while the server is away."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.redis import history_scripts as scripts
from minibot.adapters.storage.redis.chats import is_in_chat, renamed
from minibot.adapters.storage.redis.entry import Entry, decode_entry, encode_entry
from minibot.adapters.storage.redis.keys import Keys
from minibot.adapters.storage.redis.server import RedisServer
from minibot.core.llm import Role
from minibot.core.messages import ChatRef
from minibot.core.personal import HistoryInfo, Summary
from minibot.core.ports import Backlog

LOG = logging.getLogger(__name__)

MOST_ENTRIES = 6_000
"""Of a conversation, those put away included; the oldest go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry where it stands."""

    entry: Entry
    place: int
    put_away: bool
    member: bytes
    """As it is in its set."""


class StoredHistory:
    """Conversations in a Redis server; each is forgotten after `ttl` without a word.

    Changes carry a token: one that is sent again with the same token is not done again.
    """

    def __init__(self, server: RedisServer, keys: Keys, *, ttl_seconds: int) -> None:
        self._server = server
        self._keys = keys
        self._ttl = ttl_seconds * 1000

    async def append(self, conversation: str, entries: Sequence[Entry], token: str) -> int:
        answer = await self._server.run(
            scripts.APPEND,
            [*self._both(conversation), self._keys.conversations],
            token,
            self._ttl,
            MOST_ENTRIES,
            conversation.encode(errors="surrogatepass"),
            *map(encode_entry, entries),
        )
        return int(answer)

    async def put_away(self, conversation: str, keep: int, token: str) -> int:
        keys = self._both(conversation)
        return int(await self._server.run(scripts.PUT_AWAY, keys, token, keep))

    async def take_back(self, conversation: str, token: str) -> int:
        return int(await self._server.run(scripts.TAKE_BACK, self._both(conversation), token))

    async def drop(self, conversation: str, entries: int, token: str) -> int:
        keys = self._both(conversation)
        return int(await self._server.run(scripts.DROP, keys, token, entries))

    async def recent(self, conversation: str, count: int) -> list[Entry]:
        """Give the newest entries that are not put away, oldest first."""
        found = await self._server.run(scripts.RECENT, self._both(conversation), count)
        return _readable(self._keys.entries(conversation), reversed(found))

    async def info(self, conversation: str) -> HistoryInfo:
        exchanges, entries, put_away, oldest = await self._server.run(
            scripts.INFO, self._both(conversation)
        )
        first = decode_entry(oldest)
        return HistoryInfo(
            exchanges=exchanges,
            entries=entries,
            put_away=put_away,
            since=first.written_at if first else None,
        )

    async def summary(self, conversation: str) -> Summary | None:
        key = self._keys.state(conversation)
        text, through, untrusted = await self._server.ask(
            "HMGET", key, "summary", "through", "untrusted"
        )
        if text is None or not (through or b"").isdigit():
            return None
        return Summary(
            text=text.decode(errors="replace"), through=int(through), untrusted=untrusted != b"0"
        )

    async def unsummarised(self, conversation: str, *, keep: int, limit: int) -> Backlog:
        through, found = await self._server.run(
            scripts.UNSUMMARISED, self._both(conversation), max(0, keep)
        )
        taken: list[Placed] = []
        for exchange in _exchanges(_placed(self._keys.entries(conversation), found, away=0)):
            if taken and len(taken) + len(exchange) > limit:
                break
            taken += exchange
        return Backlog(
            entries=tuple(each.entry.utterance for each in taken),
            through=taken[-1].place if taken else through,
        )

    async def summarise(self, conversation: str, summary: Summary) -> None:
        await self._server.run(
            scripts.SUMMARISE,
            self._both(conversation),
            storable(summary.text).encode(),
            summary.through,
            int(summary.untrusted),
        )

    async def everything(self, conversation: str) -> list[Placed]:
        """Give all entries, oldest first."""
        found, away = await self._server.run(scripts.ALL, self._both(conversation))
        return _placed(self._keys.entries(conversation), found, away)

    async def conversations(self) -> list[str]:
        """Name every conversation there is; some may be empty."""
        found = await self._server.ask("ZRANGE", self._keys.conversations, 0, -1)
        return [name.decode(errors="surrogatepass") for name in found]

    async def remove(self, conversation: str, entries: Sequence[Placed]) -> int:
        """Delete entries, and the summary, which may speak of them."""
        members = [each.member for each in entries]
        keys = [*self._both(conversation), self._keys.conversations]
        name = conversation.encode(errors="surrogatepass")
        return int(await self._server.run(scripts.REMOVE, keys, name, *members))

    async def move_chat(self, old: ChatRef, new: ChatRef) -> None:
        """Hand everything in a chat, in all its threads, over to its new id."""
        for name in await self.conversations():
            if is_in_chat(name, old):
                new_name = renamed(name, old.chat_key, new)
                await self._server.run(
                    scripts.MOVE,
                    [*self._both(name), *self._both(new_name), self._keys.conversations],
                    name.encode(errors="surrogatepass"),
                    new_name.encode(errors="surrogatepass"),
                    MOST_ENTRIES,
                )

    def _both(self, conversation: str) -> list[str]:
        return [self._keys.entries(conversation), self._keys.state(conversation)]


def _exchanges(entries: Sequence[Placed]) -> Iterator[Sequence[Placed]]:
    """Cut before every user's entry, and give the pieces, the oldest first."""
    start = 0
    for index, each in enumerate(entries):
        if index > start and each.entry.utterance.role is Role.USER:
            yield entries[start:index]
            start = index
    if entries:
        yield entries[start:]


def _placed(key: str, found: Sequence[bytes], away: int) -> list[Placed]:
    """Read what comes with scores; `away` is the last place that is put away."""
    placed = []
    for member, score in zip(found[::2], found[1::2], strict=True):
        if (entry := decode_entry(member)) is not None:
            place = int(float(score))
            placed.append(Placed(entry=entry, place=place, put_away=place <= away, member=member))
    _report_unreadable(key, len(found) // 2 - len(placed))
    return placed


def _readable(key: str, members: Iterable[bytes]) -> list[Entry]:
    read = [decode_entry(member) for member in members]
    entries = [entry for entry in read if entry is not None]
    _report_unreadable(key, len(read) - len(entries))
    return entries


def _report_unreadable(key: str, count: int) -> None:
    if count:
        LOG.warning(
            "entries in Redis are not minibot's and are skipped",
            extra={"key": key, "entries": count},
        )
