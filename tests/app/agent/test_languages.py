"""What people read of a turn beside its answer, in the language of the chat or else in theirs."""

import asyncio
from collections import deque
from dataclasses import replace
from typing import Any

import pytest

from minibot.core.errors import ModelRequestRefused
from minibot.core.llm import Finished, FinishReason, TextDelta
from minibot.core.media import Extract
from minibot.core.messages import Attachment, AttachmentKind, Person
from minibot.core.outbox import OutgoingPart
from minibot.core.texts import LANGUAGES, Texts
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant, button
from tests.app.agent.test_approvals import GROUP, asking, dangerous, edits
from tests.app.agent.tools import change, reader, writer
from tests.fakes import Gate, ModelStep, make_settings, settle, until

GERMAN, SPANISH = LANGUAGES["de"], LANGUAGES["es"]
ANNA = Person(id="42", name="Anna", language="de-AT")
LIMIT = {"max_steps": 1}
CUT_OFF: list[ModelStep] = [TextDelta("and then"), Finished(FinishReason.LENGTH)]


def labels(part: OutgoingPart) -> list[str]:
    return [each.label for row in part.part.buttons for each in row]


def closed(texts: Texts, outcome: str) -> list[tuple[str, str]]:
    """Give what a question for permission says in the end."""
    asked = texts.permission_asked.format(tool="wipe")
    return [("telegram-1", f"{asked}\nwhat: disk\n\n{outcome}")]


async def test_permission_is_asked_and_given_in_the_language_of_its_person() -> None:
    async with asking(dangerous(scope="disk")).serving() as assistant:
        async with assistant.working(person=ANNA):
            card = await assistant.question()
            assert card.part.text == (
                f"🔐 Darf ich wipe benutzen?\nwhat: disk\n\n{GERMAN.permission_reason}"
            )
            assert labels(card) == ["✅ Einmal", "Für diese Aufgabe", "Immer: disk", "⛔ Nein"]
            said = await assistant.press(button(card, "✅"), language="de")
            assert said == "✅ Einmal erlaubt"
        assert edits(assistant) == closed(GERMAN, "✅ Einmal erlaubt")


async def test_permission_is_asked_in_the_language_that_a_group_chose() -> None:
    async with asking(dangerous()).serving() as assistant:
        await assistant.chats.change(GROUP["chat"].key, language="es")
        async with assistant.working(person=ANNA, **GROUP):
            card = await assistant.question()
            assert card.part.text.startswith("🔐 Anna: ¿Puedo usar wipe?")
            data = button(card, SPANISH.permission_no)
            said = await assistant.press(data, chat=GROUP["chat"], language="de")
            assert said == SPANISH.permission_denied
        assert edits(assistant) == closed(SPANISH, SPANISH.permission_denied)


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "no answer in time"])
async def test_a_question_is_closed_in_the_language_it_was_asked_in(stopped: bool) -> None:
    async with asking(dangerous()).serving() as assistant:
        async with assistant.working(person=ANNA) as turn:
            await assistant.question()
            await assistant.chats.change("telegram:42", language="es")
            if stopped:
                assistant.rig.running.stop("telegram:42")
                await asyncio.wait((turn,))
            else:
                await assistant.rig.clock.advance(120)
        outcome = GERMAN.permission_stopped if stopped else GERMAN.permission_expired
        await until(lambda: edits(assistant))
        assert edits(assistant) == closed(GERMAN, outcome)


async def test_a_question_from_before_a_restart_is_closed_in_the_language_of_its_person() -> None:
    first = asking(dangerous())
    async with first.serving(), first.working(person=ANNA) as turn:
        await first.question()
        await settle()
        first.rig.faults.kill()
        turn.cancel()
    second = first.successor(says("done"))
    async with second.serving(), second.working(item=await second.recover()) as turn:
        await settle()
        await second.rig.clock.advance(120)
        await until(turn.done)
    assert edits(second) == closed(GERMAN, GERMAN.permission_expired)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_fits_a_message_in_every_language(language: str) -> None:
    arguments: dict[str, Any] = {f"what{number}": "😀" * 3_000 for number in range(4)}
    tool = dangerous(scope="x" * 60)
    person = Person(id="42", name="Anna", language=language)
    async with (
        asking(tool, (call("wipe", **arguments),)).serving() as assistant,
        assistant.working(person=person),
    ):
        card = await assistant.question()
        # Bot API, sendMessage and InlineKeyboardButton.
        assert len(card.part.text.encode("utf-16-le")) // 2 <= 4_096
        assert all(len(label.encode()) <= 128 for label in labels(card))
        await assistant.press(button(card, "⛔"))


@pytest.mark.parametrize(
    ("answers", "below"),
    [
        ([CUT_OFF], GERMAN.cut_short),
        (
            [calls(call("look")), says("and then")],
            GERMAN.stopped_early.format(limit="the limit of 1 steps is reached"),
        ),
    ],
    ids=["length", "limit"],
)
@pytest.mark.parametrize(("chosen", "client"), [("", "de"), ("de", "es")])
async def test_why_an_answer_ends_is_told_in_the_language_of_the_chat(
    answers: list[list[ModelStep]], below: str, chosen: str, client: str
) -> None:
    assistant = Assistant(reader(), answers=answers, settings=make_settings(tools=LIMIT))
    async with assistant.serving():
        await assistant.chats.change(GROUP["chat"].key, language=chosen)
        await assistant.say(person=replace(ANNA, language=client), **GROUP)
        assert assistant.said() == [f"and then\n\n{below}"]


async def test_an_answer_that_is_stopped_says_so_and_has_buttons_in_that_language() -> None:
    gate = Gate()
    async with Assistant(answers=[[TextDelta("and then"), gate]]).serving() as assistant:
        async with assistant.working(person=ANNA) as turn:
            await gate.reached.wait()
            assistant.rig.running.stop("telegram:42")
            await asyncio.wait((turn,))
        (stopped,) = assistant.rig.channel.sent
    assert stopped.part.text == f"and then\n\n{GERMAN.answer_stopped}"
    assert labels(stopped) == [GERMAN.go_on, GERMAN.try_again]


async def test_what_was_changed_is_told_and_taken_back_in_that_language() -> None:
    changed = [calls(call("save", n=1), call("save", n=2))]
    refused: list[ModelStep] = [ModelRequestRefused("no")]
    tool = writer("save", change("tea"), change("milk"))
    async with Assistant(tool, answers=[*changed, refused]).serving() as assistant:
        await assistant.say(person=ANNA)
        (said,) = assistant.rig.channel.sent
    apology, heading, _ = said.part.text.split("\n\n")
    assert apology == f"⚠️ {GERMAN.model_refused} (Kennung m1)"
    assert heading == GERMAN.done_by_then
    assert labels(said) == ["↩️ 1 zurücknehmen", "↩️ 2 zurücknehmen"]


async def test_a_picture_that_was_not_seen_is_told_in_that_language() -> None:
    blind = {"provider": "offline", "capabilities": {"vision": False}}
    assistant = Assistant(answers=[says("Well.")], settings=make_settings(llm=blind))
    photo = Attachment(kind=AttachmentKind.PHOTO, file_id="photo", key="photo")
    assistant.media_reader.found[""] = Extract(mime_type="image/jpeg")
    assistant.rig.channel.files["photo"] = deque([[b"data"]])
    async with assistant.serving():
        await assistant.say(person=ANNA, attachments=(photo,))
        (said,) = assistant.said()
    assert said.startswith("Well.\n\n⚠️ Das Bild habe ich nicht gesehen: ")
