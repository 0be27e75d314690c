"""What conversations in Redis have beyond what every history has."""

import logging
from datetime import timedelta

import pytest

from minibot.adapters.storage.redis.stored_history import MOST_ENTRIES
from minibot.core.errors import StorageDamaged
from minibot.core.llm import Role, Utterance
from minibot.core.messages import ChatRef
from minibot.core.personal import ExportedEntry, Summary
from minibot.core.ports import History
from tests.contracts.redis_server import RedisCorner
from tests.contracts.storages import a_chat, said
from tests.fakes import START, FakeClock

KEY = "telegram:-42"
ENTRIES = "history:telegram%3A-42"
STATE = f"{ENTRIES}:state"


async def texts(history: History, conversation: str = KEY) -> list[str]:
    return [entry.text for entry in await history.recent(conversation, 1000)]


async def fill(
    history: History, *exchanges: str, conversation: str = KEY, author: str = ""
) -> None:
    for text in exchanges:
        answer = Utterance(role=Role.ASSISTANT, text=text.upper())
        await history.append(conversation, [said(text), answer], author=author)


async def test_every_key_of_a_conversation_is_forgotten_in_time(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock, ttl_seconds=100) as stores:
        await fill(stores.history, "a", "b", "c")
        await stores.history.put_away(KEY, keep=1)
        await stores.history.summarise(KEY, Summary(text="in short", through=6, untrusted=False))

        with corner.client() as client:
            left = {key: client.pttl(key) for key in corner.all_keys()}

    assert {key.removeprefix(corner.prefix) for key in left} == {ENTRIES, STATE, "conversations"}
    assert all(0 < milliseconds <= 100_000 for milliseconds in left.values())


async def test_a_word_makes_it_last_longer(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock, ttl_seconds=100) as stores:
        await fill(stores.history, "a")
        with corner.client() as client:
            for key in corner.all_keys():
                client.pexpire(key, 1_000)

            await fill(stores.history, "b")

            left = [client.pttl(key) for key in corner.all_keys()]

    assert len(left) == 3
    assert all(90_000 < milliseconds <= 100_000 for milliseconds in left)


async def test_reading_does_not_make_it_last_longer(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock, ttl_seconds=100) as stores:
        await fill(stores.history, "a", "b")
        with corner.client() as client:
            for key in corner.all_keys():
                client.pexpire(key, 50_000)

            await stores.history.recent(KEY, 10)
            await stores.history.search(KEY, "a", 10)
            await stores.history.put_away(KEY, keep=1)
            await stores.history.take_back(KEY)

            left = [client.pttl(key) for key in corner.all_keys()]

    assert all(0 < milliseconds <= 50_000 for milliseconds in left)


