"""What notes in Redis have beyond what all notes have."""

import asyncio
import logging

import pytest

from minibot.adapters.storage.redis.note_scripts import OUTCOME_MS
from minibot.core.errors import StorageDamaged
from minibot.core.ports import Notes
from tests.contracts.note_stores import a_note
from tests.contracts.redis_server import RedisCorner
from tests.contracts.storages import a_chat
from tests.fakes import FakeClock

OWNER = "telegram:1"
NOTES = "notes:telegram%3A1"


async def titles(notes: Notes, query: str = "", owner: str = OWNER) -> list[str]:
    page = await notes.search(owner, query, limit=100)
    return [note.title for note in page.notes]


async def test_notes_stay(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock, ttl_seconds=1) as stores:
        await stores.notes.save(a_note("tea"))

        with corner.client() as client:
            left = {key.removeprefix(corner.prefix): client.pttl(key) for key in corner.all_keys()}

    assert left.pop(NOTES) == -1
    assert left.pop("owners") == -1
    ((outcome, milliseconds),) = left.items()
    assert outcome.startswith("outcome:")
    assert 0 < milliseconds <= OUTCOME_MS


async def test_nothing_is_left_of_an_owner_without_notes(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await stores.notes.save(a_note("tea"))
        await stores.notes.delete(OWNER, "TEA")
        await stores.notes.save(a_note("tea"))
        await stores.notes.save(a_note("milk"))
        assert await stores.notes.clear(OWNER) == 2

    assert not [key for key in corner.all_keys() if "outcome" not in key]


async def test_searching_sees_what_another_process_saved(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as here, corner.open(clock) as there:
        await here.notes.save(a_note("tea"))
        assert await titles(there.notes) == ["tea"]

        await here.notes.save(a_note("milk"))
        assert await titles(there.notes) == ["milk", "tea"]
        await here.notes.delete(OWNER, "tea")
        assert await titles(there.notes) == ["milk"]
        await here.notes.clear(OWNER)
        assert await titles(there.notes) == []
        await here.notes.save(a_note("rice"))
        assert await titles(there.notes) == ["rice"]


async def test_two_who_save_at_once_lose_nothing(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as here, corner.open(clock) as there:
        async with asyncio.TaskGroup() as tasks:
            for number in range(20):
                notes = (here if number % 2 else there).notes
                tasks.create_task(notes.save(a_note(f"note {number}")))

        assert len(await titles(here.notes)) == 20


async def test_garbage_among_notes_is_skipped_and_reported(
    corner: RedisCorner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    garbage = (b"", b"\xff", b"1 2 {}", b"1 2 [1,2,3,4]", b'x y ["a","b",0,""]', b"7 [")
    async with corner.open(clock) as stores:
        await stores.notes.save(a_note("tea"))
        with corner.client() as client:
            for number, value in enumerate(garbage):
                client.hset(corner.prefix + NOTES, f"garbage {number}", value)

        assert await titles(stores.notes) == ["tea"]
        assert await stores.notes.get(OWNER, "garbage 3") is None
        assert await stores.notes.save(a_note("garbage 3")) is None
        assert await titles(stores.notes) == ["garbage 3", "tea"]

    assert {record.levelno for record in caplog.records} == {logging.WARNING}


async def test_key_of_another_kind_is_named_and_left_alone(
    corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        with corner.client() as client:
            client.lpush(corner.prefix + NOTES, "not ours")

        for asked in (
            stores.notes.save(a_note("tea")),
            stores.notes.get(OWNER, "tea"),
            stores.notes.search(OWNER, "tea", limit=1),
            stores.notes.clear(OWNER),
        ):
            with pytest.raises(StorageDamaged, match=f"{NOTES}.*rename or delete"):
                await asked

    with corner.client() as client:
        assert client.lrange(corner.prefix + NOTES, 0, -1) == [b"not ours"]


async def test_notes_follow_their_chat(corner: RedisCorner, clock: FakeClock) -> None:
    async with corner.open(clock) as stores:
        for owner, title in (
            ("telegram:1@-42", "tea"),
            ("telegram:1@-42", "rules"),
            ("telegram:1@-1001", "Rules"),
            ("telegram:1@-420", "other"),
            ("slack:1@-42", "elsewhere"),
            (OWNER, "private"),
        ):
            await stores.notes.save(a_note(title, owner=owner))

        await stores.history.move_chat(a_chat("-42"), "-1001")

        assert sorted(await titles(stores.notes, owner="telegram:1@-1001")) == ["Rules", "tea"]
        assert await titles(stores.notes, owner="telegram:1@-42") == ["rules"]
        assert await titles(stores.notes, owner="telegram:1@-420") == ["other"]
        assert await titles(stores.notes, owner="slack:1@-42") == ["elsewhere"]
        assert await titles(stores.notes) == ["private"]
        await stores.notes.save(a_note("newest", owner="telegram:1@-1001"))
        assert (await titles(stores.notes, owner="telegram:1@-1001"))[0] == "newest"
