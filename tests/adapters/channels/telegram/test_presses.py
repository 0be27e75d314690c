"""Who may press a button, and what becomes of a press."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.messages import Arrival, ChatRef, Person, Press
from tests.adapters.channels.telegram.update_samples import (
    BOT,
    GROUP,
    GUEST,
    OWNER,
    STRANGER,
    Door,
    Json,
    group,
    person,
    press,
    private,
    settings,
)
from tests.contracts.storages import START

EVERYBODY = settings(users=("*",))
PRESS = Press(id="q1", data="ok:1", message_id="11")


def test_a_press_becomes_an_urgent_arrival_with_everything_in_it() -> None:
    raw = press(presser=person(last_name="Lovelace", language_code="en"))

    arrival = Door().arrival(raw)

    assert (arrival.account, arrival.key, arrival.problem) == ("4242", "100", "")
    assert arrival.chat == ChatRef(channel="telegram", chat_id="7")
    assert json.loads(arrival.raw) == raw
    assert arrival.urgent
    message = arrival.message
    assert message is not None
    assert (message.id, message.text, message.chat) == ("11", "", arrival.chat)
    assert message.sender == Person(id="7", name="Ada Lovelace", language="en")
    assert message.sent_at == START
    assert message.private
    assert message.addressed
    assert not message.foreign
    assert message.press == PRESS


TOPIC = {"message_thread_id": 17, "is_topic_message": True}
ALLOWED = {
    "owner in private": (press(), "telegram:7", "7"),
    "guest in private": (
        press(presser=person(GUEST), chat=private(GUEST)), "telegram:8", "8",
    ),
    "owner in the group": (press(chat=group()), "telegram:-1001", "7"),
    "another member who may talk": (
        press(presser=person(GUEST), chat=group()), "telegram:-1001", "8",
    ),
    "in a topic": (press(chat=group(), **TOPIC), "telegram:-1001:17", "7"),
    "in a thread that is no topic": (
        press(chat=group(), message_thread_id=17), "telegram:-1001", "7",
    ),
    "under a message of a chat": (
        press(chat=group(), sender_chat=group()), "telegram:-1001", "7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("who", ALLOWED)
def test_whoever_may_talk_may_press(who: str) -> None:
    raw, conversation, sender = ALLOWED[who]

    arrival = Door().arrival(raw)

    assert arrival.message is not None
    assert (arrival.chat.key, arrival.message.sender.id) == (conversation, sender)
    assert arrival.message.private is (conversation.count("-") == 0)


NOT_LISTED = {
    "stranger": press(presser=person(STRANGER), chat=private(STRANGER)),
    "stranger in the group": press(presser=person(STRANGER), chat=group()),
    "stranger in a topic of the group": press(presser=person(STRANGER), chat=group(), **TOPIC),
}
REFUSED = {
    "allowed in another group": press(chat=group(-1002)),
    "allowed in a topic of another group": press(chat=group(-1002), **TOPIC),
    "bot": press(presser=person(is_bot=True)),
    "bot in the group": press(presser=person(is_bot=True), chat=group()),
    "this bot itself": press(presser={"id": BOT.id, "is_bot": True}, chat=group()),
    "anonymous admin": press(presser=person(1087968824), chat=group()),
    "telegram": press(presser=person(777000), chat=group()),
    "channel bot": press(presser=person(136817688), chat=group()),
    "private chat of somebody else": press(chat=private(GUEST)),
    "nobody": press(presser="nobody"),
    "person whose id is text": press(presser=person("7")),  # type: ignore[arg-type]
    "person whose id is true": press(presser=person(True)),
    "no data": press(data=None),
    "data that is empty": press(data=""),
    "data that is a number": press(data=5),
    "data that is too long": press(data="é" * 33),
    "data with control characters": press(data="ok\x00:1"),
    "data with half a pair": press(data="ok\ud800"),
    "no name": press(query_id=None),
    "name that is a number": press(query_id=5),
    "name that is empty": press(query_id=""),
    "message out of reach": press(date=0),
    "message without a date": press(date=None),
    "message without a number": press(message_id=None),
    "message without a chat": press(chat=None),
    "message whose number is text": press(message_id="11"),
    "message that is null": {"update_id": 1, "callback_query": {"id": "1", "message": None}},
    "inline message": {
        "update_id": 1,
        "callback_query": {"id": "1", "from": person(), "inline_message_id": "x", "data": "d"},
    },
    "number that is true": {**press(), "update_id": True},
    "no number": {"callback_query": press()["callback_query"]},
    "query that is a list": {"update_id": 1, "callback_query": []},
}


@pytest.mark.parametrize("who", [*NOT_LISTED, *REFUSED])
def test_any_other_press_leaves_nothing_but_a_count(who: str) -> None:
    door = Door()

    assert door.reader.read({**NOT_LISTED, **REFUSED}[who]) is None
    assert door.reader.refused == 1


@pytest.mark.parametrize("who", REFUSED)
def test_letting_everybody_in_lets_people_press_only(who: str) -> None:
    assert Door(EVERYBODY).reader.read(REFUSED[who]) is None


def test_data_of_exactly_64_bytes_is_ours() -> None:
    message = Door().arrival(press(data="é" * 32)).message

    assert message is not None
    assert message.press is not None
    assert message.press.data == "é" * 32


def test_an_empty_list_lets_nobody_press() -> None:
    door = Door(settings(users=()))

    assert door.reader.read(press()) is None
    assert door.reader.read(press(chat=group())) is None
    assert door.reader.refused == 2


def test_a_press_in_a_group_with_a_new_id_is_let_in() -> None:
    door = Door(moved={f"telegram:{GROUP}": "telegram:-100777"})

    assert door.arrival(press(chat=group(-100777))).chat.chat_id == "-100777"
    assert door.reader.read(press(chat=group(-100778))) is None


FULL = press(chat=group(), **TOPIC)


def _paths(value: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    items = list(value.items()) if isinstance(value, dict) else []
    return [before, *(path for key, inner in items for path in _paths(inner, (*before, key)))]


def _changed(raw: Json, path: tuple[str, ...], value: Any) -> Json:
    copy: Json = orjson.loads(orjson.dumps(raw))
    holder: Any = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copy


odd_values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80)
    | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=4), st.integers())
    | st.sampled_from([OWNER, STRANGER, GROUP, -1002, "private", "channel", 777000])
)  # fmt: skip


@given(path=st.sampled_from([path for path in _paths(FULL) if path]), value=odd_values)
def test_no_change_to_a_press_breaks_the_reader_or_opens_the_door(
    path: tuple[str, ...], value: Any
) -> None:
    raw = _changed(FULL, path, value)

    found = Door().reader.read(raw)

    if isinstance(found, Arrival):
        query = raw["callback_query"]
        assert type(query["from"]["id"]) is int
        assert query["from"]["id"] in (OWNER, GUEST)
        assert not query["from"].get("is_bot")
        assert query["message"]["chat"]["id"] == GROUP
        assert found.message is not None
        assert found.message.press is not None
        assert len(found.message.press.data.encode()) <= 64
        orjson.dumps(found.message)  # all of it can be stored


def stop(chat: Json | None = None, **more: object) -> Json:
    """Give the update that tells of the client's own Stop beside a draft."""
    stopped = {"chat": private() if chat is None else chat, "draft_id": 12, **more}
    return {"update_id": 100, "stopped_message_generation": stopped}


@pytest.mark.parametrize(
    ("raw", "conversation"),
    [(stop(), "telegram:7"), (stop(message_thread_id=17), "telegram:7:17")],
    ids=["chat", "topic"],
)
def test_the_native_stop_is_a_press_of_the_chats_person(raw: Json, conversation: str) -> None:
    arrival = Door().arrival(raw)
    assert (arrival.key, arrival.urgent, arrival.chat.key) == ("100", True, conversation)
    assert arrival.message is not None
    assert arrival.message.press == Press(id="", data="stop:12", message_id="")
    assert arrival.message.sender.id == "7"


@pytest.mark.parametrize(
    "raw",
    [
        stop(private(STRANGER)),
        stop(group()),
        stop(draft_id="x"),
        {"update_id": 100, "stopped_message_generation": None},
        {"update_id": 100, "stopped_message_generation": {"draft_id": 1}},
        {"update_id": "x", "stopped_message_generation": {"chat": private(), "draft_id": 1}},
    ],
    ids=["stranger", "group", "no number", "nothing", "no chat", "no id"],
)
def test_a_stop_of_nobody_who_may_talk_is_turned_away(raw: Json) -> None:
    door = Door()
    assert door.reader.read(raw) is None
    assert door.reader.refused == 1
