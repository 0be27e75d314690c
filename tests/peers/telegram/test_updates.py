"""Updates, polled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.peers.telegram.rig import Rig, eventually
from tests.peers.telegram.wire import Json


def polling(rig: Rig) -> Callable[[], bool]:
    return lambda: rig.bot.poll is not None


async def test_tokens_and_method_names(rig: Rig) -> None:
    me = await rig.ok("getMe")
    assert (me["id"], me["is_bot"], me["username"]) == (4242, True, "fake_test_bot")
    assert (await rig.api("getMe", token="999:WRONG"))[0] == 401
    assert (await rig.api("getMe", token="nonsense"))[0] == 404
    assert (await rig.ok("GETME"))["id"] == 4242


async def test_updates_stay_until_confirmed(rig: Rig) -> None:
    await rig.control("config", {"poll_quirks": False})
    first = (await rig.inject(text="one"))["update_id"]
    second = (await rig.inject(text="two"))["update_id"]
    assert second == first + 1
    for _ in range(2):
        assert [u["update_id"] for u in await rig.ok("getUpdates")] == [first, second]
    assert [u["message"]["text"] for u in await rig.ok("getUpdates", offset=second)] == ["two"]
    assert [u["update_id"] for u in await rig.ok("getUpdates", offset=first)] == [second]
    assert await rig.ok("getUpdates", offset=second + 1, timeout=0) == []
    stats = await rig.ask("stats")
    assert (stats["confirmed"], stats["redelivered"], stats["pending_updates"]) == (2, 4, 0)


async def test_repeated_offset_is_throttled(rig: Rig) -> None:
    for number in range(3):
        await rig.inject(text=str(number))
    assert len(await rig.ok("getUpdates", offset=5)) == 3
    assert len(await rig.ok("getUpdates", offset=5)) == 1, "same offset within 0.5 s: one update"


async def test_limit_negative_and_future_offsets(rig: Rig) -> None:
    ids = [rig.app.inject({"chat_id": 7, "text": str(n)})["update_id"] for n in range(120)]
    assert len(await rig.ok("getUpdates")) == 100
    assert len(await rig.ok("getUpdates", offset=1, limit=7)) == 7
    assert len(await rig.ok("getUpdates", offset=ids[-1] + 5000)) == 100, "ignored, not confirmed"
    assert [u["update_id"] for u in await rig.ok("getUpdates", offset=-2)] == ids[-2:]
    assert len(await rig.ok("getUpdates", offset=2)) == 2, "the rest is forgotten"


async def test_long_poll_wakes_for_an_update_and_ends_in_time(rig: Rig) -> None:
    poll = asyncio.create_task(rig.ok("getUpdates", timeout=50))
    await eventually(polling(rig))
    began = time.monotonic()
    last = await rig.inject(text="wake")
    assert (await poll)[0]["message"]["text"] == "wake"
    assert time.monotonic() - began < 25, "long before the poll would have ended by itself"
    began = time.monotonic()
    assert await rig.ok("getUpdates", offset=last["update_id"] + 1, timeout=1) == []
    assert time.monotonic() - began > 0.9


async def test_second_poller_ends_the_first_with_409(rig: Rig) -> None:
    await rig.control("config", {"conflict_delay": 0.3})
    first = asyncio.create_task(rig.api("getUpdates", timeout=20))
    await eventually(polling(rig))
    second = asyncio.create_task(rig.api("getUpdates", timeout=20))
    status, body = await asyncio.wait_for(first, 2)
    assert status == 409
    assert body["description"].startswith("Conflict: terminated by other getUpdates request")
    began = time.monotonic()
    third = asyncio.create_task(rig.api("getUpdates", timeout=20))
    assert (await second)[0] == 409
    assert time.monotonic() - began > 0.25, "conflicts after the first are answered late"
    await rig.inject(text="x")
    assert len((await third)[1]["result"]) == 1


async def test_killed_poller_loses_nothing(rig: Rig) -> None:
    poll = asyncio.create_task(rig.api("getUpdates", timeout=20))
    await eventually(polling(rig))
    poll.cancel()
    await rig.inject(text="still here")
    assert (await rig.ok("getUpdates", offset=4))[0]["message"]["text"] == "still here"


async def test_allowed_updates_filter_and_persist(rig: Rig) -> None:
    await rig.inject(text="there")
    await rig.ok("getUpdates", allowed_updates=["edited_message"])
    sent = await rig.inject(text="filtered")
    assert sent["update_id"] is None
    edit = await rig.inject(kind="edit", message_id=sent["message_id"], text="edited")
    batch = await rig.ok("getUpdates", offset=edit["update_id"])
    assert [list(u)[1] for u in batch] == ["edited_message"]
    assert (await rig.ok("getWebhookInfo"))["allowed_updates"] == ["edited_message"]


async def test_raw_updates_pass_as_they_are(rig: Rig) -> None:
    message = {
        "message_id": 50,
        "date": 1,
        "from": {"id": 9, "is_bot": False, "first_name": "Nine"},
        "chat": {"id": 9, "type": "private", "first_name": "Nine"},
        "text": "raw hello",
    }
    raw: list[Json] = [
        {"message": message},
        {"message": {"message_id": "not a number", "chat": [1, 2], "text": {"a": None}}},
        {"callback_query": 5, "chat": "x", "update_id": "mine"},
        {"never_heard_of": {"deep": [{"x": "\ud800"}]}},
        {},
    ]
    for update in raw:
        await rig.inject(update=update)
    batch = [(u.pop("update_id"), u) for u in await rig.ok("getUpdates", limit=3)]
    assert [u for _, u in batch[:2]] == raw[:2]
    assert batch[2][1] == {"callback_query": 5, "chat": "x"}
    assert [n for n, _ in batch] == [batch[0][0] + i for i in range(3)], "numbered by the server"
    reply = {"message_id": 50}
    sent = await rig.ok("sendMessage", chat_id=9, text="hi", reply_parameters=reply)
    assert (sent["reply_to_message"]["text"], sent["message_id"]) == ("raw hello", 51)
    await rig.ok("getUpdates", offset=1, allowed_updates=["message"])
    assert (await rig.inject(update={"odd": 1}))["update_id"] is None
    assert (await rig.inject(update={"odd": 1}, unfiltered=True))["update_id"] is not None
