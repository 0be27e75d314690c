"""The memory in Redis beside queues in a database."""

from pathlib import Path

import pytest

from minibot.adapters.storage import open_storage
from minibot.adapters.storage.redis import RedisStores
from minibot.core.errors import StorageUnavailable
from minibot.core.inbox import InboxState
from minibot.core.ports import TurnResult
from tests.contracts.redis_server import OwnRedis, RedisCorner
from tests.contracts.storages import a_chat, a_draft, admit_and_take, said
from tests.fakes import FakeClock

KEY = "telegram:42"


@pytest.fixture
def corner(server: OwnRedis) -> RedisCorner:
    return RedisCorner(server.url)


async def texts(stores: RedisStores, conversation: str = KEY) -> list[str]:
    return [entry.text for entry in await stores.history.recent(conversation, 100)]


async def test_turns_end_whether_the_server_is_there_or_not(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock, tmp_path: Path
) -> None:
    async with (
        corner.open(clock) as stores,
        open_storage(
            tmp_path / "minibot.db", clock=clock, history=stores.history, notes=stores.notes
        ) as storage,
    ):
        for number in range(4):
            item = await admit_and_take(storage, f"{number}")
            if number == 2:
                server.kill()
            result = TurnResult(
                item=item,
                state=InboxState.DONE,
                entries=(said(f"hello {number}"),),
                drafts=(a_draft(f"answer {number}"),),
                forget_history=number == 2,
            )
            (part,) = await storage.ledger.finish(result, claim_first=False)
            assert part.key == f"answer {number}"

        await storage.outbox.move_chat(a_chat(), "-1001")
        assert await texts(stores) == ["hello 2", "hello 3"]
        server.start()
        await clock.advance(5)

        assert await texts(stores, "telegram:-1001") == ["hello 2", "hello 3"]
        assert await stores.history.take_back("telegram:-1001") == 2
        exported = await storage.personal_data.export("telegram", "7")
        assert [entry.text for entry in exported.entries] == [f"hello {n}" for n in range(4)]
        assert await storage.personal_data.erase("telegram", "7") >= 4
        assert await texts(stores, "telegram:-1001") == []


async def test_erasing_in_an_outage_is_to_be_asked_for_again(
    server: OwnRedis, corner: RedisCorner, clock: FakeClock
) -> None:
    async with corner.open(clock) as stores:
        await stores.history.append(KEY, [said("before")], author="7")
        server.kill()
        await stores.history.append(KEY, [said("meanwhile")], author="7")

        with pytest.raises(StorageUnavailable):
            await stores.history.erase("telegram", "7")
        assert await texts(stores) == []
        server.start()
        await clock.advance(5)

        assert await stores.history.erase("telegram", "7") == 1
        assert await texts(stores) == []
