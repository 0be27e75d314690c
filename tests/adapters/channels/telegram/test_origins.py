"""Whose words a message carries."""

import pytest

from tests.adapters.channels.telegram.update_samples import (
    BOT,
    GUEST,
    OWNER,
    STRANGER,
    Door,
    Json,
    group,
    person,
    press,
)

US = {"id": BOT.id, "is_bot": True}


def by(user_id: int) -> Json:
    return {"type": "user", "date": 1, "sender_user": person(user_id)}


def replied(author: Json | None, **content: object) -> Json:
    """A message that is answered."""
    who = {} if author is None else {"from": author}
    return {"message_id": 5, **who, **(content or {"text": "words"})}


OWN: dict[str, Json] = {
    "plain text": {},
    "own message, forwarded": {"forward_origin": by(OWNER)},
    "own message, forwarded, as it was told once": {
        "forward_from": person(OWNER), "forward_date": 1,
    },
    "the bot's message, forwarded": {"forward_origin": by(BOT.id)},
    "answer to the bot": {"reply_to_message": replied(US)},
    "answer to oneself": {"reply_to_message": replied(person())},
    "piece of the bot's message": {
        "reply_to_message": replied(US), "quote": {"text": "ord"},
    },
    "answer to a picture of one's own": {
        "reply_to_message": replied(person(), photo=[{"file_id": "F"}]),
    },
    "first message in a topic": {
        "reply_to_message": replied(person(STRANGER), forum_topic_created={"name": "x"}),
    },
    "answer to oneself in another chat": {
        "external_reply": {"origin": by(OWNER)}, "quote": {"text": "words"},
    },
    "answer to one's own message, forwarded": {
        "reply_to_message": replied(person(), text="words", forward_origin=by(OWNER)),
    },
}  # fmt: skip

FOREIGN: dict[str, Json] = {
    "answer to a picture without words": {
        "reply_to_message": replied(person(STRANGER), photo=[{"file_id": "F"}]),
    },
    "forwarded from somebody": {"forward_origin": by(STRANGER)},
    "forwarded from somebody who may talk": {"forward_origin": by(GUEST)},
    "forwarded from somebody hidden": {
        "forward_origin": {"type": "hidden_user", "sender_user_name": "Ada"},
    },
    "forwarded from a chat": {"forward_origin": {"type": "chat", "sender_chat": {"id": OWNER}}},
    "forwarded from a channel": {
        "forward_origin": {"type": "channel", "chat": {"id": OWNER}, "message_id": 1},
    },
    "forwarded in a form of tomorrow": {
        "forward_origin": {"type": "planet", "sender_user": person(OWNER)},
    },
    "forwarded in no form": {"forward_origin": "odd"},
    "forwarded from an id of text": {
        "forward_origin": {"type": "user", "sender_user": {"id": [OWNER]}},
    },
    "forwarded, as it was told once": {"forward_from": person(STRANGER), "forward_date": 1},
    "forwarded from somebody hidden, as it was told once": {
        "forward_sender_name": "Ada", "forward_date": 1,
    },
    "forwarded from a channel, as it was told once": {"forward_from_chat": {"id": -5}},
    "forwarded without an author": {"forward_date": 1},
    "answer to somebody": {"reply_to_message": replied(person(GUEST))},
    "answer to somebody's caption": {
        "reply_to_message": replied(person(STRANGER), caption="words"),
    },
    "answer to an anonymous admin": {
        "reply_to_message": replied(person(1087968824), text="words", sender_chat=group()),
    },
    "answer to nobody known": {"reply_to_message": replied(None)},
    "piece of somebody's message": {
        "reply_to_message": replied(person(GUEST), photo=[]), "quote": {"text": "ord"},
    },
    "piece of no message": {"quote": {"text": "ord"}},
    "answer to what oneself forwarded": {
        "reply_to_message": replied(person(), text="words", forward_origin=by(STRANGER)),
    },
    "answer to what oneself had another bot write": {
        "reply_to_message": replied(person(), text="words", via_bot={"id": 1, "is_bot": True}),
    },
    "answer to a message in another chat": {"external_reply": {"origin": by(STRANGER)}},
    "answer to a channel": {
        "external_reply": {"origin": {"type": "channel"}}, "quote": {"text": "words"},
    },
    "answer to something in another chat": {"external_reply": "odd"},
    "written by another bot": {"via_bot": {"id": 1, "is_bot": True}},
}  # fmt: skip


@pytest.mark.parametrize("what", OWN)
def test_words_of_the_sender_and_the_bot_are_not_foreign(what: str) -> None:
    assert not Door().read(text="x", **OWN[what]).foreign


@pytest.mark.parametrize("what", FOREIGN)
def test_words_of_anybody_else_are_foreign(what: str) -> None:
    assert Door().read(text="x", **FOREIGN[what]).foreign
    assert Door().read(text="x", chat=group(), **FOREIGN[what]).foreign


def test_what_is_quoted_is_told_whoever_wrote_it() -> None:
    message = Door().read(text="x", reply_to_message=replied(person(STRANGER)))

    assert message.quoted_text == "words"


def test_a_press_carries_nobodys_words() -> None:
    message = Door().arrival(press(forward_origin=by(STRANGER))).message

    assert message is not None
    assert not message.foreign
