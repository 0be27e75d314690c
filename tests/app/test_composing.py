"""How an answer becomes parts: rich where a chat chose that, a file where it is too long."""

from collections.abc import Sequence
from typing import Any

import pytest

from minibot.app.composing import MOST_MESSAGES
from minibot.app.pipeline import Answer
from minibot.core.account import AnswerAccount
from minibot.core.chat_settings import Switch
from minibot.core.messages import Button, Document, OutgoingFile, Part, Person
from tests.app.rig import Rig
from tests.fakes import START, make_chat, make_message

ACCOUNT = AnswerAccount(reference="m1", answered_at=START, models=("a/b",))
UNDO = ((Button(label="Undo", data="un:1:x"),),)
LONG = "one\n---\ntwo\n---\nthree"


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.render_rich = lambda markdown: (Part(text=markdown, rich=f"<{markdown}>"),)
    return made


def too_long(markdown: str, parts: Sequence[Part]) -> Document | None:
    return Document(name="x.md", text=markdown) if len(parts) > 2 else None


async def compose(rig: Rig, answer: Answer, **fields: Any) -> list[Part]:
    return await rig.composer.compose(make_message(chat=make_chat(), **fields), answer)


@pytest.mark.parametrize(
    ("chosen", "rich"), [(Switch.DEFAULT, ""), (Switch.OFF, ""), (Switch.ON, "<hi>")]
)
async def test_answer_of_the_model_is_rich_where_the_chat_chose_so(
    rig: Rig, chosen: Switch, rich: str
) -> None:
    await rig.chats.change(make_chat().key, rich=chosen)
    answer = Answer(markdown="hi", account=ACCOUNT, buttons=UNDO)
    assert await compose(rig, answer) == [Part(text="hi", rich=rich, buttons=UNDO)]


async def test_what_minibot_says_itself_is_plain_and_in_messages(rig: Rig) -> None:
    await rig.chats.change(make_chat().key, rich=Switch.ON)
    rig.as_document = too_long
    assert await compose(rig, Answer(markdown=LONG)) == [
        Part(text="one"),
        Part(text="two"),
        Part(text="three"),
    ]


async def test_long_answer_is_a_file_behind_its_messages_too(rig: Rig) -> None:
    rig.as_document = too_long
    picture = OutgoingFile(path="/x/a", name="a")
    answer = Answer(
        markdown=LONG, account=ACCOUNT, receipts="💾 Wrote a", buttons=UNDO, files=(picture,)
    )
    parts = await compose(rig, answer, sender=Person(id="7", language="de"))
    caption = "📄 Die ganze Antwort in einer Datei."
    file = OutgoingFile(path="/out/x.md", name="x.md", caption=caption)
    assert parts == [
        Part(text="one"),
        Part(text="two"),
        Part(text="three", buttons=UNDO),
        Part(text=caption, file=file),
        Part(text="", file=picture),
    ]
    assert rig.handing_out.files == [("telegram:7", "x.md", LONG.encode())]


async def test_very_long_answer_is_a_file_behind_its_beginning(rig: Rig) -> None:
    rig.as_document = too_long
    text = "\n---\n".join(map(str, range(MOST_MESSAGES + 1)))
    answer = Answer(markdown=text, account=ACCOUNT, receipts="💾 Wrote a", buttons=UNDO)
    parts = await compose(rig, answer)
    caption = "📄 The whole answer in one file.\n\n💾 Wrote a"
    file = OutgoingFile(path="/out/x.md", name="x.md", caption=caption)
    assert parts == [Part(text="0"), Part(text=caption, file=file, buttons=UNDO)]


async def test_answer_of_few_messages_is_no_file(rig: Rig) -> None:
    rig.as_document = too_long
    answer = Answer(markdown="one\n---\ntwo", account=ACCOUNT)
    assert await compose(rig, answer) == [Part(text="one"), Part(text="two")]
    assert rig.handing_out.files == []


async def test_file_that_cannot_be_stored_costs_nobody_an_answer(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.as_document = too_long
    rig.handing_out.disk_full = True
    parts = await compose(rig, Answer(markdown=LONG, account=ACCOUNT))
    assert [part.text for part in parts] == ["one", "two", "three"]
    assert "a long answer is not stored" in caplog.text


async def test_nothing_said_is_no_part(rig: Rig) -> None:
    assert await compose(rig, Answer(account=ACCOUNT, buttons=UNDO)) == []
