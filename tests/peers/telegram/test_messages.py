"""What bots send and what users do."""

from __future__ import annotations

import base64
import json

import aiohttp
import pytest

from tests.peers.telegram.rig import TOKEN, Rig


async def test_send_and_its_limits(rig: Rig) -> None:
    unknown = (400, "Bad Request: chat not found")
    assert await rig.fails("sendMessage", chat_id=7, text="x") == unknown
    await rig.inject(text="hi")
    message = await rig.ok("sendMessage", chat_id=7, text="  padded  ")
    assert (message["text"], message["from"]["is_bot"]) == ("padded", True)
    assert (await rig.ok("sendMessage", chat_id="7", text="y" * 4096))["text"] == "y" * 4096
    too_long = (400, "Bad Request: message is too long")
    assert await rig.fails("sendMessage", chat_id=7, text="y" * 4097) == too_long
    empty = (400, "Bad Request: message text is empty")
    assert await rig.fails("sendMessage", chat_id=7, text="") == empty
    assert (await rig.fails("sendMessage", chat_id=7, text=" \n "))[0] == 400
    bold = "<b>" + "z" * 4095 + "</b>"
    sent = await rig.ok("sendMessage", chat_id=7, text=bold, parse_mode="HTML")
    assert len(sent["text"]) == 4095, "the limit counts after the entities are parsed"
    assert await rig.ok("sendMessageDraft", chat_id=7, draft_id=3, text="par") is True
    assert await rig.ok("setSomethingUnheardOf", chat_id=7) is True
    assert "message_id" in await rig.ok("sendSomethingUnheardOf", chat_id=7)
    assert (await rig.fails("sendMessage", chat_id=7, text="x", entities=["odd"]))[0] == 400


