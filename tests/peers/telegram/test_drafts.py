"""Drafts: what is shown of an answer before it is a message."""

from __future__ import annotations

import pytest

from tests.peers.telegram.drafts import DRAFT_LIVES
from tests.peers.telegram.rig import Rig
from tests.peers.telegram.transcript import Transcript
from tests.peers.telegram.wire import Json

LISTENED = ["message", "stopped_message_generation"]
DRAFT, EDIT = "sendMessageDraft", "editMessageText"


async def show(rig: Rig, text: str, draft_id: int = 3, **more: object) -> None:
    rig.app.chat(7)
    assert await rig.ok(DRAFT, chat_id=7, draft_id=draft_id, text=text, **more) is True


async def test_a_draft_is_shown_until_a_message_or_its_time_takes_it_away(rig: Rig) -> None:
    await show(rig, "Hel")
    await show(rig, "Hello")
    assert rig.app.shown_draft(7) == "Hello"
    shown = rig.bot.drafts[7].t
    assert rig.app.shown_draft(7, shown + DRAFT_LIVES) == "Hello"
    assert rig.app.shown_draft(7, shown + DRAFT_LIVES + 1) is None
    await rig.ok("sendMessage", chat_id=7, text="Hello!")
    assert rig.app.shown_draft(7) is None
    assert rig.app.shown_draft(8) is None


async def test_a_message_of_the_person_leaves_it_and_an_empty_one_is_a_placeholder(
    rig: Rig,
) -> None:
    await show(rig, "")
    await rig.inject(text="faster")
    assert rig.app.shown_draft(7) == ""


async def test_the_same_draft_is_animated_and_another_replaces_it(rig: Rig) -> None:
    await show(rig, "a", draft_id=3)
    await show(rig, "ab", draft_id=3)
    await show(rig, "x", draft_id=-4)
    events = rig.app.transcript.select({"chat_id": 7})
    told = [(e["method"], e["text"], e["draft_id"], e["animated"]) for e in events]
    assert told == [(DRAFT, "a", 3, False), (DRAFT, "ab", 3, True), (DRAFT, "x", -4, False)]
    times = [event["t"] for event in events]
    assert times == sorted(times)
    assert rig.app.shown_draft(7) == "x"


async def test_a_draft_is_checked_like_a_message(rig: Rig) -> None:
    rig.app.chat(7)
    rig.app.chat(-100)
    await rig.control("chat", {"chat_id": 8, "blocked": True})
    bold: Json = {"type": "bold", "offset": 0, "length": 1}
    refused: list[tuple[Json, int, str]] = [
        ({"draft_id": 0}, 400, "invalid draft_id"),
        ({"draft_id": "x"}, 400, "invalid draft_id"),
        ({"text": "x" * 4097}, 400, "too long"),
        ({"text": "😀" * 2048 + "x"}, 400, "too long"),
        ({"text": "x", "entities": [bold | {"length": 2}]}, 400, "outside of the text"),
        ({"text": "😀", "entities": [bold]}, 400, "middle of a UTF-16 symbol"),
        ({"text": "<b>x", "parse_mode": "HTML"}, 400, "Can't find end tag"),
        ({"message_thread_id": 5}, 400, "message thread not found"),
        ({"chat_id": -100}, 400, "only to private chats"),
        ({"chat_id": 8}, 403, "blocked"),
        ({"chat_id": 9}, 400, "chat not found"),
    ]
    for params, code, problem in refused:
        answer = await rig.fails(DRAFT, **{"chat_id": 7, "draft_id": 1, "text": "x"} | params)
        assert (answer[0], problem in answer[1]) == (code, True), answer
    assert rig.app.shown_draft(7) is None
    await show(rig, "😀" * 2048, entities=[bold | {"length": 2}])
    assert rig.bot.drafts[7].entities == [bold | {"length": 2}]


