"""What is let in, and what becomes of it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from minibot.core.messages import Attachment, AttachmentKind, ChatRef, Person
from tests.adapters.channels.telegram.update_samples import (
    BOT,
    GUEST,
    Door,
    Json,
    entity,
    group,
    person,
    private,
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

    expected = Attachment(
        kind=kind, file_id="F1", name="ab.bin", mime_type="x/y", size=321, key="u"
    )
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
    [("/stop", True), ("/STATUS@fake_test_bot", True), ("/new", False), ("hello", False)],
)
def test_a_command_that_depends_on_nothing_does_not_wait(text: str, urgent: bool) -> None:
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
