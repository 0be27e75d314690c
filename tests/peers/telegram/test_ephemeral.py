"""Messages that one person in a group sees."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.telegram.rig import Rig
from tests.peers.telegram.wire import Json

GROUP, ANN = -100, 55


async def whisper(rig: Rig, text: str = "only you", **more: Any) -> Json:
    rig.app.chat(GROUP)
    to_ann = {"ephemeral_message_parameters": {"receiver_user_id": ANN}}
    sent: Json = await rig.ok("sendMessage", chat_id=GROUP, text=text, **to_ann, **more)
    return sent


def seen(rig: Rig, user_id: int = ANN) -> list[str]:
    return [message["text"] for message in rig.app.ephemerals(GROUP, user_id)]


async def test_one_person_sees_it_and_it_has_no_number_in_the_chat(rig: Rig) -> None:
    first = await whisper(rig)
    second = await whisper(rig, "and this")
    assert (first["message_id"], first["receiver_user"]["id"]) == (0, ANN)
    assert first["ephemeral_message_id"] != second["ephemeral_message_id"]
    assert (seen(rig), seen(rig, 56)) == (["only you", "and this"], [])
    assert rig.bot.messages == {}
    told = rig.app.transcript.select({"chat_id": GROUP})
    assert [(e["method"], e["text"], e["receiver_user_id"], e["message_id"]) for e in told] == [
        ("sendMessage", "only you", ANN, None),
        ("sendMessage", "and this", ANN, None),
    ]
    assert rig.app.transcript.ledger()["chats"] == {}
    waited = await rig.control("wait", {"contains": "only", "timeout": 0})
    assert waited["ok"], "a person reads it"


async def test_it_is_edited_and_deleted_by_its_own_number(rig: Rig) -> None:
    sent = await whisper(rig)
    number = {"ephemeral_message_id": sent["ephemeral_message_id"]}
    target = {"chat_id": GROUP, "receiver_user_id": ANN, **number}
    assert await rig.ok("editEphemeralMessageText", **target, text="changed") is True
    assert seen(rig) == ["changed"]
    button = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    assert await rig.ok("editEphemeralMessageReplyMarkup", **target, reply_markup=button) is True
    assert rig.app.ephemerals(GROUP, ANN)[0]["reply_markup"] == button
    missing = (400, "Bad Request: message to edit not found")
    somebody = target | {"receiver_user_id": 56}
    assert await rig.fails("editEphemeralMessageText", **somebody, text="x") == missing
    assert await rig.ok("deleteEphemeralMessage", **target) is True
    assert seen(rig) == []
    gone = (400, "Bad Request: message to delete not found")
    assert await rig.fails("deleteEphemeralMessage", **target) == gone


async def test_a_file_may_be_for_one_person_and_its_caption_is_edited(rig: Rig) -> None:
    rig.app.chat(GROUP)
    file = {"document": "https://example.org/x.txt", "caption": "old"}
    to_ann = {"ephemeral_message_parameters": {"receiver_user_id": ANN}}
    sent = await rig.ok("sendDocument", chat_id=GROUP, **file, **to_ann)
    number = {"ephemeral_message_id": sent["ephemeral_message_id"]}
    target = {"chat_id": GROUP, "receiver_user_id": ANN, **number}
    assert await rig.ok("editEphemeralMessageCaption", **target, caption="new") is True
    assert [message["caption"] for message in rig.app.ephemerals(GROUP, ANN)] == ["new"]


@pytest.mark.parametrize(
    ("chat_id", "asked", "problem"),
    [
        (7, {"receiver_user_id": 7}, "only to groups"),
        (GROUP, {}, "receiver_user_id is missing"),
        (GROUP, {"receiver_user_id": "Ann"}, "receiver_user_id is missing"),
        (GROUP, {"receiver_user_id": -5}, "invalid receiver_user_id"),
        (GROUP, {"receiver_user_id": 4242}, "invalid receiver_user_id"),
        (GROUP, {"receiver_user_id": ANN, "callback_query_id": "1"}, "QUERY_ID_INVALID"),
        (
            GROUP,
            {"receiver_user_id": ANN, "replace_callback_query_message": True},
            "callback_query_id must be specified",
        ),
        (GROUP, [ANN], "receiver_user_id is missing"),
    ],
)
async def test_what_cannot_be_for_one_person_is_refused(
    rig: Rig, chat_id: int, asked: Any, problem: str
) -> None:
    rig.app.chat(chat_id)
    wanted = {"chat_id": chat_id, "text": "x", "ephemeral_message_parameters": asked}
    status, description = await rig.fails("sendMessage", **wanted)
    assert (status, problem in description) == (400, True), description
    assert rig.app.ephemerals(chat_id, ANN) == []


async def test_it_may_answer_the_press_of_the_one_who_pressed(rig: Rig) -> None:
    rig.app.chat(GROUP)
    button = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await rig.ok("sendMessage", chat_id=GROUP, text="?", reply_markup=button)
    query_id = rig.app.press(GROUP, "Yes", by=ANN)["callback_query_id"]
    answer = {"callback_query_id": query_id, "replace_callback_query_message": True}
    for receiver, code in ((56, 400), (ANN, 200)):
        asked = {"receiver_user_id": receiver, **answer}
        wanted: Json = {"text": "x", "ephemeral_message_parameters": asked}
        assert (await rig.api("sendMessage", chat_id=GROUP, **wanted))[0] == code
    assert seen(rig) == ["x"]
