"""Drafts: what is shown of an answer before it is a message."""

from __future__ import annotations

import pytest

from tests.peers.telegram.rig import Rig
from tests.peers.telegram.world import DRAFT_LIVES

LISTENED = ["message", "stopped_message_generation"]


async def show(rig: Rig, text: str, draft_id: int = 3, **more: object) -> None:
    rig.app.chat(7)
    assert await rig.ok("sendMessageDraft", chat_id=7, draft_id=draft_id, text=text, **more)


async def test_a_draft_is_shown_until_a_message_or_its_time_takes_it_away(rig: Rig) -> None:
    await show(rig, "Hel")
    await show(rig, "Hello")
    assert rig.app.shown_draft(7) == "Hello"
    shown = rig.bot.drafts[7].t
    assert rig.app.shown_draft(7, now=shown + DRAFT_LIVES) == "Hello"
    assert rig.app.shown_draft(7, now=shown + DRAFT_LIVES + 1) is None
    await rig.ok("sendMessage", chat_id=7, text="Hello!")
    assert rig.app.shown_draft(7) is None
    assert rig.app.shown_draft(8) is None


async def test_a_draft_is_checked_like_a_message(rig: Rig) -> None:
    rig.app.chat(7)
    rig.app.chat(-100)
    for params, problem in [
        ({"chat_id": 7, "draft_id": 0, "text": "x"}, "invalid draft_id"),
        ({"chat_id": 7, "draft_id": 1, "text": "x" * 4097}, "too long"),
        ({"chat_id": -100, "draft_id": 1, "text": "x"}, "only to private chats"),
    ]:
        status, description = await rig.fails("sendMessageDraft", **params)
        assert (status, problem in description) == (400, True), description


async def test_who_stops_a_draft_is_heard_by_who_listens(rig: Rig) -> None:
    await show(rig, "Hel", can_stop=True, message_thread_id=5)
    assert (await rig.inject(kind="stop"))["update_id"] is None, "it was not asked for"
    await rig.ok("getUpdates", allowed_updates=LISTENED)
    await show(rig, "Hello", can_stop=True, message_thread_id=5)
    await rig.inject(kind="stop")
    (update,) = await rig.ok("getUpdates")
    stopped = update["stopped_message_generation"]
    assert (stopped["draft_id"], stopped["message_thread_id"]) == (3, 5)
    assert stopped["chat"]["id"] == 7
    assert rig.app.shown_draft(7) is None


async def test_a_draft_that_is_to_be_kept_is_kept(rig: Rig) -> None:
    await show(rig, "Hel", can_stop=True, keep_on_stop=True)
    await rig.inject(kind="stop")
    assert rig.app.shown_draft(7) == "Hel"


async def test_nobody_stops_what_cannot_be_stopped(rig: Rig) -> None:
    await show(rig, "Hel")
    with pytest.raises(ValueError, match="no draft to be stopped in chat 7"):
        rig.app.inject({"chat_id": 7, "kind": "stop"})
