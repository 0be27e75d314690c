"""What is let in, and what becomes of it."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.channels.telegram.updates import Migration
from minibot.core.messages import Arrival, Attachment, AttachmentKind, ChatRef, Person
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

FILE = {"file_id": "F1", "file_unique_id": "u", "file_size": 321}
SMALL, LARGE = {"file_id": "S", "file_size": 1}, {"file_id": "L", "file_size": 99}


def test_a_text_becomes_an_arrival_with_everything_in_it() -> None:
    sender = person(last_name="Lovelace", language_code="en-GB", username="ada")
    raw = update(text="hello", sender=sender)

    arrival = Door().arrival(raw)

    assert (arrival.account, arrival.key, arrival.problem) == ("4242", "100", "")
    assert arrival.chat == ChatRef(channel="telegram", chat_id="7")
    assert json.loads(arrival.raw) == raw
    assert not arrival.urgent
    message = arrival.message
    assert message is not None
    assert (message.id, message.text, message.chat) == ("11", "hello", arrival.chat)
    assert message.sender == Person(id="7", name="Ada Lovelace", language="en-GB")
    assert message.sent_at == datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    assert message.private
    assert message.addressed
    assert (message.attachments, message.reply_to, message.quoted_text) == ((), "", "")


@pytest.mark.parametrize(
    "kind", [kind for kind in AttachmentKind if kind not in ("photo", "other")]
)
def test_every_kind_of_attachment_is_told(kind: AttachmentKind) -> None:
    content = {**FILE, "file_name": "a\x00b.bin", "mime_type": "x/y"}

    message = Door().read(**{kind.value: content})

    expected = Attachment(kind=kind, file_id="F1", name="ab.bin", mime_type="x/y", size=321)
    assert message.attachments == (expected,)
    assert message.text == ""


def test_the_largest_size_of_a_photo_is_taken() -> None:
    message = Door().read(photo=[SMALL, LARGE])

    assert message.attachments == (Attachment(kind=AttachmentKind.PHOTO, file_id="L", size=99),)


def test_an_animation_is_not_a_document_as_well() -> None:
    message = Door().read(animation=FILE, document=FILE)

    assert [each.kind for each in message.attachments] == [AttachmentKind.ANIMATION]


def test_a_caption_is_the_text() -> None:
    caption = "@fake_test_bot look"
    message = Door().read(
        photo=[LARGE],
        caption=caption,
        caption_entities=[entity("mention", caption, "@fake_test_bot")],
        chat=group(),
    )

    assert message.text == "look"
    assert message.addressed


def mentions(text: str, part: str, kind: str = "mention", **more: Any) -> Json:
    return {"text": text, "entities": [entity(kind, text, part, **more)]}


US, THEM = {"id": BOT.id, "is_bot": True}, {"id": 1, "is_bot": True}


@pytest.mark.parametrize(
    ("content", "addressed"),
    [
        ({"text": "hello all"}, False),
        (mentions("hi @fake_test_bot", "@fake_test_bot"), True),
        (mentions("hi @FAKE_Test_bot", "@FAKE_Test_bot"), True),
        (mentions("👨‍👩‍👧😀 @fake_test_bot", "@fake_test_bot"), True),
        (mentions("hi @fake_test_bot2", "@fake_test_bot2"), False),
        (mentions("hi @other", "@other"), False),
        ({"text": "hi @fake_test_bot"}, False),
        (mentions("hi Botty", "Botty", "text_mention", user=US), True),
        (mentions("hi Botty", "Botty", "text_mention", user=THEM), False),
        (mentions("hi Botty", "Botty", "text_mention"), False),
        (mentions("/help", "/help", "bot_command"), True),
        (mentions("see /etc/hosts", "/etc", "bot_command"), False),
        (mentions("/help@fake_test_bot", "/help@fake_test_bot", "bot_command"), True),
        (mentions("do /help@fake_test_bot", "/help@fake_test_bot", "bot_command"), True),
        (mentions("/help@other_bot", "/help@other_bot", "bot_command"), False),
        ({"text": "yes", "reply_to_message": {"message_id": 5, "from": US}}, True),
        ({"text": "yes", "reply_to_message": {"message_id": 5, "from": THEM}}, False),
        ({"text": "yes", "reply_to_message": {"message_id": 5}}, False),
    ],
    ids=lambda value: value["text"] if isinstance(value, dict) else "",
)
def test_in_a_group_the_bot_is_meant_when_it_is_named(content: Json, addressed: bool) -> None:
    assert Door().read(chat=group(), **content).addressed is addressed
    assert Door().read(chat=private(), **content).addressed


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@fake_test_bot hello", "hello"),
        ("@FAKE_TEST_BOT  hello", "hello"),
        ("/new@fake_test_bot", "/new"),
        ("/revive@Fake_Test_Bot m1", "/revive m1"),
        ("/new@other_bot", "/new@other_bot"),
        ("ask @fake_test_bot", "ask @fake_test_bot"),
        ("@fake_test_bots hello", "@fake_test_bots hello"),
        ("@fake_test_bot", ""),
    ],
)
def test_the_own_name_in_front_is_dropped(text: str, left: str) -> None:
    assert Door().read(text=text).text == left


def test_a_reply_tells_what_it_answers() -> None:
    replied = {"message_id": 5, "from": person(GUEST), "text": "all of it"}

    whole = Door().read(text="why?", reply_to_message=replied)
    part = Door().read(text="why?", reply_to_message=replied, quote={"text": "of it"})
    captioned = {"message_id": 5, "caption": "a picture"}
    caption = Door().read(text="why?", reply_to_message=captioned)

    assert (whole.reply_to, whole.quoted_text) == ("5", "all of it")
    assert (part.reply_to, part.quoted_text) == ("5", "of it")
    assert caption.quoted_text == "a picture"


def test_a_topic_is_a_conversation_of_its_own() -> None:
    topic = Door().read(chat=group(), text="x", message_thread_id=17, is_topic_message=True)
    thread = Door().read(chat=group(), text="x", message_thread_id=17)

    assert topic.chat.key == "telegram:-1001:17"
    assert thread.chat.key == "telegram:-1001"


@pytest.mark.parametrize(
    ("text", "urgent"),
    [("/stop", True), (" /Stop\n", True), ("/stop@fake_test_bot", True), ("/stopp", False)],
)
def test_only_a_stop_must_not_wait(text: str, urgent: bool) -> None:
    assert Door().arrival(update(text=text)).urgent is urgent


def test_a_stop_that_is_meant_for_nobody_here_is_not_urgent() -> None:
    assert not Door().arrival(update(text="/stop", chat=group())).urgent


def test_control_characters_and_torn_pairs_are_removed_from_all_that_is_kept() -> None:
    nasty = "a\x00\x07\x1b[31m\x7f\ud800b\r\n\tc"
    sender = person(first_name=nasty, language_code="e\ud800")
    document = {"file_id": nasty, "file_name": nasty, "mime_type": "x\ud800"}
    replied = {"message_id": 5, "text": nasty}

    arrival = Door().arrival(
        update(text=nasty, sender=sender, document=document, reply_to_message=replied)
    )

    message = arrival.message
    assert message is not None
    clean = "a[31m?b\r\n\tc"
    kept = message.attachments[0]
    assert (message.text, message.sender.name, message.quoted_text) == (clean, clean, clean)
    assert (kept.file_id, kept.name, kept.mime_type) == (clean, clean, "x?")
    assert message.sender.language == "e?"
    arrival.raw.encode()


@pytest.mark.parametrize(
    "broken",
    [
        {"message_id": None},
        {"message_id": "11"},
        {"message_id": 2**80},
        {"date": None},
        {"date": 10**17},
        {"date": True},
        {"text": 5},
        {"text": "x", "entities": 5},
        {"text": "@a", "entities": [{"type": "mention"}], "chat": group()},
        {"text": "x", "reply_to_message": {"text": "no number"}},
        {"photo": {"file_id": "F"}},
    ],
    ids=str,
)
def test_what_an_allowed_person_sends_and_nobody_can_read_is_set_aside(broken: Json) -> None:
    raw = update(**{"text": "x", **broken})
    door = Door()

    arrival = door.arrival(raw)

    assert arrival.message is None
    assert arrival.problem.startswith("unreadable update: ")
    assert json.loads(arrival.raw) == raw
    assert not arrival.urgent
    assert door.reader.refused == 0


@pytest.mark.parametrize(
    "harmless",
    [
        {"text": "x", "entities": None},
        {"text": "x", "entities": [5, None, {}]},
        {"text": "x", "sticker": "not an object"},
        {"photo": ["not an object"]},
        {"text": "x", "document": {"file_id": 5, "file_size": "big", "file_name": ["a"]}},
        {"text": "x", "reply_to_message": "not an object", "quote": 5},
        {"text": "x", "message_thread_id": 5},
        {},
    ],
    ids=str,
)
def test_an_odd_detail_makes_no_message_unreadable(harmless: Json) -> None:
    Door().read(**harmless)


def test_an_update_nested_beyond_reason_is_read() -> None:
    deep: Any = "bottom"
    for _ in range(5_000):
        deep = [deep]

    arrival = Door().arrival(update(text="x", whatever=deep))

    assert arrival.message is not None


CHANNEL_POST = {"message_id": 1, "chat": {"id": GROUP, "type": "channel"}, "date": 1, "text": "x"}
FROM_OWNER = {"id": "1", "from": person(), "chat_instance": "7", "data": "x"}
OTHER_TYPES = {
    "edited_message": update(text="edited")["message"],
    "channel_post": CHANNEL_POST,
    "edited_channel_post": CHANNEL_POST,
    "business_message": update(text="hi")["message"],
    "guest_message": update(text="hi")["message"],
    "callback_query": {**FROM_OWNER, "message": update(text="x")["message"]},
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
    "stopped_message_generation": {"chat": private(), "draft_id": 1},
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
    door = Door(moved={"telegram:-100777": f"telegram:{GROUP}"})

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
    photo=[SMALL],
    document=FILE,
    reply_to_message={"message_id": 1, "from": US, "text": "t"},
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
