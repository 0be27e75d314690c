"""The server is killed, and comes back, while it is in use."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from minibot.adapters.storage.redis import RedisStores
from minibot.adapters.storage.redis.server import REST_SECONDS
from minibot.core.errors import StorageUnavailable
from minibot.core.llm import Role, Utterance
from minibot.core.personal import Summary
from minibot.core.ports import History
from tests.contracts.note_stores import a_note
from tests.contracts.redis_server import OwnRedis, RedisCorner
from tests.contracts.storages import a_chat, said
from tests.fakes import FakeClock, until

KEY = "telegram:42"


@pytest.fixture
def corner(server: OwnRedis) -> RedisCorner:
    return RedisCorner(server.url)


async def talk(history: History, text: str, conversation: str = KEY) -> None:
    answer = Utterance(role=Role.ASSISTANT, text=text.upper())
    await history.append(conversation, [said(text), answer], author="7")


async def texts(history: History, conversation: str = KEY) -> list[str]:
    return [entry.text for entry in await history.recent(conversation, 100)]


async def come_back(server: OwnRedis, clock: FakeClock) -> None:
    server.start()
    await clock.advance(REST_SECONDS)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name.startswith("minibot")]


async def test_restart_between_two_calls_is_not_noticed(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with corner.open(clock) as stores:
        await talk(stores.history, "a")
        await stores.notes.save(a_note("tea"))
        server.kill()
        server.start()

        assert await texts(stores.history) == ["a", "A"]
        assert await stores.notes.get("telegram:1", "tea") == a_note("tea")

    assert messages(caplog) == []


async def test_conversation_goes_on_through_an_outage(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with corner.open(clock) as stores:
        await talk(stores.history, "a")
        await stores.history.summarise(KEY, Summary(text="short", through=2, untrusted=True))
        summary = await stores.history.summary(KEY)
        server.kill()

        await talk(stores.history, "b")
        await talk(stores.history, "c")
        during = await texts(stores.history)
        assert await stores.history.summary(KEY) == summary != None  # noqa: E711
        assert await stores.history.exists(KEY)
        assert not await stores.history.exists("telegram:43")
        assert (await stores.history.unsummarised(KEY, keep=0, limit=9)).entries == ()
        await come_back(server, clock)

        assert during == ["a", "A", "b", "B", "c", "C"]
        assert await texts(stores.history) == during

    async with corner.open(clock) as stores:
        assert await texts(stores.history) == during
    assert messages(caplog) == [
        "Redis is away: conversations go on with what is known of them",
        "Redis is back, and nothing waits any more",
    ]


async def test_what_waits_is_written_though_nobody_asks(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        server.kill()
        await talk(stores.history, "a")
        await talk(stores.history, "b", "telegram:43")
        await until(lambda: clock.naps == [1.0])
        await clock.advance(1)  # the server is left alone for longer than that
        await until(lambda: clock.naps == [2.0])
        server.start()

        await clock.advance(2)

        with corner.client() as client:
            entries = f"{corner.prefix}history:telegram%3A42"
            await until(lambda: client.zcard(entries) == 2)
            await until(lambda: client.zcard(f"{entries[:-1]}3") == 2)
        assert await texts(stores.history) == ["a", "A"]


async def test_process_that_ends_writes_what_waits(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        server.kill()
        await talk(stores.history, "a")
        server.start()

    async with corner.open(clock) as stores:
        assert await texts(stores.history) == ["a", "A"]


async def test_process_that_ends_in_an_outage_says_what_is_lost(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with corner.open(clock) as stores:
        server.kill()
        await talk(stores.history, "secret words")

    assert messages(caplog)[-1] == "entries are lost: Redis did not come back"
    assert 2 in vars(caplog.records[-1]).values()
    assert "secret" not in caplog.text + str([vars(record) for record in caplog.records])


async def test_putting_away_waits_in_its_place(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await talk(stores.history, "a")
        await texts(stores.history)
        server.kill()
        await talk(stores.history, "b")

        assert await stores.history.put_away(KEY) == 4
        assert await texts(stores.history) == []
        await talk(stores.history, "c")
        assert await texts(stores.history) == ["c", "C"]
        await come_back(server, clock)

        assert await texts(stores.history) == ["c", "C"]
        assert await stores.history.take_back(KEY) == 4
        assert await texts(stores.history) == ["a", "A", "b", "B", "c", "C"]


async def test_chat_that_moves_in_an_outage_takes_all_along(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    new = "telegram:-1001"
    async with corner.open(clock) as stores:
        await talk(stores.history, "a")
        await stores.notes.save(a_note("tea", owner="telegram:7@42"))
        server.kill()
        await talk(stores.history, "b")
        await stores.history.move_chat(a_chat(), "-1001")
        await talk(stores.history, "c", new)
        await talk(stores.history, "d")  # by the old name
        during = await texts(stores.history, new)
        await come_back(server, clock)

        assert during == ["a", "A", "b", "B", "c", "C", "d", "D"]
        assert await texts(stores.history, new) == during
        assert await stores.notes.owners("telegram:7") == ["telegram:7@-1001"]

    async with corner.open(clock) as stores:
        assert await texts(stores.history, new) == during
        assert await texts(stores.history) == []


async def test_what_has_to_be_whole_is_refused(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        history, notes = stores.history, stores.notes
        await talk(history, "a")
        server.kill()
        summary = Summary(text="", through=1, untrusted=False)
        for asked in (
            history.info(KEY),
            history.search(KEY, "a", 1),
            history.take_back(KEY),
            history.summarise(KEY, summary),
            history.erase("telegram", "7"),
            history.export("telegram", "7"),
            notes.save(a_note("tea")),
            notes.get("telegram:1", "tea"),
            notes.delete("telegram:1", "tea"),
            notes.search("telegram:1", "", limit=1),
            notes.owners("telegram:1"),
            notes.clear("telegram:1"),
        ):
            with pytest.raises(StorageUnavailable, match="Redis at .* (reached|answer)"):
                await asked


async def test_silence_longer_than_the_memory_ends_a_conversation_in_an_outage(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock, ttl_seconds=100) as stores:
        await talk(stores.history, "a")
        server.kill()
        await talk(stores.history, "b")
        await clock.advance(99)
        assert await texts(stores.history) == ["a", "A", "b", "B"]
        await clock.advance(1)
        assert await texts(stores.history) == []
        with corner.client() as client:
            server.start()
            client.flushall()  # its own clock says the same, but nobody waits for it
        await clock.advance(REST_SECONDS)
        await talk(stores.history, "c")

        assert await texts(stores.history) == ["c", "C"]


async def test_answer_that_got_lost_is_not_written_twice(
    corner: RedisCorner, clock: FakeClock, server: OwnRedis
) -> None:
    async with connection_losing_answers(server) as url, _through(url, corner, clock) as stores:
        await talk(stores.history, "a")
        await stores.notes.save(a_note("tea", "one"))
        previous = await stores.notes.save(a_note("tea", "two"))
        gone = await stores.history.put_away(KEY)
        await talk(stores.history, "b")

        assert previous is not None
        assert previous.data == "one"
        assert gone == 2
        assert await texts(stores.history) == ["b", "B"]
        assert await stores.history.take_back(KEY) == 2
        assert await texts(stores.history) == ["a", "A", "b", "B"]
        deleted = await stores.notes.delete("telegram:1", "tea")
        assert deleted is not None
        assert deleted.data == "two"


async def test_cancelled_caller_loses_nothing(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await talk(stores.history, "a")
        talking = asyncio.create_task(talk(stores.history, "b"))
        await asyncio.sleep(0)
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        await talk(stores.history, "c")

        assert await texts(stores.history) == ["a", "A", "b", "B", "c", "C"]


@asynccontextmanager
async def _through(url: str, corner: RedisCorner, clock: FakeClock) -> AsyncIterator[RedisStores]:
    other_way = RedisCorner(url)
    other_way.prefix = corner.prefix
    async with other_way.open(clock) as stores:
        yield stores


@asynccontextmanager
async def connection_losing_answers(server: OwnRedis) -> AsyncIterator[str]:
    """Give the address of a way to the server on which the first answer to every change that
    is new gets lost: the server does it, and the connection breaks before it says so."""
    seen: set[bytes] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(str(server.socket))
        try:
            while command := await reader.read(65536):
                back.write(command)
                answer = await there.read(65536)
                if b"EVALSHA" in command and command not in seen and not answer.startswith(b"-"):
                    seen.add(command)
                    return
                writer.write(answer)
        finally:
            for each in (writer, back):
                each.close()
                await each.wait_closed()

    listening = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"redis://127.0.0.1:{port}/0"
