"""Who is let in, whatever an update looks like."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.channels.telegram.updates import Migration
from minibot.core.messages import Arrival, ChatRef
from tests.adapters.channels.telegram.update_samples import (
    BOT,
    GROUP,
    GUEST,
    OWNER,
    STRANGER,
    Door,
    Json,
    entity,
    group,
    person,
    private,
    settings,
    update,
)

CHANNEL_POST = {"message_id": 1, "chat": {"id": GROUP, "type": "channel"}, "date": 1, "text": "x"}
FROM_OWNER = {"id": "1", "from": person(), "chat_instance": "7", "data": "x"}
OTHER_TYPES = {
    "channel_post": CHANNEL_POST,
    "edited_channel_post": CHANNEL_POST,
    "business_message": update(text="hi")["message"],
    "guest_message": update(text="hi")["message"],
    "callback_query": {**FROM_OWNER, "inline_message_id": "of a message nobody can see"},
    "inline_query": {"id": "1", "from": person(), "query": "x", "offset": ""},
    "chosen_inline_result": {"result_id": "1", "from": person(), "query": "x"},
    "message_reaction": {"chat": private(), "message_id": 1, "user": person(), "date": 1},
    "message_reaction_count": {"chat": private(), "message_id": 1, "date": 1, "reactions": []},
    "my_chat_member": {"chat": private(), "from": person(), "date": 1},
    "chat_member": {"chat": group(), "from": person(), "date": 1},
    "chat_join_request": {"chat": group(), "from": person(), "date": 1},
    "poll": {"id": "1", "question": "?", "options": []},
    "poll_answer": {"poll_id": "1", "user": person(), "option_ids": [0]},
    "pre_checkout_query": {"id": "1", "from": person()},
    "shipping_query": {"id": "1", "from": person()},
    "a_type_of_tomorrow": update(text="x")["message"],
}


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_updates_of_every_other_type_are_turned_away_and_counted(kind: str) -> None:
    door = Door(settings(users=("*",)))

    assert door.reader.read({"update_id": 1, kind: OTHER_TYPES[kind]}) is None
    assert door.reader.refused == 1


REFUSED = {
    "stranger": update(sender=person(STRANGER), chat=private(STRANGER)),
    "stranger in the group": update(sender=person(STRANGER), chat=group()),
    "allowed in another group": update(chat=group(-1002)),
    "bot": update(sender=person(is_bot=True)),
    "bot in the group": update(sender=person(is_bot=True), chat=group()),
    "anonymous admin": update(sender=person(1087968824, is_bot=True), chat=group()),
    "anonymous admin who is no bot": update(sender=person(1087968824), chat=group()),
    "channel bot": update(sender=person(136817688), chat=group()),
    "telegram": update(sender=person(777000), chat=group()),
    "telegram in private": update(sender=person(777000), chat=private(777000)),
    "speaking as a chat": update(chat=group(), sender_chat=group()),
    "speaking as a linked channel": update(chat=group(), sender_chat={"id": -5}),
    "nobody": update(sender=None, chat=group()),
    "private chat of somebody else": update(chat=private(GUEST)),
    "private chat of a stranger": update(chat=private(STRANGER)),
    "person whose id is text": update(sender={**person(), "id": "7"}),
    "person whose id is true": update(sender={**person(), "id": True}),
    "person whose id is a fraction": update(sender={**person(), "id": 7.0}),
    "number that is true": {**update(text="x"), "update_id": True},
    "number that is text": {**update(text="x"), "update_id": "100"},
    "no number": {"message": update(text="x")["message"]},
    "no chat": update(chat=None),
    "no type of chat": update(chat={"id": OWNER}),
    "message that is text": {"update_id": 1, "message": "hello"},
    "message that is null": {"update_id": 1, "message": None},
    "nothing": {},
}
EVERYBODY = settings(users=("*",))


@pytest.mark.parametrize("who", REFUSED)
def test_whoever_is_not_allowed_leaves_nothing_but_a_count(who: str) -> None:
    door = Door()

    assert door.reader.read(REFUSED[who]) is None
    assert door.reader.refused == 1


@pytest.mark.parametrize("what", [None, 5, "update", [], [1], True, 1.5, {"update_id": 1}])
def test_what_is_no_update_is_turned_away(what: object) -> None:
    door = Door(EVERYBODY)

    assert door.reader.read(what) is None
    assert door.reader.refused == 1


@pytest.mark.parametrize(
    "who", [who for who, raw in REFUSED.items() if "stranger" not in who and raw]
)
def test_letting_everybody_in_lets_in_people_only(who: str) -> None:
    assert Door(EVERYBODY).reader.read(REFUSED[who]) is None


def test_an_empty_list_lets_nobody_in() -> None:
    door = Door(settings(users=()))

    assert door.reader.read(update(text="hello")) is None
    assert door.reader.read(update(text="hello", chat=group())) is None
    assert door.reader.refused == 2


def test_a_group_with_a_new_id_is_still_let_in() -> None:
    door = Door(moved={f"telegram:{GROUP}": "telegram:-100777"})

    assert door.arrival(update(text="x", chat=group(-100777))).chat.chat_id == "-100777"
    assert door.reader.read(update(text="x", chat=group(-100778))) is None


@pytest.mark.parametrize("by", [OWNER, STRANGER, 1087968824])
def test_a_migration_of_an_allowed_group_is_followed_whoever_caused_it(by: int) -> None:
    door = Door()
    raw = update(chat={"id": GROUP, "type": "group"}, sender=person(by), migrate_to_chat_id=-100777)

    found = door.reader.read(raw)

    assert found == Migration(
        old=ChatRef(channel="telegram", chat_id=str(GROUP)), new_chat_id="-100777"
    )


def test_a_migration_of_any_other_chat_leaves_no_trace() -> None:
    door = Door(EVERYBODY)

    assert door.reader.read(update(chat=group(-1002), migrate_to_chat_id=-5)) is None
    assert door.reader.read(update(chat=private(), migrate_to_chat_id=-5)) is None


@pytest.mark.parametrize(
    "key",
    ["new_chat_members", "left_chat_member", "pinned_message", "new_chat_title",
     "forum_topic_created", "migrate_from_chat_id", "group_chat_created"],
)  # fmt: skip
def test_what_nobody_wrote_is_no_message(key: str) -> None:
    door = Door()

    assert door.reader.read(update(chat=group(), **{key: {"x": 1}})) is None
    assert door.reader.refused == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
FULL = update(
    text="@fake_test_bot hi",
    caption="x",
    entities=[entity("mention", "@fake_test_bot hi", "@fake_test_bot")],
    photo=[{"file_id": "F1", "file_size": 1}],
    document={"file_id": "F2", "file_name": "n", "mime_type": "x/y", "file_size": 321},
    reply_to_message={"message_id": 1, "from": {"id": BOT.id, "is_bot": True}, "text": "t"},
    quote={"text": "q"},
    message_thread_id=3,
    is_topic_message=True,
    migrate_to_chat_id=None,
)


def _paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: list[Any] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [before, *(path for key, inner in items for path in _paths(inner, (*before, key)))]


PATHS = [path for path in _paths(FULL) if path]
names = st.sampled_from(
    ["from", "chat", "id", "type", "is_bot", "sender_chat", "migrate_to_chat_id", "text", "poll"]
)


def _changed(raw: Json, path: tuple[Any, ...], value: Any) -> Json:
    copy: Any = orjson.loads(orjson.dumps(raw))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return dict(copy)


@given(
    path=st.sampled_from(PATHS),
    value=json_values | st.sampled_from([OWNER, STRANGER, GROUP, -1002, "private", 777000, True]),
    extra=st.dictionaries(names, json_values, max_size=2),
    in_group=st.booleans(),
)
def test_no_change_to_an_update_breaks_the_reader_or_opens_the_door(
    path: tuple[Any, ...], value: Any, extra: Json, in_group: bool
) -> None:
    raw = _changed(FULL, ("message", "chat"), group()) if in_group else FULL
    raw = _changed(raw, path, value)
    if isinstance(raw.get("message"), dict):
        raw["message"] = {**raw["message"], **extra}

    found = Door().reader.read(raw)

    if isinstance(found, Arrival):
        message = raw["message"]
        sender, chat = message["from"], message["chat"]
        assert type(sender["id"]) is int
        assert sender["id"] in (OWNER, GUEST)
        assert not sender.get("is_bot")
        assert "sender_chat" not in message
        assert chat["id"] == (GROUP if chat["type"] != "private" else sender["id"])
        found.raw.encode()
        if found.message is not None:
            orjson.dumps(found.message)  # all of it can be stored
    elif isinstance(found, Migration):
        assert raw["message"]["chat"]["id"] == GROUP


@given(json_values)
def test_no_json_at_all_breaks_the_reader(value: Any) -> None:
    assert Door(EVERYBODY).reader.read(value) is None
