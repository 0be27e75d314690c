"""What goes wrong at start is said clearly, and the password never."""

import asyncio
import subprocess
import sys

import pytest

from minibot.adapters.storage.redis import open_redis_memory
from minibot.core.errors import ConfigurationError, StorageUnavailable
from minibot.core.settings import RedisMemory
from tests.contracts.redis_server import OwnRedis, RedisCorner, own_redis
from tests.contracts.storages import said
from tests.fakes import FakeClock

PASSWORD = "p4ss/w0rd:@x"

WITHOUT_CLIENT = """
import asyncio, sys
sys.modules["redis"] = None  # as if it were not installed
from minibot.adapters.clock import SystemClock
from minibot.adapters.storage.redis import open_redis_memory
from minibot.core.errors import ConfigurationError
from minibot.core.settings import RedisMemory

async def main():
    async with open_redis_memory(RedisMemory(), clock=SystemClock()):
        print("opened")

try:
    asyncio.run(main())
except ConfigurationError as error:
    print(error)
"""


async def refusal(url: str, clock: FakeClock, password: str = "") -> str:
    settings = RedisMemory.model_validate({"url": url, "password": password})
    with pytest.raises((ConfigurationError, StorageUnavailable)) as caught:
        async with open_redis_memory(settings, clock=clock):
            pass
    return str(caught.value)


def test_without_the_client_the_extra_is_named() -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", WITHOUT_CLIENT], capture_output=True, text=True, check=True
    )

    assert done.stdout == (
        "config.toml: memory.backend: "
        'memory.backend = "redis" needs the extra: pip install "minibot[redis]"\n'
    )


async def test_server_that_is_not_there_is_named(clock: FakeClock) -> None:
    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()

    text = await refusal(f"redis://ann:{PASSWORD[:4]}@127.0.0.1:{port}/3", clock)

    assert text.startswith(f"Redis at 127.0.0.1:{port}/3 cannot be reached (")
    assert text.endswith("is it running, and is memory.redis.url in config.toml right?")
    assert PASSWORD[:4] not in text


async def test_something_else_at_the_port_is_no_server(clock: FakeClock) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        text = await refusal(f"redis://127.0.0.1:{port}/0", clock)

    assert text.startswith(f"Redis at 127.0.0.1:{port}/0 cannot be reached (")


async def test_password_opens_the_door(clock: FakeClock) -> None:
    with own_redis("--requirepass", PASSWORD) as server:
        corner = RedisCorner(server.url)
        async with corner.open(clock, password=PASSWORD) as stores:
            await stores.history.append("telegram:42", [said("a")])
            assert await stores.history.exists("telegram:42")


@pytest.mark.parametrize("password", ["", "wrong-password"])
async def test_wrong_password_is_said_and_not_shown(
    password: str, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with own_redis("--requirepass", PASSWORD) as server:
        text = await refusal(server.url, clock, password)

    assert text == (
        f"Redis at {server.socket} refuses the password: see memory.redis.password in config.toml"
    )
    assert "wrong-password" not in caplog.text


async def test_password_of_its_own_goes_before_the_one_in_the_url(
    clock: FakeClock, server: OwnRedis
) -> None:
    with own_redis("--requirepass", PASSWORD) as closed:
        corner = RedisCorner(f"{closed.url}?password=other")
        async with corner.open(clock, password=PASSWORD) as stores:
            assert not await stores.history.exists("telegram:42")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis://:secret/x@host", "is no address of a Redis server"),
        ("redis://host:port", "is no address of a Redis server"),
        ("redis://[::1", "is no address of a Redis server"),
        ("redis://host/zero", "must end with the number of a database, such as /0"),
        ("redis://host/0?colour=red", "has a parameter no connection takes"),
        ("redis://host/0?socket_timeout=secret", "is no address of a Redis server"),
    ],
)
async def test_address_that_cannot_be_used_is_refused(url: str, why: str, clock: FakeClock) -> None:
    text = await refusal(url, clock)

    assert text.startswith(f"config.toml: memory.redis.url: {why}")
    assert "secret" not in text
