"""Buttons, and the files and forwards beside them."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.peers.telegram.rig import TOKEN, Rig
from tests.peers.telegram.wire import Json

YES, NO = {"text": "Yes ✅", "callback_data": "y"}, {"text": "No", "callback_data": "n"}
TOO_LATE = "query is too old and response timeout expired or query ID is invalid"


def keyboard(*rows: list[Any]) -> Json:
    return {"inline_keyboard": list(rows)}


async def ask(rig: Rig, *rows: list[Any], chat_id: int = 7) -> int:
    """Send a question with buttons; give its number."""
    rig.app.chat(chat_id)
    markup = keyboard(*(rows or ([YES, NO],)))
    sent = await rig.ok("sendMessage", chat_id=chat_id, text="?", reply_markup=markup)
    number: int = sent["message_id"]
    return number


async def updates(rig: Rig) -> list[Json]:
    found: list[Json] = await rig.ok("getUpdates")
    return found


async def test_a_button_is_pressed_by_its_label(rig: Rig) -> None:
    older = await ask(rig)
    await rig.inject(text="hm")
    newer = await ask(rig, [NO])
    assert rig.app.buttons(7) == [["No"]]
    assert rig.app.buttons(7, message_id=older) == [["Yes ✅", "No"]]

    rig.app.press(7, "No")
    rig.app.press(7, "Yes")
    rig.app.press(7, "No", message_id=older)

    queries = [u["callback_query"] for u in await updates(rig) if "callback_query" in u]
    pressed = [(q["message"]["message_id"], q["data"], q["from"]["id"]) for q in queries]
    assert pressed == [(newer, "n", 7), (older, "y", 7), (older, "n", 7)]
    assert queries[0]["message"]["reply_markup"] == keyboard([NO])


async def test_anybody_may_press_in_a_group_and_a_client_may_send_anything(rig: Rig) -> None:
    number = await ask(rig, chat_id=-100)

    rig.app.press(-100, "No", by=55)
    await rig.inject(kind="callback", chat_id=-100, user_id=56, message_id=number, data="forged")

    queries = [u["callback_query"] for u in await updates(rig)]
    assert [(q["from"]["id"], q["data"]) for q in queries] == [(55, "n"), (56, "forged")]


async def test_what_nobody_can_see_nobody_can_press(rig: Rig) -> None:
    with pytest.raises(ValueError, match=r"no button 'Yes' in chat 7; there are: \[\]"):
        rig.app.press(7, "Yes")
    number = await ask(rig)
    with pytest.raises(ValueError, match=r"no button 'Maybe' .*'Yes ✅', 'No'"):
        rig.app.press(7, "Maybe")
    await rig.ok("editMessageReplyMarkup", chat_id=7, message_id=number)
    with pytest.raises(ValueError, match="no button 'No'"):
        rig.app.press(7, "No")
    assert rig.app.buttons(7) == []


async def test_a_press_is_answered_once_and_in_time(rig: Rig) -> None:
    await ask(rig)
    first, late = (rig.app.press(7, "No")["callback_query_id"] for _ in range(2))
    long = await rig.fails("answerCallbackQuery", callback_query_id=first, text="x" * 201)
    assert long == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert await rig.ok("answerCallbackQuery", callback_query_id=first, text="x" * 200) is True
    refused = (400, f"Bad Request: {TOO_LATE}")
    assert await rig.fails("answerCallbackQuery", callback_query_id=first) == refused
    await rig.control("config", {"callback_ttl": 0})
    assert await rig.fails("answerCallbackQuery", callback_query_id=late) == refused


async def test_a_press_that_is_not_asked_for_is_not_delivered(rig: Rig) -> None:
    await rig.ok("getUpdates", allowed_updates=["message"])
    await ask(rig)

    assert rig.app.press(7, "No")["update_id"] is None


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([[{"text": "", "callback_data": "x"}]], "Text must be non-empty"),
        ([[{"callback_data": "x"}]], "Text must be non-empty"),
        ([[{"text": "x"}]], "Text buttons are unallowed"),
        ([[{"text": "x", "callback_data": "x", "url": "https://x.org"}]], "are unallowed"),
        ([[{"text": "x", "callback_data": "é" * 33}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "callback_data": ""}]], "BUTTON_DATA_INVALID"),
        ([[NO] * 9], "reply markup is too long"),
        ([[NO] * 5] * 21, "reply markup is too long"),
        (["row"], "can't parse"),
        ([5], "can't parse"),
    ],
)
async def test_a_keyboard_of_another_shape_is_refused(
    rig: Rig, rows: list[Any], problem: str
) -> None:
    number = await ask(rig)
    for method, more in (("sendMessage", {"text": "x"}), ("editMessageText", {"text": "x"}),
                         ("editMessageReplyMarkup", {})):  # fmt: skip
        target = {} if method == "sendMessage" else {"message_id": number}
        markup = {"inline_keyboard": rows}
        refusal = await rig.fails(method, chat_id=7, reply_markup=markup, **more, **target)
        assert refusal[0] == 400
        assert problem in refusal[1]


async def test_the_limits_themselves_are_allowed(rig: Rig) -> None:
    fine = {"text": "x", "callback_data": "é" * 32}
    await ask(rig, *[[fine] * 8] * 12, [fine] * 4, [])

    assert len(rig.app.buttons(7)) == 13


async def test_editing_the_buttons_alone_keeps_the_text(rig: Rig) -> None:
    number = await ask(rig)
    same = {"chat_id": 7, "message_id": number}
    markup = keyboard([YES, NO])
    unchanged = await rig.fails("editMessageReplyMarkup", **same, reply_markup=markup)
    assert "message is not modified" in unchanged[1]
    edited = await rig.ok("editMessageReplyMarkup", **same, reply_markup=keyboard([NO]))
    assert (edited["text"], edited["reply_markup"]) == ("?", keyboard([NO]))
    assert "reply_markup" not in await rig.ok("editMessageText", **same, text="!")
    assert "message is not modified" in (await rig.fails("editMessageReplyMarkup", **same))[1]
    gone = await rig.fails("editMessageReplyMarkup", chat_id=7, message_id=999)
    assert gone == (400, "Bad Request: message to edit not found")
    (entry,) = (await rig.ask("ledger"))["chats"]["7"]["out"]
    assert (entry["text"], entry["final"]) == ("?", "!")


async def upload(rig: Rig, method: str, data: bytes, **fields: str) -> Json:
    form = aiohttp.FormData({"chat_id": "7", **fields}, quote_fields=False)
    name = "photo" if method == "sendPhoto" else "document"
    form.add_field(name, data, filename="größe 1.txt", content_type="text/x-test")
    url = f"{rig.telegram.url}/bot{TOKEN}/{method}"
    async with rig.http.post(url, data=form) as response:
        body: Json = await response.json()
        return body


async def test_files_keep_their_name_type_and_content(rig: Rig) -> None:
    rig.app.chat(7)
    sent = await upload(rig, "sendDocument", b"data", caption="report")
    document = sent["result"]["document"]
    assert (document["file_name"], document["mime_type"]) == ("größe 1.txt", "text/x-test")
    assert (await upload(rig, "sendPhoto", b"\xff\xd8\xff"))["ok"]
    refused = await upload(rig, "sendPhoto", b"data")
    assert refused["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    await rig.inject(kind="document", file={"text": "of a person"})

    files = rig.app.sent_files(7)

    assert [(f.kind, f.name, f.mime_type, f.data, f.caption) for f in files] == [
        ("document", "größe 1.txt", "text/x-test", b"data", "report"),
        ("photo", "größe 1.txt", "text/x-test", b"\xff\xd8\xff", ""),
    ]
    assert files[0].message_id == sent["result"]["message_id"]


async def test_a_forward_tells_who_wrote_it(rig: Rig) -> None:
    await rig.inject(text="theirs", forward_from=666)
    await rig.inject(text="somebody's", forward_from="Ada")

    known, hidden = (u["message"]["forward_origin"] for u in await updates(rig))

    assert (known["type"], known["sender_user"]["id"]) == ("user", 666)
    assert (hidden["type"], hidden["sender_user_name"]) == ("hidden_user", "Ada")


async def test_a_message_in_a_topic_says_so(rig: Rig) -> None:
    rig.app.chat(-100)

    sent = await rig.ok("sendMessage", chat_id=-100, text="x", message_thread_id=5)

    assert (sent["message_thread_id"], sent["is_topic_message"]) == (5, True)
