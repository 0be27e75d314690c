"""A Redis server for tests: the one that is there, or one of a test's own.

`TEST_REDIS_URL` names the one that is there. Every test has keys of its own in it,
which expire, so that tests may run side by side and leave nothing.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from minibot.adapters.storage.redis import RedisStores, open_redis_memory
from minibot.adapters.storage.redis.address import address_of
from minibot.adapters.storage.redis.keys import Keys
from minibot.adapters.storage.redis.notes import MOST_NOTES, RedisNotes
from minibot.adapters.storage.redis.server import connect
from minibot.core.notes import MAX_NOTES
from minibot.core.ports import Clock, History, Notes
from minibot.core.settings import RedisMemory
from tests.contracts.storages import ManualClock

VARIABLE = "TEST_REDIS_URL"
"""Does not begin with MINIBOT_, or minibot would take it for a key of its configuration."""
DEFAULT_URL = "redis://127.0.0.1:6379/15"
PROBE_SECONDS = 0.5
LEFTOVERS_MS = 120_000
STARTING_SECONDS = 20.0


class RedisCorner:
    """Keys of their own in a server, where a memory can be opened, closed and opened again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.prefix = f"minibot-test:{uuid4().hex}:"

    @asynccontextmanager
    async def open(
        self, clock: Clock, *, ttl_seconds: int = 3600, password: str = ""
    ) -> AsyncIterator[RedisStores]:
        settings = RedisMemory.model_validate(
            {"url": self.url, "ttl_seconds": ttl_seconds, "password": password}
        )
        async with open_redis_memory(settings, clock=clock, prefix=self.prefix) as stores:
            yield stores

    def client(self) -> Redis:
        """Give a client to look behind the scenes with; to be closed."""
        return client_of(self.url)

    def all_keys(self) -> list[str]:
        with self.client() as client:
            found = client.scan_iter(match=f"{self.prefix}*", count=10_000)
            return sorted(key.decode() for key in found)

    def leave(self, *, expire_ms: int = 0) -> None:
        """Have what is left expire."""
        keys = self.all_keys()
        with self.client() as client, client.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.pexpire(key, expire_ms)
            pipeline.execute()


class RedisNoteHome:
    """Notes in the server that is there; the test is skipped when there is none."""

    def __init__(self, _folder: Path) -> None:
        self._corner = RedisCorner(require_redis())

    @asynccontextmanager
    async def open(self, *, most: int = MAX_NOTES) -> AsyncIterator[Notes]:
        corner = self._corner
        address = address_of(RedisMemory(url=corner.url))
        async with connect(address, ManualClock()) as server:
            yield RedisNotes(server, Keys(corner.prefix), most=min(most, MOST_NOTES))
        corner.leave(expire_ms=LEFTOVERS_MS)


@asynccontextmanager
async def redis_history(_folder: Path, clock: ManualClock) -> AsyncIterator[History]:
    with redis_corner() as corner:
        async with corner.open(clock) as stores:
            yield stores.history


@contextmanager
def redis_corner() -> Iterator[RedisCorner]:
    """Give a corner of the server that is there; skip the test when there is none."""
    corner = RedisCorner(require_redis())
    yield corner
    corner.leave()


def require_redis() -> str:
    """Give the address of a server that answers; skip the test when there is none."""
    url = os.environ.get(VARIABLE, DEFAULT_URL)
    if not _answers(url):
        asked = VARIABLE if VARIABLE in os.environ else DEFAULT_URL
        pytest.skip(
            f"no Redis server answers at {asked}: start one with `redis-server` "
            f"(apt-get install redis-server), or name one in {VARIABLE}"
        )
    return url


@cache
def _answers(url: str) -> bool:
    """Ask once a process, so that a server that is away costs nothing."""
    try:
        with client_of(url) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def client_of(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=STARTING_SECONDS,
        socket_connect_timeout=PROBE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


class OwnRedis:
    """A server that a test may kill. It is at a socket file, so no port is taken."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command: Sequence[str] = (
            _binary(),
            *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(self._folder)),
            # What is written survives a kill, so that nothing but the outage is to be seen.
            *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            *self._options,
        )
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
        deadline = time.monotonic() + STARTING_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError((self._folder / "log").read_text())

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.socket.unlink(missing_ok=True)

    def _is_ready(self) -> bool:
        # Whether it asks for a password or not: it answers.
        try:
            with client_of(self.url) as client:
                client.ping()
        except RedisError as error:
            return "uthentication" in str(error)
        return True


@contextmanager
def own_redis(*options: str) -> Iterator[OwnRedis]:
    """Give a server that runs; skip the test when none is installed."""
    _binary()
    # pytest's folders have names too long for a socket.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = OwnRedis(Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _binary() -> str:
    found = shutil.which("redis-server")
    if found is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    return found
