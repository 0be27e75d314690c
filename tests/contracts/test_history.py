"""What every history must do."""

from collections.abc import AsyncIterator

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import UnknownConversation
from minibot.core.llm import Role, ToolCall, Utterance
from tests.contracts.storages import Home, a_chat, an_arrival, said

KEY = "telegram:42"


@pytest.fixture
async def storage(home: Home) -> AsyncIterator[Storage]:
    async with home.open() as opened:
        await opened.inbox.admit([an_arrival("1"), an_arrival("2", a_chat("43"))])
        yield opened


async def test_entries_come_back_whole_and_in_order(storage: Storage) -> None:
    call = ToolCall(id="c1", name="clock", arguments='{"zone": "UTC"}')
    entries = [
        said("what time is it? ⏰"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(call,)),
        Utterance(role=Role.TOOL, text="12:00", tool_call_id="c1"),
        said("noon", Role.ASSISTANT),
    ]
    await storage.history.append(KEY, entries[:1])
    await storage.history.append(KEY, entries[1:])

    assert await storage.history.recent(KEY, 10) == entries


async def test_only_the_newest_are_given(storage: Storage) -> None:
    await storage.history.append(KEY, [said(str(number)) for number in range(5)])

    assert [entry.text for entry in await storage.history.recent(KEY, 2)] == ["3", "4"]
    assert await storage.history.recent(KEY, 0) == []
    assert await storage.history.recent(KEY, -1) == []


async def test_limit_is_capped(storage: Storage) -> None:
    await storage.history.append(KEY, [said(str(number)) for number in range(1100)])

    recent = await storage.history.recent(KEY, 10**9)

    assert len(recent) == 1000
    assert recent[-1].text == "1099"


async def test_conversations_are_kept_apart(storage: Storage) -> None:
    await storage.history.append(KEY, [said("mine")])

    assert await storage.history.recent("telegram:43", 10) == []
    assert await storage.history.recent("telegram:4", 10) == []
    assert await storage.history.exists(KEY)
    assert not await storage.history.exists("telegram:43")


async def test_cleared_conversation_is_forgotten(storage: Storage) -> None:
    await storage.history.append(KEY, [said("1"), said("2")])
    await storage.history.append("telegram:43", [said("other")])

    assert await storage.history.clear(KEY) == 2
    assert await storage.history.clear(KEY) == 0
    assert not await storage.history.exists(KEY)
    assert await storage.history.recent("telegram:43", 1) == [said("other")]


async def test_unknown_conversation_is_refused(storage: Storage) -> None:
    with pytest.raises(UnknownConversation):
        await storage.history.append("telegram:44", [said("hi")])

    assert not await storage.history.exists("telegram:44")


async def test_nothing_to_append_is_nothing(storage: Storage) -> None:
    await storage.history.append("telegram:44", [])

    assert await storage.history.recent("telegram:44", 5) == []


async def test_half_a_surrogate_pair_is_mended(storage: Storage) -> None:
    await storage.history.append(KEY, [said("joined \ud83d\udc4b"), said("half \ud83d.")])

    joined, half = await storage.history.recent(KEY, 2)

    assert joined.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le") == "joined 👋"
    assert half.text.startswith("half ")
