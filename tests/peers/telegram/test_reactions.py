"""Reactions of the bot, and of people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.telegram.reactions import EMOJI
from tests.peers.telegram.rig import Rig
from tests.peers.telegram.wire import Json

GROUP = -100


def emoji(name: str) -> Json:
    return {"type": "emoji", "emoji": name}


async def said(rig: Rig, **more: Any) -> Json:
    """Let somebody write; give what a reaction to it needs."""
    written = await rig.inject(text="hi", **more)
    return {"chat_id": more.get("chat_id", 7), "message_id": written["message_id"]}


async def test_the_bot_reacts_changes_its_mind_and_takes_it_back(rig: Rig) -> None:
    target = await said(rig)
    for wanted in ([emoji("👀")], [emoji("👌")], []):
        assert await rig.ok("setMessageReaction", **target, reaction=wanted) is True
        names = [reaction["emoji"] for reaction in wanted]
        there = rig.app.reactions(7, target["message_id"])
        assert there == ({rig.bot.id: names} if names else {})
    events = [e for e in rig.app.events if e["method"] == "setMessageReaction"]
    assert [event["text"] for event in events] == ["👀", "👌", ""]


def test_there_are_as_many_as_documented() -> None:
    assert len(EMOJI) == 73
    assert not any("\ufe0f" in name for name in EMOJI)


@pytest.mark.parametrize(
    ("reaction", "problem"),
    [
        ([emoji("🦊")], "REACTION_INVALID"),
        ([emoji("❤\ufe0f")], "REACTION_INVALID"),
        ([emoji("")], "REACTION_INVALID"),
        ([{"type": "custom_emoji", "custom_emoji_id": "123"}], "REACTION_INVALID"),
        ([{"type": "paid"}], "REACTION_INVALID"),
        ([emoji("👀"), emoji("👌")], "REACTIONS_TOO_MANY"),
        ([{"emoji": "👀"}], "invalid reaction type"),
        ("[", "can't parse reaction"),
        ({"emoji": "👀"}, "can't parse reaction"),
        (["👀"], "can't parse"),
    ],
)
async def test_what_is_no_reaction_is_refused(rig: Rig, reaction: Any, problem: str) -> None:
    target = await said(rig)
    status, description = await rig.fails("setMessageReaction", **target, reaction=reaction)
    assert (status, problem in description) == (400, True), description
    assert rig.app.reactions(7, target["message_id"]) == {}


async def test_there_must_be_a_message(rig: Rig) -> None:
    rig.app.chat(7)
    answer = await rig.fails("setMessageReaction", chat_id=7, message_id=9, reaction=[emoji("👀")])
    assert answer == (400, "Bad Request: message to react not found")


async def test_an_album_has_its_reactions_at_its_first_message(rig: Rig) -> None:
    album = await rig.inject(kind="album", items=[{}, {}])
    first, second = album["message_ids"]
    await rig.ok("setMessageReaction", chat_id=7, message_id=second, reaction=[emoji("👀")])
    assert rig.app.reactions(7, first) == {rig.bot.id: ["👀"]}


async def test_who_reacts_is_heard_by_who_listens(rig: Rig) -> None:
    target = await said(rig)
    assert (await rig.inject(kind="reaction", **target, emoji="👍"))["update_id"] is None
    await rig.ok("getUpdates", allowed_updates=["message_reaction"], offset=-1)
    await rig.inject(kind="reaction", **target, emoji="🔥")
    await rig.inject(kind="reaction", **target)
    changes = [u["message_reaction"] for u in await rig.ok("getUpdates") if "message" not in u]
    told = [(change["old_reaction"], change["new_reaction"]) for change in changes]
    assert told == [([emoji("👍")], [emoji("🔥")]), ([emoji("🔥")], [])]
    assert {change["user"]["id"] for change in changes} == {7}
    assert {change["message_id"] for change in changes} == {target["message_id"]}


async def test_in_groups_only_an_administrator_hears_of_reactions(rig: Rig) -> None:
    target = await said(rig, chat_id=GROUP)
    await rig.ok("getUpdates", allowed_updates=["message_reaction"], offset=-1)
    assert (await rig.inject(kind="reaction", **target, emoji="👍"))["update_id"] is None
    await rig.control("chat", {"chat_id": GROUP, "bot_admin": True})
    await rig.inject(kind="reaction", **target, emoji=["👍", "55"], anonymous=True)
    change = (await rig.ok("getUpdates"))[-1]["message_reaction"]
    assert change["new_reaction"][1] == {"type": "custom_emoji", "custom_emoji_id": "55"}
    assert (change["actor_chat"]["id"], "user" in change) == (GROUP, False)
    custom = [{"type": "custom_emoji", "custom_emoji_id": "55"}]
    assert await rig.ok("setMessageReaction", **target, reaction=custom) is True


async def test_nobody_reacts_with_anything_to_nothing(rig: Rig) -> None:
    target = await said(rig)
    with pytest.raises(ValueError, match="nobody can react with"):
        rig.app.inject({"kind": "reaction", **target, "emoji": "fox"})
    with pytest.raises(ValueError, match="no such message to react to: 99"):
        rig.app.inject({"kind": "reaction", "chat_id": 7, "message_id": 99, "emoji": "👍"})
