"""What a server refuses is told apart: for now, for good, or because it is not ours."""

import asyncio

import pytest
from redis.exceptions import ResponseError

from minibot.adapters.storage.redis.address import CONNECTIONS
from minibot.adapters.storage.redis.server import translate
from minibot.core.errors import StorageDamaged, StorageError, StorageUnavailable
from tests.contracts.note_stores import a_note
from tests.contracts.redis_server import OwnRedis, RedisCorner
from tests.contracts.storages import said
from tests.fakes import FakeClock

KEY = "telegram:42"


@pytest.fixture
def corner(server: OwnRedis) -> RedisCorner:
    return RedisCorner(server.url)


@pytest.mark.parametrize(
    ("refuse", "allow"),
    [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        ("ACL SETUSER default -@write", "ACL SETUSER default +@all"),
        ("ACL SETUSER default -zadd", "ACL SETUSER default +@all"),
    ],
)
async def test_server_that_takes_nothing_for_now_is_waited_for(
    refuse: str, allow: str, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await stores.history.append(KEY, [said("a")])
        with corner.client() as client:
            client.execute_command(refuse)

            await stores.history.append(KEY, [said("b")])
            during = await stores.history.recent(KEY, 9)
            with pytest.raises(StorageUnavailable, match=f"^Redis at {corner.url[7:]} "):
                await stores.history.info(KEY)
            client.execute_command(allow)
            with client.pipeline() as pipeline:
                assert pipeline.keys("*:history:*42").execute() != [[]]

        assert [entry.text for entry in during] == ["a", "b"]
        assert (await stores.history.info(KEY)).entries == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BUSY Redis is busy running a script.", StorageUnavailable),
        ("MISCONF Errors writing to the AOF file", StorageUnavailable),
        ("NOREPLICAS Not enough good replicas to write.", StorageUnavailable),
        ("ERR Error running script: -OOM command not allowed", StorageUnavailable),
        ("ERR Error running script: WRONGTYPE Operation against a key", StorageDamaged),
        ("ERR unknown command", StorageError),
    ],
)
def test_codes_the_client_has_no_class_for_are_known(text: str, kind: type[StorageError]) -> None:
    error = translate(ResponseError(text), place="host:6379/0", about="minibot:owners")

    assert type(error) is kind
    assert str(error).startswith("Redis at host:6379/0 ")


async def test_connections_are_few(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as stores:
        async with asyncio.TaskGroup() as tasks:
            for number in range(100):
                tasks.create_task(stores.history.append(f"telegram:{number}", [said("a")]))
                tasks.create_task(stores.notes.save(a_note(f"note {number}")))
        with corner.client() as client:
            connected = len(client.client_list())

        assert 1 < connected <= CONNECTIONS + 1
        assert (await stores.notes.search("telegram:1", "", limit=1)).total == 100


async def test_scripts_a_restarted_server_forgot_are_sent_again(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await stores.history.append(KEY, [said("a")])
        with corner.client() as client:
            client.script_flush()
        await stores.history.append(KEY, [said("b")])

        assert (await stores.history.info(KEY)).entries == 2
