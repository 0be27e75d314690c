"""Whom a message in a group is for."""

from typing import Any

import pytest

from tests.adapters.channels.telegram.update_samples import BOT, Door, entity, group, settings

FROM_US = {"message_id": 5, "from": {"id": BOT.id, "is_bot": True}, "text": "what I said"}
OPENED_BY_US = {
    "message_id": 5,
    "from": {"id": BOT.id, "is_bot": True},
    "forum_topic_created": {"name": "Rome", "icon_color": 0x6FB9F0},
}


def read(text: str, *entities: tuple[str, str], **more: Any) -> tuple[bool, str]:
    """Give whether a message in the group is for the bot, and the words that are left of it."""
    found = [entity(kind, text, part) for kind, part in entities]
    door = Door(settings(groups={"trigger_words": ("minibot",)}))
    message = door.read(text=text, chat=group(), entities=found, **more)
    return message.addressed, message.text


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("MiniBot, hello", ()),
        ("😀 what does minibot say? @somebody", (("mention", "@somebody"),)),
        ("https://minibot.example and minibot", (("url", "https://minibot.example"),)),
        ("/help", (("bot_command", "/help"),)),
        ("@fake_test_bot hello", (("mention", "@fake_test_bot"),)),
    ],
)
def test_it_is_meant(text: str, entities: tuple[tuple[str, str], ...]) -> None:
    assert read(text, *entities)[0]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("hello", ()),
        ("the minibots", ()),
        ("ask @minibot", (("mention", "@minibot"),)),
        ("see https://minibot.example", (("url", "https://minibot.example"),)),
        ("write to minibot@example.org", (("email", "minibot@example.org"),)),
        ("/minibot@other_bot", (("bot_command", "/minibot@other_bot"),)),
        (
            "/ask@other_bot @fake_test_bot minibot",
            (("bot_command", "/ask@other_bot"), ("mention", "@fake_test_bot")),
        ),
        ("see /etc/hosts", (("bot_command", "/etc"),)),
    ],
)
def test_it_is_not_meant(text: str, entities: tuple[tuple[str, str], ...]) -> None:
    assert not read(text, *entities)[0]


def test_an_answer_to_it_is_for_it_but_not_what_stands_in_a_topic_that_it_opened() -> None:
    assert read("and?", reply_to_message=FROM_US)[0]
    assert not read("and?", reply_to_message=OPENED_BY_US)[0]
    assert not read("/a@b_bot", ("bot_command", "/a@b_bot"), reply_to_message=FROM_US)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@fake_test_bot  hello", "hello"),
        ("/prompt@Fake_Test_Bot\nBe brief.", "/prompt\nBe brief."),
        ("/help@other_bot", "/help@other_bot"),
        ("hello @fake_test_bot", "hello @fake_test_bot"),
        ("@fake_test_bot", ""),
        (" @fake_test_bot hello", " @fake_test_bot hello"),
        ("", ""),
    ],
)
def test_its_name_is_dropped_where_it_only_says_whom_the_message_is_for(
    text: str, words: str
) -> None:
    assert read(text)[1] == words
