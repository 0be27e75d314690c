"""Rich messages, their limits, and servers that do not know them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.telegram.rig import Rig
from tests.peers.telegram.wire import Json


def paragraph(text: Any = "x") -> Json:
    return {"type": "paragraph", "text": text}


def nested(levels: int) -> Json:
    block = paragraph()
    for _ in range(levels - 1):
        block = {"type": "blockquote", "blocks": [block]}
    return block


def bold(levels: int) -> Any:
    text: Any = "x"
    for _ in range(levels):
        text = {"type": "bold", "text": text}
    return text


async def send(rig: Rig, **rich: Any) -> Json:
    rig.app.chat(7)
    sent: Json = await rig.ok("sendRichMessage", chat_id=7, rich_message=rich)
    return sent


EVERYTHING: list[Json] = [
    {"type": "heading", "text": "Plan", "size": 1},
    paragraph(["do ", {"type": "bold", "text": "this"}, " now"]),
    {
        "type": "list",
        "items": [
            {"blocks": [paragraph("milk")], "has_checkbox": True, "is_checked": True},
            {"blocks": [paragraph("tea")]},
        ],
    },
    {"type": "table", "cells": [[{"text": "a"}, {"text": "b"}], [{"text": "1"}, {}]]},
    {"type": "details", "summary": "More", "blocks": [{"type": "pre", "text": "x = 1"}]},
    {"type": "mathematical_expression", "expression": "e = mc^2"},
    {"type": "divider"},
    {"type": "buttons", "buttons": [{"text": "Yes", "callback_data": "y"}]},
    paragraph({"type": "custom_emoji", "custom_emoji_id": "5", "alternative_text": "😀"}),
    paragraph({"type": "button", "button": {"text": "No", "callback_data": "n"}}),
    {"type": "photo", "photo": {"type": "photo", "media": "f"}, "caption": {"text": "A cat"}},
]


async def test_a_rich_message_is_kept_as_it_is_and_its_text_is_in_the_transcript(rig: Rig) -> None:
    sent = await send(rig, blocks=EVERYTHING)
    assert (sent["rich_message"], "text" in sent) == ({"blocks": EVERYTHING}, False)
    (event,) = rig.app.transcript.select({"chat_id": 7})
    assert event["method"] == "sendRichMessage"
    assert event["text"].split("\n") == [
        *("Plan", "do this now", "milk", "tea", "a", "b", "1", "More", "x = 1", "e = mc^2"),
        *("Yes", "😀", "No", "A cat"),
    ]


async def test_html_and_markdown_are_taken_and_direction_is_kept(rig: Rig) -> None:
    for source in ({"html": "<h1>T</h1>"}, {"markdown": "# T"}):
        sent = await send(rig, **source, is_rtl=True)
        assert sent["rich_message"]["is_rtl"] is True
    events = rig.app.transcript.select({"chat_id": 7})
    assert [event["text"] for event in events] == ["<h1>T</h1>", "# T"]


@pytest.mark.parametrize(
    ("rich", "problem"),
    [
        ({}, "exactly one of"),
        ({"html": "x", "markdown": "x"}, "exactly one of"),
        ({"blocks": [paragraph()], "html": "x"}, "exactly one of"),
        ({"html": " "}, "must be non-empty"),
        ({"blocks": []}, "must be non-empty"),
        ({"blocks": "x"}, "expected an Array"),
        ("x", "can't parse"),
        ({"blocks": [{"type": "poem"}]}, "type 'poem' is not supported"),
        ({"blocks": [{"type": "paragraph"}]}, "paragraph has no field 'text'"),
        ({"blocks": [paragraph({"type": "red", "text": "x"})]}, "type 'red' is not supported"),
        ({"blocks": [paragraph({"type": "bold"})]}, "bold has no field 'text'"),
        ({"blocks": [{"type": "heading", "text": "x", "size": 7}]}, "between 1 and 6"),
        ({"blocks": [{"type": "buttons", "buttons": []}]}, "1-8 buttons"),
        ({"blocks": [{"type": "buttons", "buttons": [{"text": "x"}] * 9}]}, "1-8 buttons"),
        ({"blocks": [{"type": "list", "items": []}]}, "list must be non-empty"),
        ({"blocks": [{"type": "table", "cells": [[]]}]}, "table must be non-empty"),
        ({"blocks": [{"type": "list", "items": [{}]}]}, "expected an Array"),
        ({"blocks": [{"type": "thinking", "text": "x"}]}, "only in drafts"),
        ({"blocks": [paragraph("x" * 32769)]}, "too long"),
        ({"markdown": "😀" * 16384 + "x"}, "too long"),
        ({"blocks": [paragraph()] * 501}, "too many blocks"),
        ({"blocks": [nested(2)] * 251}, "too many blocks"),
        ({"blocks": [nested(17)]}, "nested too deeply"),
        ({"blocks": [paragraph(bold(16))]}, "nested too deeply"),
        ({"blocks": ["x"]}, "can't parse"),
    ],
)
async def test_what_is_no_rich_message_is_refused(rig: Rig, rich: Any, problem: str) -> None:
    rig.app.chat(7)
    status, description = await rig.fails("sendRichMessage", chat_id=7, rich_message=rich)
    assert (status, problem in description) == (400, True), description
    assert rig.bot.messages == {}


@pytest.mark.parametrize(
    "rich",
    [
        {"blocks": [paragraph("😀" * 16384)]},
        {"blocks": [paragraph()] * 500},
        {"blocks": [nested(16)]},
        {"blocks": [paragraph(bold(15))]},
    ],
)
async def test_the_limits_themselves_are_allowed(rig: Rig, rich: Json) -> None:
    assert (await send(rig, **rich))["rich_message"] == rich


async def test_a_draft_may_show_that_one_thinks(rig: Rig) -> None:
    rig.app.chat(7)
    thinking: list[Json] = [{"type": "thinking", "text": "Hm"}, paragraph("so")]
    draft = {"chat_id": 7, "draft_id": 1, "rich_message": {"blocks": thinking}}
    assert await rig.ok("sendRichMessageDraft", **draft, can_stop=True) is True
    assert rig.app.shown_draft(7) == "Hm\nso"
    assert rig.app.inject({"chat_id": 7, "kind": "stop"})["draft_id"] == 1
    rig.app.chat(-100)
    assert (await rig.fails("sendRichMessageDraft", **draft | {"chat_id": -100}))[0] == 400
    assert (await rig.fails("sendRichMessageDraft", **draft | {"draft_id": 0}))[0] == 400


async def test_rich_and_plain_are_edited_into_each_other(rig: Rig) -> None:
    message_id = (await send(rig, markdown="# T"))["message_id"]
    target = {"chat_id": 7, "message_id": message_id}
    same = await rig.fails("editMessageText", **target, rich_message={"markdown": "# T"})
    assert "message is not modified" in same[1]
    plain = await rig.ok("editMessageText", **target, text="plain")
    assert (plain["text"], "rich_message" in plain) == ("plain", False)
    rich = {"blocks": [paragraph("rich")]}
    again = await rig.ok("editMessageText", **target, rich_message=rich)
    assert (again["rich_message"], "text" in again) == (rich, False)
    (entry,) = rig.app.transcript.ledger()["chats"]["7"]["out"]
    assert (entry["text"], entry["final"]) == ("# T", "rich")


async def test_a_server_may_not_know_rich_messages(rig: Rig) -> None:
    rig.app.chat(7)
    assert (await rig.control("config", {"rich_messages": False}))["rich_messages"] is False
    unknown = (404, "Not Found: method not found")
    rich = {"chat_id": 7, "rich_message": {"markdown": "x"}}
    assert await rig.fails("sendRichMessage", **rich) == unknown
    assert await rig.fails("sendRichMessageDraft", **rich, draft_id=1) == unknown
    message_id = (await rig.ok("sendMessage", chat_id=7, text="x"))["message_id"]
    edit = await rig.fails("editMessageText", **rich, message_id=message_id)
    assert edit == (400, "Bad Request: message text is empty")
