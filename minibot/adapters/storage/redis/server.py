"""The connection to a Redis server, and its errors in minibot's words."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    InvalidResponse,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoReply

from minibot.adapters.storage.redis.address import Address, client_of
from minibot.core.breaker import Breaker
from minibot.core.errors import StorageDamaged, StorageError, StorageUnavailable
from minibot.core.ports import Clock

CALL_SECONDS = 5.0
"""For one call with all that the client tries again."""

REST_SECONDS = 2.0
"""How long a server that did not answer is left alone."""

_REFUSED = (AuthenticationError, AuthorizationError)
_ABSENT = (NoConnection, NoReply, InvalidResponse, OSError)
_PASSING = (ClusterDownError, OutOfMemoryError, ReadOnlyError, TryAgainError)
_PASSING_CODES = ("BUSY ", "MISCONF ", "NOREPLICAS ", "OOM ", "READONLY ")
"""Of errors the client has no class for, or that an older server wraps because they rose in a
script."""


@asynccontextmanager
async def connect(address: Address, clock: Clock) -> AsyncIterator["RedisServer"]:
    """Give a server that answers; its connections are closed behind it.

    Raises:
        StorageUnavailable: it does not answer.
    """
    client = client_of(address)
    try:
        server = RedisServer(client, place=address.place, clock=clock)
        await server.ask("PING")
        yield server
    finally:
        await client.aclose(close_connection_pool=True)


class RedisServer:
    """Calls a server: bounded in time, in connections and in what is tried again.

    A call is repeated when the connection broke under it, so it may run twice there: whoever
    changes something sees to it that the second time changes nothing.
    """

    def __init__(self, client: Redis, *, place: str, clock: Clock) -> None:
        self._place = place
        self._client = client
        self._clock = clock
        self._breaker = Breaker(failures_allowed=1, recovery_seconds=REST_SECONDS)
        self._scripts: dict[str, AsyncScript] = {}

    def invite_probe(self) -> None:
        """Let the next call through, even when the server was away a moment ago."""
        self._breaker.invite_probe(self._clock.monotonic())

    async def ask(self, name: str, key: str = "", *values: str | int | bytes) -> Any:
        """Run a command; texts come back as bytes.

        Raises:
            StorageUnavailable: the server is away, or does not do it at the moment.
            StorageDamaged: what is under the key is not minibot's.
            StorageError: the server refused.
        """
        command = (name, key, *values) if key else (name,)
        execute: Callable[..., Awaitable[Any]] = self._client.execute_command
        return await self._call(lambda: execute(*command), about=key)

    async def run(self, script: str, keys: Sequence[str], *values: str | int | bytes) -> Any:
        """Run a Lua script, which is one step to everybody else; raises what `ask` does."""
        known = self._scripts.get(script)
        if known is None:
            known = self._scripts[script] = self._client.register_script(script)
        return await self._call(lambda: known(keys=list(keys), args=values), about=keys[0])

    async def _call(self, work: Callable[[], Awaitable[Any]], *, about: str) -> Any:
        if not self._breaker.admit(self._clock.monotonic()):
            raise StorageUnavailable(f"Redis at {self._place} does not answer")
        try:
            async with asyncio.timeout(CALL_SECONDS), _cancellable():
                answer = await work()
        except (RedisError, OSError) as error:
            if isinstance(error, _ABSENT):
                self._breaker.failed(self._clock.monotonic())
            else:
                self._breaker.succeeded()
            raise translate(error, place=self._place, about=about) from error
        except asyncio.CancelledError:
            self._breaker.abandoned(self._clock.monotonic())
            raise
        self._breaker.succeeded()
        return answer


@asynccontextmanager
async def _cancellable() -> AsyncIterator[None]:
    """Have a cancellation heard that was asked for inside.

    The client awaits by `asyncio.wait_for`, which before Python 3.12 forgets one that comes at
    the moment when it is done (python/cpython#86296).
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    yield
    if task and task.cancelling() > before:
        raise asyncio.CancelledError


def translate(error: RedisError | OSError, *, place: str, about: str) -> StorageError:
    """Give the error of minibot that tells a caller what can be done."""
    text = str(error)
    if _is_refusal(error):
        return StorageUnavailable(
            f"Redis at {place} refuses the password: see memory.redis.password in config.toml"
        )
    if isinstance(error, _ABSENT):
        return StorageUnavailable(
            f"Redis at {place} cannot be reached ({text or 'no answer in time'}): "
            "is it running, and is memory.redis.url in config.toml right?"
        )
    if "WRONGTYPE" in text:
        return StorageDamaged(
            f"Redis at {place} holds something that is not minibot's under {about} or a key "
            "that begins like it: rename or delete it"
        )
    if isinstance(error, NoPermissionError) or "user executing the script" in text:
        return StorageUnavailable(f"Redis at {place} does not allow minibot's user this: {text}")
    if isinstance(error, _PASSING) or any(code in text for code in _PASSING_CODES):
        return StorageUnavailable(f"Redis at {place} cannot do it at the moment: {text}")
    return StorageError(f"Redis at {place} refused: {text}")


def _is_refusal(error: BaseException | None) -> bool:
    # At a socket file the client wraps it in another error.
    while error is not None and not isinstance(error, _REFUSED):
        error = error.__cause__
    return error is not None
