"""The door to the memory in Redis. Does not need the client's library until it is opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from minibot.adapters.storage.storage import DetachedHistory
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.ports import Clock, Notes
from minibot.core.settings import RedisMemory

PREFIX = "minibot:"
"""What every key begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisStores:
    """What is kept in Redis. The history is told when a chat moves, and tells the notes."""

    history: DetachedHistory
    notes: Notes


@asynccontextmanager
async def open_redis_memory(
    settings: RedisMemory, *, clock: Clock, prefix: str = PREFIX
) -> AsyncIterator[RedisStores]:
    """Connect to the server; at the end, try to write what still waits for it, and leave.

    Raises:
        ConfigurationError: the client is not installed, or the address cannot be used.
        StorageUnavailable: the server does not answer, or refuses the password.
    """
    try:
        from minibot.adapters.storage.redis.assembly import assemble  # an optional extra
    except ModuleNotFoundError as error:
        if not _is_extra(error):
            raise
        raise ConfigurationError("config.toml", [_WITHOUT_EXTRA]) from error
    async with assemble(settings, clock=clock, prefix=prefix) as (history, notes):
        yield RedisStores(history=history, notes=notes)


def problems_with(settings: RedisMemory) -> tuple[Problem, ...]:
    """Say what keeps the memory from being opened, as far as that shows without connecting."""
    try:
        from minibot.adapters.storage.redis.address import address_of, client_of

        client_of(address_of(settings))
    except ModuleNotFoundError as error:
        if not _is_extra(error):
            raise
        return (_WITHOUT_EXTRA,)
    except ConfigurationError as error:
        return error.problems
    return ()


def _is_extra(error: ModuleNotFoundError) -> bool:
    return (error.name or "").partition(".")[0] == "redis"


_WITHOUT_EXTRA = Problem(
    key="memory.backend",
    message='memory.backend = "redis" needs the extra: pip install "minibot[redis]"',
)