async def test_drafts_fail_on_demand_and_nothing_else_does(rig: Rig) -> None:
    rig.app.chat(7)
    description = "Bad Request: draft_id is not supported"
    await rig.control("faults", {"method": DRAFT, "code": 400, "description": description})
    assert await rig.fails(DRAFT, chat_id=7, draft_id=1, text="x") == (400, description)
    await rig.ok("sendMessage", chat_id=7, text="x")
    assert rig.app.shown_draft(7) is None


async def test_a_wait_counts_drafts_when_it_is_told_to(rig: Rig) -> None:
    await show(rig, "one two")
    await show(rig, "two", draft_id=4)
    told: list[tuple[Json, int]] = [({}, 0), ({"drafts": True}, 2), ({"methods": [DRAFT]}, 2)]
    for more, matched in told:
        spec = {"contains": "two", "distinct": True, "count": 2, "timeout": 0, **more}
        answer = await rig.control("wait", spec)
        assert (answer["ok"], answer["matched"]) == (matched == 2, matched)


async def test_how_fast_drafts_and_edits_came_can_be_told(rig: Rig) -> None:
    rig.app.chat(8)
    for text in ("a", "ab", "abc"):
        await show(rig, text)
    number = (await rig.ok("sendMessage", chat_id=8, text="old"))["message_id"]
    await rig.ok(EDIT, chat_id=8, message_id=number, text="new")
    await rig.fails(EDIT, chat_id=8, message_id=number, text="new")
    assert len(rig.app.transcript.times(7, DRAFT, EDIT)) == 3
    assert len(rig.app.transcript.times(8, DRAFT, EDIT)) == 1
    assert rig.app.transcript.busiest(7, DRAFT, seconds=3600) == 3


def test_the_busiest_while_is_found() -> None:
    transcript = Transcript(keep_params=False)
    for t, chat_id, method in [
        (0, 7, DRAFT),
        (5, 7, DRAFT),
        (6, 8, DRAFT),
        (7, 7, "sendMessage"),
        (8, 7, EDIT),
        (9, 7, DRAFT),
    ]:
        event = {"t": float(t), "chat_id": chat_id, "method": method, "message_id": None}
        transcript.record_out(event, {})
    assert transcript.times(7, DRAFT) == [0, 5, 9]
    assert transcript.busiest(7, DRAFT, EDIT, seconds=5) == 3
    assert transcript.busiest(7, DRAFT, EDIT, seconds=4) == 2
    assert transcript.busiest(9, DRAFT, seconds=60) == 0


async def test_who_stops_a_draft_is_heard_by_who_listens(rig: Rig) -> None:
    await rig.inject(text="hi", thread_id=5)
    await show(rig, "Hel", can_stop=True, message_thread_id=5)
    assert (await rig.inject(kind="stop"))["update_id"] is None, "it was not asked for"
    await rig.ok("getUpdates", allowed_updates=LISTENED, offset=-1)
    await show(rig, "Hello", can_stop=True, message_thread_id=5)
    await rig.inject(kind="stop_draft", draft_id=3)
    (_, update) = await rig.ok("getUpdates")
    stopped = update["stopped_message_generation"]
    assert (stopped["draft_id"], stopped["message_thread_id"]) == (3, 5)
    assert stopped["chat"]["id"] == 7
    assert rig.app.shown_draft(7) is None


async def test_a_draft_that_is_to_be_kept_is_kept(rig: Rig) -> None:
    await show(rig, "Hel", can_stop=True, keep_on_stop=True)
    await rig.inject(kind="stop")
    assert rig.app.shown_draft(7) == "Hel"
    shown = rig.bot.drafts[7].t
    assert rig.app.shown_draft(7, shown + DRAFT_LIVES + 1) is None


async def test_nobody_stops_what_cannot_be_stopped(rig: Rig) -> None:
    await show(rig, "Hel")
    with pytest.raises(ValueError, match="no draft to be stopped in chat 7"):
        rig.app.inject({"chat_id": 7, "kind": "stop"})
    await show(rig, "Hello", can_stop=True)
    with pytest.raises(ValueError, match="no draft to be stopped in chat 7"):
        rig.app.inject({"chat_id": 7, "kind": "stop_draft", "draft_id": 99})
