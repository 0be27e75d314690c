"""What the fake Telegram has of a chat becomes a page: words, buttons, and what became of them."""

import json
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.demo.camera import Camera
from tests.demo.page import page
from tests.demo.scenes import Bubble, Day, Film, Note, Preview, Scene
from tests.peers.telegram import FakeTelegram
from tests.peers.telegram.wire import Json

ANN, BOB, GROUP = 7, 8, -100
KEYBOARD = {
    "inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "No <way>", "url": "tg:"}]]
}


class Chat:
    """A bot that does what it is told in a chat of Ann's."""

    def __init__(self, chat_id: int) -> None:
        self.telegram = FakeTelegram()
        self.time = datetime(2027, 5, 28, 18, 42, tzinfo=UTC)
        self.camera = Camera(self.telegram, lambda: self.time)
        self.id = chat_id

    def say(self, text: str, **more: object) -> int:
        spec: Json = {"chat_id": self.id, "user_id": ANN, "text": text, **more}
        spec.setdefault("user", {"first_name": "Ann"})
        return int(self.telegram.inject(spec)["message_id"])

    async def bot(self, method: str, **params: Any) -> int:
        call = {"chat_id": self.id, **params}
        bot = self.telegram.default_bot
        done = await self.telegram.call(bot, method, params=call, uploads={}, t=time.monotonic())
        return int(done["message_id"]) if isinstance(done, dict) else 0

    @property
    def film(self) -> Film:
        film = Film(self.telegram)
        film.take(self.camera.events)
        return film

    @property
    def page(self) -> str:
        chat = self.telegram.chat(self.id).to_json() | {"members": 3}
        scene = Scene(chat=chat, viewer=ANN, heading="A < B", entries=self.film.entries)
        return page("Title", [scene], self.telegram.files)


@pytest.fixture
async def private() -> AsyncIterator[Chat]:
    chat = Chat(ANN)
    chat.say("hello")
    yield chat
    # Whatever was played, the page needs nothing from elsewhere, and runs nothing.
    assert not re.findall(r"<script|<link|@import|src=\"(?!data:)|url\(", chat.page)


async def test_what_is_said_is_there_and_stays_text(private: Chat) -> None:
    await private.bot("sendMessage", text="<script>alert(1)</script> and 🦊")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; and 🦊" in private.page
    assert "A &lt; B" in private.page
    assert private.page.index("hello") < private.page.index("alert")


async def test_buttons_are_shown_and_which_was_pressed(private: Chat) -> None:
    asked = await private.bot("sendMessage", text="Shall I?", reply_markup=json.dumps(KEYBOARD))
    assert "<span>Yes</span><span>No &lt;way&gt;</span>" in private.page
    private.telegram.press(ANN, "Yes")
    await private.bot("editMessageText", message_id=asked, text="I did.")

    assert '<span class="pressed">Yes</span>' in private.page
    assert private.page.index("Shall I?") < private.page.index("I did.")
    assert "edited 18:42" in private.page


async def test_buttons_that_go_when_one_is_pressed_make_no_second_message(private: Chat) -> None:
    asked = await private.bot("sendMessage", text="Shall I?", reply_markup=json.dumps(KEYBOARD))
    private.telegram.press(ANN, "Yes")
    await private.bot("editMessageReplyMarkup", message_id=asked)
    assert private.page.count("Shall I?") == 1
    assert '<span class="pressed">Yes</span>' in private.page


async def test_drafts_are_told_and_a_stop_of_them(private: Chat) -> None:
    for text in ("One", "One two", "One two three"):
        await private.bot("sendMessageDraft", draft_id=5, text=text, can_stop=True)
    private.telegram.inject({"kind": "stop", "chat_id": ANN})
    await private.bot("sendMessage", text="One two three. (Stopped.)")

    kinds = [type(entry) for entry in private.film.entries]
    assert kinds == [Day, Bubble, Preview, Note, Bubble]
    assert "a draft, shown 3 times" in private.page
    assert 'One two</div><span class="caret">' in private.page


async def test_a_new_day_is_told_once(private: Chat) -> None:
    private.time += timedelta(days=1)
    await private.bot("sendMessage", text="good morning")
    await private.bot("sendMessage", text="again")
    days = [entry.day.isoformat() for entry in private.film.entries if isinstance(entry, Day)]
    assert days == ["2027-05-28", "2027-05-29"]
    assert "Saturday, 29 May" in private.page


async def test_pictures_and_files_are_cards(private: Chat) -> None:
    private.say("what is it?", kind="photo")
    private.say("", kind="document", file={"text": "x" * 2048, "name": "<notes>.txt"})
    private.say("", kind="voice", file={"size": 10, "duration": 9})
    assert 'src="data:image/jpeg;base64,/9j/' in private.page
    assert "what is it?" in private.page
    assert "&lt;notes&gt;.txt" in private.page
    assert "2.0 kB" in private.page
    assert "9 s" in private.page


async def test_what_is_deleted_is_gone(private: Chat) -> None:
    number = await private.bot("sendMessage", text="a mistake")
    await private.bot("deleteMessage", message_id=number)
    assert "a mistake" not in private.page


async def test_a_rich_message_has_tables_lists_and_formulas(private: Chat) -> None:
    bold: Json = {"type": "bold", "text": "<b>"}
    milk = {"blocks": [{"type": "paragraph", "text": "milk"}]}
    items = [milk | {"has_checkbox": True}, milk | {"value": 3, "type": "1"}]
    blocks: list[Json] = [
        {"type": "heading", "size": 1, "text": ["Heading ", bold]},
        {"type": "table", "cells": [[{"text": "Year", "is_header": True}, {"text": "5 & 6"}]]},
        {"type": "list", "items": items},
        {"type": "mathematical_expression", "expression": "a < x^2"},
        {"type": "details", "summary": "More", "blocks": [{"type": "footer", "text": "foot"}]},
    ]
    await private.bot("sendRichMessage", rich_message=json.dumps({"blocks": blocks}))
    shown = private.page
    assert "Heading <b>&lt;b&gt;</b>" in shown
    assert re.search(r"<th [^>]*>Year</th><td [^>]*>5 &amp; 6</td>", shown)
    assert '<span class="label">☐ </span><div><p>milk</p></div>' in shown
    assert '<span class="label">3. </span><div><p>milk</p></div>' in shown
    assert '<p class="math">a &lt; x²</p>' in shown
    assert "<summary>More</summary><p>foot</p>" in shown


async def test_a_group_has_names_answers_and_reactions() -> None:
    group = Chat(GROUP)
    group.telegram.chat(GROUP).title = "Flat 12"
    question = group.say("who cooks?")
    group.say("not me", user_id=BOB, user={"first_name": "Bob"}, forward_from="Somebody")
    answer = await group.bot("sendMessage", text="You", reply_parameters={"message_id": question})
    await group.bot("editMessageText", message_id=answer, text="You do.")
    liked: Json = {"kind": "reaction", "chat_id": GROUP, "message_id": answer, "emoji": "👍"}
    group.telegram.inject(liked)

    shown = group.page
    assert "3 members" in shown
    assert re.search(r'<div class="name colour\d">Bob</div>', shown)
    assert not re.search(r'<div class="name colour\d">Ann</div>', shown)
    assert "Forwarded from <b>Somebody</b>" in shown
    assert "<b>Ann</b><span>who cooks?</span>" in shown
    assert '<span class="reaction">👍</span>' in shown
    assert "grew in place, in 1 edits" not in shown
    assert "grew in place, in 1 edit<" in shown