async def test_edit(rig: Rig) -> None:
    await rig.inject(text="hi")
    message_id = (await rig.ok("sendMessage", chat_id=7, text="old"))["message_id"]
    same = {"chat_id": 7, "message_id": message_id}
    assert "is not modified" in (await rig.fails("editMessageText", **same, text="old"))[1]
    edited = await rig.ok("editMessageText", **same, text="new")
    assert (edited["text"], edited["message_id"]) == ("new", message_id)
    assert "is not modified" in (await rig.fails("editMessageText", **same, text="new"))[1]
    missing = (400, "Bad Request: message to edit not found")
    assert await rig.fails("editMessageText", chat_id=7, message_id=999, text="q") == missing
    bold = await rig.ok("editMessageText", **same, text="<b>new</b>", parse_mode="HTML")
    assert bold["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert "entities" not in await rig.ok("editMessageText", **same, text="new")
    kept = await rig.ask(f"message?chat_id=7&message_id={message_id}")
    assert kept["message"]["text"] == "new"
    assert await rig.ok("deleteMessage", **same) is True
    assert (await rig.fails("deleteMessage", **same))[0] == 400


@pytest.mark.parametrize(
    ("mode", "text", "message"),
    [
        ("HTML", "<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "<x>no</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("HTML", "a</b>", "Unexpected end tag at byte offset 1"),
        (
            "HTML",
            "é<b>1</i>",
            'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"',
        ),
        (
            "MarkdownV2",
            "1. item",
            "Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ("MarkdownV2", "*bold", "Can't find end of Bold entity at byte offset 0"),
        ("Markdown", "a_b", "Can't find end of the entity starting at byte offset 1"),
    ],
)
async def test_entity_errors(rig: Rig, mode: str, text: str, message: str) -> None:
    await rig.inject(text="hi")
    error = await rig.fails("sendMessage", chat_id=7, text=text, parse_mode=mode)
    assert error == (400, f"Bad Request: can't parse entities: {message}")


async def test_forms_multipart_query_and_json(rig: Rig) -> None:
    await rig.inject(text="hi")
    url = f"{rig.telegram.url}/bot{TOKEN}/sendMessage"
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    fields = {"chat_id": "7", "text": "a&b ü", "reply_markup": json.dumps(markup)}
    parts = aiohttp.FormData(fields, default_to_multipart=True)
    for request in (
        rig.http.post(url, data=fields),
        rig.http.post(url, data=parts),
        rig.http.get(url, params=fields),
        rig.http.post(url, json={"chat_id": 7, "text": "a&b ü", "reply_markup": markup}),
    ):
        async with request as response:
            result = (await response.json())["result"]
        assert (result["text"], result["reply_markup"]) == ("a&b ü", markup)
    headers = {"Content-Type": "application/json"}
    async with rig.http.post(url, data=b"{", headers=headers) as response:
        assert response.status == 400


async def test_files(rig: Rig) -> None:
    await rig.inject(text="hi")
    form = aiohttp.FormData({"chat_id": "7", "caption": "report"})
    form.add_field("document", b"data", filename="r.txt")
    async with rig.http.post(f"{rig.telegram.url}/bot{TOKEN}/sendDocument", data=form) as response:
        document = (await response.json())["result"]
    assert document["caption"] == "report"
    again = await rig.ok("sendDocument", chat_id=7, document=document["document"]["file_id"])
    info = await rig.ok("getFile", file_id=again["document"]["file_id"])
    async with rig.http.get(f"{rig.telegram.url}/file/bot{TOKEN}/{info['file_path']}") as response:
        assert await response.read() == b"data"
    assert (await rig.fails("getFile", file_id="nope"))[1] == "Bad Request: invalid file_id"
    await rig.inject(kind="document", file={"size": 21 * 1024 * 1024, "name": "big.bin"})
    big = (await rig.ok("getUpdates", offset=1))[-1]["message"]["document"]["file_id"]
    assert (await rig.fails("getFile", file_id=big))[1] == "Bad Request: file is too big"
    assert (await rig.fails("sendPhoto", chat_id=7, photo="zzz"))[0] == 400
    long = await rig.fails("sendVoice", chat_id=7, voice=info["file_id"], caption="c" * 1025)
    assert long == (400, "Bad Request: message caption is too long")


async def test_injected_kinds(rig: Rig) -> None:
    await rig.inject(text="/start now")
    await rig.inject(kind="photo", caption="look", file={"base64": base64.b64encode(b"P").decode()})
    await rig.inject(kind="voice", file={"duration": 9})
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await rig.ok("sendMessage", chat_id=7, text="pick", reply_markup=markup)
    await rig.inject(kind="callback", message_id=sent["message_id"], data="y")
    await rig.inject(chat_id=-100, text="hello", mention=True, user_id=55)
    await rig.inject(text="why", reply_to=sent["message_id"])
    updates = await rig.ok("getUpdates")
    messages = [u.get("message", {}) for u in updates]
    assert messages[0]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert (messages[1]["caption"], len(messages[1]["photo"])) == ("look", 2)
    assert messages[2]["voice"]["duration"] == 9
    query = updates[3]["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("y", sent["message_id"])
    assert (messages[4]["text"], messages[4]["from"]["id"]) == ("@fake_test_bot hello", 55)
    assert messages[4]["chat"]["type"] == "supergroup"
    assert messages[5]["reply_to_message"]["text"] == "pick"
    assert await rig.ok("answerCallbackQuery", callback_query_id=query["id"]) is True
    assert (await rig.fails("answerCallbackQuery", callback_query_id=query["id"]))[0] == 400
    await rig.control("config", {"privacy_mode": True})
    assert (await rig.inject(chat_id=-100, text="not for the bot"))["update_id"] is None


async def test_blocked_bot_may_not_write(rig: Rig) -> None:
    await rig.control("chat", {"chat_id": 7, "blocked": True})
    forbidden = (403, "Forbidden: bot was blocked by the user")
    assert await rig.fails("sendMessage", chat_id=7, text="x") == forbidden
    await rig.control("chat", {"chat_id": 7, "blocked": False})
    await rig.ok("sendMessage", chat_id=7, text="x")


async def test_commands(rig: Rig) -> None:
    commands = [{"command": "new", "description": "Start over"}]
    await rig.ok("setMyCommands", commands=commands)
    assert await rig.ok("getMyCommands") == commands
    bad = [{"command": "Bad Name", "description": "x"}]
    assert (await rig.fails("setMyCommands", commands=bad))[0] == 400
