"""Edits and reactions, as updates of the Bot API tell them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from minibot.adapters.channels.telegram.updates import allowed_updates
from minibot.core.settings import Settings
from minibot.core.settings.chat import Chat
from tests.adapters.channels.telegram.update_samples import (
    GUEST,
    STRANGER,
    Door,
    Json,
    group,
    person,
    private,
    settings,
    update,
)

THUMB, PEN = {"type": "emoji", "emoji": "👎"}, {"type": "emoji", "emoji": "✍"}
LIKE = {"type": "emoji", "emoji": "👍"}


def an_edit(**message: Any) -> Json:
    raw = update(**message)
    return {"update_id": 100, "edited_message": raw["message"]}


def a_reaction(*, new: Any, old: Any = (), **more: Any) -> Json:
    reaction = {
        "chat": private(),
        "user": person(),
        "message_id": 11,
        "date": 1_800_000_000,
        "old_reaction": list(old),
        "new_reaction": new,
        **more,
    }
    shown = {key: value for key, value in reaction.items() if value is not None}
    return {"update_id": 100, "message_reaction": shown}


def meaning(**reactions: str) -> Settings:
    chat = Chat.model_validate({"reactions": reactions})
    return settings().model_copy(update={"chat": chat})


def test_an_edit_is_a_new_form_of_a_message() -> None:
    arrival = Door().arrival(an_edit(text="hello", edit_date=1_800_000_060))
    message = arrival.message
    assert message is not None
    assert (message.id, message.text, message.edited) == ("11", "hello", True)
    assert message.sent_at == datetime.fromtimestamp(1_800_000_060, UTC)
    assert not message.is_new


def test_a_message_that_becomes_a_stop_word_does_not_pass_others() -> None:
    assert not Door().arrival(an_edit(text="/stop")).urgent
    assert Door().arrival(update(text="/stop")).urgent


@pytest.mark.parametrize(
    "raw",
    [
        an_edit(text="x", sender=person(STRANGER), chat=private(STRANGER)),
        an_edit(text="x", sender=None),
        a_reaction(new=[THUMB], user=person(STRANGER), chat=private(STRANGER)),
        a_reaction(new=[THUMB], user=None, actor_chat=group()),
        a_reaction(new=[THUMB], message_id="odd"),
        a_reaction(new=[THUMB], date=10**30),
        a_reaction(new=[THUMB], chat=group(-5)),
    ],
)
def test_those_of_strangers_and_odd_ones_are_turned_away(raw: Json) -> None:
    door = Door()
    assert door.reader.read(raw) is None
    assert door.reader.refused == 1


def test_a_reaction_that_was_added_and_means_something_is_told() -> None:
    raw = a_reaction(old=[LIKE], new=[LIKE, THUMB], chat=group(), user=person(GUEST))
    arrival = Door().arrival(raw)
    message = arrival.message
    assert message is not None
    assert (message.id, message.reaction, message.text) == ("11", "👎", "")
    assert (message.sender.id, message.private, message.addressed) == (str(GUEST), False, True)
    assert not message.is_new
    assert not arrival.urgent


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([THUMB], []),
        ([THUMB], [THUMB]),
        ([], [LIKE]),
        ([], [{"type": "paid"}]),
        ([], "odd"),
        ([], ["odd", {"type": "emoji", "emoji": 3}]),
    ],
)
def test_others_are_nothing(old: list[Json], new: object) -> None:
    door = Door()
    assert door.reader.read(a_reaction(old=old, new=new)) is None
    assert door.reader.refused == 0


def test_one_that_stops_an_answer_passes_those_that_wait() -> None:
    custom = {"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"}
    door = Door(meaning(**{"5368324170671202286": "stop", "✍️": "undo"}))
    assert door.arrival(a_reaction(new=[custom])).urgent
    assert not door.arrival(a_reaction(new=[PEN])).urgent


def test_telegram_is_asked_for_reactions_where_one_means_something() -> None:
    assert "message_reaction" in allowed_updates(settings())
    assert "message_reaction" not in allowed_updates(meaning())
    assert "edited_message" in allowed_updates(meaning())
