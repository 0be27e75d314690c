"""Puts the memory in Redis together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from minibot.adapters.storage.redis.address import address_of
from minibot.adapters.storage.redis.history import RedisHistory
from minibot.adapters.storage.redis.keys import Keys
from minibot.adapters.storage.redis.notes import RedisNotes
from minibot.adapters.storage.redis.server import connect
from minibot.adapters.storage.redis.spool import Spool
from minibot.adapters.storage.redis.stored_history import StoredHistory
from minibot.core.ports import Clock
from minibot.core.settings import RedisMemory


@asynccontextmanager
async def assemble(
    settings: RedisMemory, *, clock: Clock, prefix: str
) -> AsyncIterator[tuple[RedisHistory, RedisNotes]]:
    """Connect, and close everything behind; see `open_redis_memory`."""
    async with connect(address_of(settings), clock) as server:
        keys = Keys(prefix)
        stored = StoredHistory(server, keys, ttl_seconds=settings.ttl_seconds)
        notes = RedisNotes(server, keys)
        spool = Spool(stored, notes, clock, ttl_seconds=settings.ttl_seconds)
        writing = asyncio.create_task(spool.run(), name="redis spool")
        try:
            yield RedisHistory(stored, spool, clock), notes
        finally:
            writing.cancel()
            await asyncio.wait([writing])
            server.invite_probe()
            await spool.close()