async def test_what_the_server_forgot_is_forgotten(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        with corner.client() as client:
            for key in corner.all_keys():
                client.pexpire(key, 0)

        assert await texts(stores.history) == []
        assert not await stores.history.exists(KEY)
        await stores.history.summarise(KEY, Summary(text="a secret", through=2, untrusted=False))
        assert await stores.history.summary(KEY) is None
        assert await stores.history.put_away(KEY) == 0
        assert corner.all_keys() == []


async def test_too_many_entries_push_the_oldest_out(corner: RedisCorner, clock: FakeClock) -> None:
    many = [said(str(number)) for number in range(MOST_ENTRIES)]
    async with corner.open(clock) as stores:
        await stores.history.append(KEY, many)
        await stores.history.put_away(KEY)
        await stores.history.append(KEY, [said("one more")])

        info = await stores.history.info(KEY)

    assert (info.entries, info.put_away) == (1, MOST_ENTRIES - 1)


async def test_exchanges_that_cannot_come_back_take_no_room(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        await stores.history.put_away(KEY)
        await stores.history.append(KEY, [said(str(number)) for number in range(MOST_ENTRIES)])
        await stores.history.put_away(KEY)

        with corner.client() as client:
            places = client.hget(corner.prefix + STATE, "away")

        assert places == b"%d" % (MOST_ENTRIES + 2)
        assert await stores.history.take_back(KEY) == MOST_ENTRIES
        assert await stores.history.take_back(KEY) == 0


async def test_garbage_in_a_conversation_is_skipped_and_reported(
    corner: RedisCorner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        with corner.client() as client:
            for number, garbage in enumerate((b"\xff\xfe", b"7 []", b'8 ["user",1,2,3,4,5,6]')):
                client.zadd(corner.prefix + ENTRIES, {garbage: 2.5 + number / 10})
            client.hset(corner.prefix + STATE, "through", "soon")
            client.hset(corner.prefix + STATE, "summary", b"\xff")
            client.hset(corner.prefix + STATE, "away", "garbage")
        await fill(stores.history, "b")

        assert await texts(stores.history) == ["a", "A", "b", "B"]
        assert [found.text for found in await stores.history.search(KEY, "b", 10)] == ["B", "b"]
        assert await stores.history.summary(KEY) is None
        assert (await stores.history.info(KEY)).exchanges >= 2
        assert len((await stores.history.unsummarised(KEY, keep=1, limit=9)).entries) == 2

    warning = caplog.records[0]
    assert warning.levelno == logging.WARNING
    assert corner.prefix + ENTRIES in vars(warning).values()
    assert 3 in vars(warning).values()


@pytest.mark.parametrize("key", [ENTRIES, STATE])
async def test_key_of_another_kind_breaks_no_turn(
    key: str, corner: RedisCorner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with corner.open(clock) as stores:
        with corner.client() as client:
            client.set(corner.prefix + key, "not ours")

        await fill(stores.history, "a")
        assert await texts(stores.history) == ["a", "A"]
        assert (await stores.history.unsummarised(KEY, keep=0, limit=9)).entries == ()
        with pytest.raises(StorageDamaged, match=f"{ENTRIES}.*rename or delete"):
            await stores.history.info(KEY)
        with corner.client() as client:
            assert client.get(corner.prefix + key) == b"not ours"
            client.delete(corner.prefix + key)
        await fill(stores.history, "b")

        assert await texts(stores.history) == ["b", "B"]

    assert [record.levelno for record in caplog.records][0] == logging.ERROR


async def test_same_words_at_the_same_moment_are_kept_twice(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await stores.history.append(KEY, [said("yes"), said("yes")])

        assert await texts(stores.history) == ["yes", "yes"]


async def test_conversation_outlives_the_process(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a", "b")
        await stores.history.put_away(KEY, keep=1)

    async with corner.open(clock) as stores:
        assert await texts(stores.history) == ["b", "B"]
        assert await stores.history.take_back(KEY) == 2


async def test_chats_that_become_one_keep_their_order(
    corner: RedisCorner, clock: FakeClock
) -> None:
    new = "telegram:-1001"
    async with corner.open(clock) as stores:
        await fill(stores.history, "a", "b", "c")
        await stores.history.put_away(KEY, keep=2)
        await stores.history.summarise(KEY, Summary(text="b", through=4, untrusted=True))
        await fill(stores.history, "d", conversation=new)
        await stores.history.summarise(new, Summary(text="d", through=2, untrusted=False))

        await stores.history.move_chat(a_chat("-42"), "-1001")

        assert await texts(stores.history, new) == ["b", "B", "c", "C", "d", "D"]
        assert await stores.history.summary(new) == Summary(text="b", through=4, untrusted=True)
        left = await stores.history.unsummarised(new, keep=0, limit=10)
        assert [entry.text for entry in left.entries] == ["c", "C", "d", "D"]
        assert await stores.history.take_back(new) == 2
        await fill(stores.history, "e")  # by the old name
        assert (await texts(stores.history, new))[-1] == "E"

    assert not [key for key in corner.all_keys() if "%3A-42" in key]


async def test_what_was_put_away_stays_so_when_chats_become_one(
    corner: RedisCorner, clock: FakeClock
) -> None:
    new = "telegram:-1001"
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        await fill(stores.history, "b", conversation=new)
        await stores.history.put_away(new)
        await fill(stores.history, "c", conversation=new)

        await stores.history.move_chat(a_chat("-42"), "-1001")

        assert await texts(stores.history, new) == ["c", "C"]
        assert await stores.history.take_back(new) == 4


async def test_threads_move_with_their_chat(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as stores:
        for conversation in ("telegram:-42:7", "telegram:-420", "slack:-42"):
            await fill(stores.history, "a", conversation=conversation)

        await stores.history.move_chat(a_chat("-42"), "-1001")

        assert await texts(stores.history, "telegram:-1001:7") == ["a", "A"]
        assert await texts(stores.history, "telegram:-420") == ["a", "A"]
        assert await texts(stores.history, "slack:-42") == ["a", "A"]


async def test_chat_that_moves_twice_and_back_is_found(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        await stores.history.move_chat(a_chat("-42"), "-43")
        await stores.history.move_chat(a_chat("-43"), "-44")
        assert await texts(stores.history, KEY) == ["a", "A"]

        await stores.history.move_chat(ChatRef(channel="telegram", chat_id="-44"), "-42")

        assert await texts(stores.history, KEY) == ["a", "A"]
        assert await texts(stores.history, "telegram:-44") == ["a", "A"]


async def test_export_is_all_that_was_said_by_a_person_and_to_them(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "mine", author="7")
        await clock.advance(1)
        await fill(stores.history, "private", conversation="telegram:7:1")
        await stores.history.put_away("telegram:7:1")
        await clock.advance(1)
        await fill(stores.history, "theirs", author="8")
        await fill(stores.history, "mine again", author="7")
        await fill(stores.history, "elsewhere", conversation="slack:-42", author="7")

        entries = (await stores.history.export("telegram", "7")).entries

    assert [entry.text for entry in entries] == [
        *("mine", "MINE"),
        *("private", "PRIVATE"),
        *("mine again", "MINE AGAIN"),
    ]
    assert entries[3] == ExportedEntry(
        conversation="telegram:7:1",
        role=Role.ASSISTANT,
        text="PRIVATE",
        written_at=START + timedelta(seconds=1),
        put_away=True,
    )
    assert not entries[0].put_away


async def test_erasing_leaves_what_others_said(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "mine", author="7")
        await fill(stores.history, "theirs", author="8")
        await fill(stores.history, "private", conversation="telegram:7", author="7")
        await fill(stores.history, "topic", conversation="telegram:7:1")
        await fill(stores.history, "elsewhere", conversation="slack:7", author="7")
        await stores.history.summarise(KEY, Summary(text="all", through=2, untrusted=False))

        assert await stores.history.erase("telegram", "7") == 6

        assert await texts(stores.history) == ["theirs", "THEIRS"]
        assert await stores.history.summary(KEY) is None
        assert await texts(stores.history, "slack:7") == ["elsewhere", "ELSEWHERE"]
        assert await stores.history.erase("telegram", "7") == 0

    assert not [key for key in corner.all_keys() if "telegram%3A7" in key]
    with corner.client() as client:
        left = client.zrange(f"{corner.prefix}conversations", 0, -1)
    assert sorted(left) == [b"slack:7", b"telegram:-42"]


async def test_since_is_when_the_oldest_that_is_shown_was_said(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        await clock.advance(60)
        await fill(stores.history, "b")
        await stores.history.put_away(KEY, keep=1)

        assert (await stores.history.info(KEY)).since == START + timedelta(seconds=60)


async def test_names_of_silent_conversations_are_forgotten(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a")
        with corner.client() as client:
            client.zadd(f"{corner.prefix}conversations", {KEY: 1})

            await fill(stores.history, "b", conversation="telegram:1")

            assert client.zrange(f"{corner.prefix}conversations", 0, -1) == [b"telegram:1"]


async def test_summary_that_was_put_away_comes_back(corner: RedisCorner, clock: FakeClock) -> None:
    first = Summary(text="about a", through=2, untrusted=True)
    async with corner.open(clock) as stores:
        await fill(stores.history, "a", "b")
        await stores.history.summarise(KEY, first)
        await stores.history.put_away(KEY)
        await fill(stores.history, "c")
        await stores.history.summarise(KEY, Summary(text="about c", through=6, untrusted=False))

        await stores.history.take_back(KEY)

        assert await stores.history.summary(KEY) == first


async def test_erasing_takes_summaries_along_that_are_put_away(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await fill(stores.history, "a", author="8")
        await fill(stores.history, "secret", author="7")
        await stores.history.summarise(KEY, Summary(text="secret", through=4, untrusted=False))
        await stores.history.put_away(KEY)

        await stores.history.erase("telegram", "7")

        assert await stores.history.take_back(KEY) == 2
        assert await stores.history.summary(KEY) is None
        with corner.client() as client:
            assert b"secret" not in client.hvals(corner.prefix + STATE)
