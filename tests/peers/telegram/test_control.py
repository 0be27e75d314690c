"""Faults, floods, and what the server tells about it all."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.peers.telegram.faults import Flood
from tests.peers.telegram.rig import Rig
from tests.peers.telegram.wire import ApiError, Json


async def test_flood_limit_answers_429_with_retry_after(rig: Rig) -> None:
    await rig.inject(text="hi")
    await rig.control("config", {"flood": {"per_chat_rate": 1, "per_chat_burst": 1}})
    await rig.ok("sendMessage", chat_id=7, text="1")
    status, body = await rig.api("sendMessage", chat_id=7, text="2")
    assert (status, body["parameters"]["retry_after"]) == (429, 1)
    assert body["description"] == "Too Many Requests: retry after 1"
    assert (await rig.api("sendMessage", chat_id=7, text="2"))[0] == 429
    stats = await rig.ask("stats")
    assert (stats["flood_refused"], stats["flood_early_retries"]) == (2, 1)
    await rig.control("config", {"flood": None})
    await rig.ok("sendMessage", chat_id=7, text="2")


def test_flood_limit_is_over_after_retry_after() -> None:
    flood, now = Flood(), time.monotonic()
    flood.check(7, now)
    with pytest.raises(ApiError, match="retry after 1"):
        flood.check(7, now + 0.1)
    flood.check(7, now + 1.1)
    assert (flood.refused, flood.early_retries) == (1, 0)
    for chat_id in range(100, 128):
        flood.check(chat_id, now + 1.1)
    flood.check(200, now + 1.1)
    with pytest.raises(ApiError, match="retry after 1"):
        flood.check(201, now + 1.1)


async def test_faults(rig: Rig) -> None:
    await rig.inject(text="hi")
    fault: Json = {"method": "sendMessage", "times": 1}
    await rig.control("faults", {**fault, "kind": "status", "code": 502})
    assert (await rig.api("sendMessage", chat_id=7, text="a"))[0] == 502
    assert (await rig.api("sendMessage", chat_id=7, text="a"))[0] == 200
    for when, arrived in (("before", 0), ("after", 1)):
        await rig.control("faults", {**fault, "kind": "drop", "when": when, "replace": True})
        with pytest.raises(aiohttp.ClientError):
            await rig.api("sendMessage", chat_id=7, text=f"dropped {when}")
        events = (await rig.ask("transcript?chat_id=7&dir=out"))["events"]
        assert sum(e["text"] == f"dropped {when}" for e in events) == arrived
    await rig.control("faults", {**fault, "kind": "malformed"})
    with pytest.raises(aiohttp.ContentTypeError):
        await rig.api("sendMessage", chat_id=7, text="a")
    url = f"{rig.telegram.url}/control/faults"
    async with rig.http.post(url, json={"kind": "sttaus"}) as response:
        assert response.status == 400
    assert (await rig.control("faults", verb="DELETE"))["faults"] == []


async def test_wait_and_transcript(rig: Rig) -> None:
    await rig.inject(text="q")
    spec = {"pattern": "t[0-9]", "count": 2, "distinct": True, "timeout": 5}
    waiting = asyncio.create_task(rig.app.transcript.wait(spec))
    await asyncio.sleep(0)  # it waits before the first text comes
    for text in ("t1", "t1", "t2"):
        await rig.ok("sendMessage", chat_id=7, text=text)
    done = await waiting
    assert (done["ok"], done["matched"]) == (True, 2)
    assert (await rig.control("wait", spec))["t"] == done["t"], "the past counts too"
    assert not (await rig.control("wait", {"contains": "never", "timeout": 0.05}))["ok"]
    events = (await rig.ask("transcript?chat_id=7"))["events"]
    assert [e["dir"] for e in events] == ["in", "out", "out", "out"]
    times = [e["t"] for e in events]
    assert times == sorted(times)
    assert done["t"] == times[-1]
    await rig.ok("sendChatAction", chat_id=7, action="typing")
    (typing,) = (await rig.ask("transcript?since=4"))["events"]
    assert (typing["method"], typing["text"]) == ("sendChatAction", "typing")


async def test_ledger_tells_who_said_what_by_chat(rig: Rig) -> None:
    asked = await rig.inject(text="one")
    await rig.inject(chat_id=8, text="other chat")
    await rig.ok("sendChatAction", chat_id=7, action="typing")
    first = await rig.ok("sendMessage", chat_id=7, text="par")
    await rig.ok("sendMessage", chat_id=7, text="second")
    await rig.ok("editMessageText", chat_id=7, message_id=first["message_id"], text="partial")
    chats = (await rig.ask("ledger"))["chats"]
    assert set(chats) == {"7", "8"}
    (question,) = chats["7"]["in"]
    assert (question["text"], question["update_id"]) == ("one", asked["update_id"])
    assert (question["message_id"], question["t"]) == (asked["message_id"], asked["t"])
    out = chats["7"]["out"]
    assert [e["text"] for e in out] == ["par", "second"]
    assert [e["final"] for e in out] == ["partial", "second"]
    assert asked["t"] < out[0]["t"] < out[1]["t"]
    assert [e["text"] for e in chats["8"]["in"]] == ["other chat"]
    assert chats["8"]["out"] == []


async def test_reset_forgets_all_but_the_switches(rig: Rig) -> None:
    await rig.control("config", {"webhook_retry_base": 0.25})
    await rig.inject(text="hi")
    await rig.control("reset")
    assert (await rig.ask("ledger"))["chats"] == {}
    assert await rig.fails("sendMessage", chat_id=7, text="x") == (
        400,
        "Bad Request: chat not found",
    )
    config = await rig.control("config", {})
    assert (config["webhook_retry_base"], config["webhook_retry_cap"]) == (0.25, 2.5)
