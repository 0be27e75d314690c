"""Answers that take long: offered to go on in the background, set aside, stopped, settled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from minibot.adapters.storage import Rows
from minibot.app.handlers.aside_buttons import AsideButton
from minibot.app.handlers.presses import REFUSALS, Presses
from minibot.app.long_turns import GO, STOP
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.app.signs_of_life import TYPING_EVERY_SECONDS
from minibot.core.approvals import Refusal
from minibot.core.inbox import InboxState
from minibot.core.messages import Arrival, Person, Press
from minibot.core.outbox import OutgoingPart
from minibot.core.texts import ENGLISH, LANGUAGES
from tests.app.rig import Rig, in_background, signs_of_life
from tests.fakes import Gate, make_arrival, make_chat, make_message, make_settings, settle

PATIENCE = 60
OFFER, SET_ASIDE = ENGLISH.aside_offer, ENGLISH.set_aside
STOPPED, OVER = ENGLISH.aside_stopped, ENGLISH.aside_over


class Conversation:
    """A chat in which every question waits for its gate, if it has one."""

    def __init__(self, *, patience: int = PATIENCE, rows: Rows | None = None) -> None:
        settings = make_settings(tasks={"offer_background_after_seconds": patience})
        self.rig = rig = Rig(settings, rows=rows)
        self.gates: dict[str, Gate] = {}
        self.language = ""
        """Of those who write and press."""
        self.long_turns = rig.long_turns(lambda item: self.dispatcher.let_go(item))
        button = AsideButton(self.long_turns, rig.chats.texts)
        presses = Presses({AsideButton.kind: button}, rig.channels, rig.chats.texts)
        handle = compose(self._answer, [presses, signs_of_life(rig, self.long_turns)])
        self.dispatcher = rig.dispatcher(rig.turns(handle).run)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Conversation"]:
        rig = self.rig
        async with in_background(rig.channels.run, rig.delivery.run, self.dispatcher.run):
            yield self

    async def say(self, text: str, *, held: bool = False) -> int:
        """Write a message; gives the id of its row."""
        if held:
            self.gates[text] = Gate()
        arrival = make_arrival(text, text)
        assert arrival.message is not None
        sender = replace(arrival.message.sender, language=self.language)
        await self.rig.admit([replace(arrival, message=replace(arrival.message, sender=sender))])
        await settle()
        return max(self.rig.rows.inbox)

    async def press(self, choice: str, inbox_id: int, sender_id: str = "42") -> str:
        """Press a button of the card; gives what is said to who pressed it."""
        number = len(self.rig.rows.inbox)
        press = Press(id=f"p{number}", data=f"aside:{choice}:{inbox_id}", message_id="card")
        sender = Person(id=sender_id, name="Ann", language=self.language)
        message = make_message("", press=press, sender=sender)
        await self.rig.admit(
            [
                Arrival(
                    account="1000",
                    key=press.id,
                    chat=message.chat,
                    raw="{}",
                    message=message,
                    urgent=True,
                )
            ]
        )
        await settle()
        return self.rig.channel.acknowledged[-1][1]

    async def wait(self, seconds: float) -> None:
        await self.rig.clock.advance(seconds)
        await settle()

    @property
    def said(self) -> list[OutgoingPart]:
        return self.rig.channel.sent

    def texts(self) -> list[str]:
        return [part.part.text for part in self.said]

    async def _answer(self, context: TurnContext) -> Answer:
        text = context.message.text
        if text in self.gates:
            await self.gates[text].pass_through()
        return Answer(markdown=f"re: {text}")


async def test_long_answer_is_offered_once_and_holds_up_its_chat_until_somebody_decides() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        await chat.say("next")
        await chat.wait(PATIENCE - 1)
        assert chat.texts() == []
        await chat.wait(TYPING_EVERY_SECONDS)
        await chat.wait(10 * PATIENCE)

        (offer,) = chat.said
        assert (offer.part.text, offer.reply_to) == (OFFER, "id-long")
        assert [button.data for row in offer.part.buttons for button in row] == [
            f"aside:{GO}:{first}",
            f"aside:{STOP}:{first}",
        ]
        chat.gates["long"].open()
        await settle()
    assert chat.texts() == [OFFER, "re: long", "✓ Done after 11 min 3 s.", "re: next"]
    assert (chat.said[1].reply_to, chat.said[2].edits) == ("id-long", "telegram-1")


async def test_what_is_set_aside_lets_its_chat_go_on_and_answers_its_question() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        await chat.say("next")
        await chat.wait(PATIENCE + TYPING_EVERY_SECONDS)
        assert await chat.press(GO, first) == "I go on in the background."
        await chat.say("after that")
        typed = len(chat.rig.channel.typing)
        await chat.wait(PATIENCE)

        assert chat.texts() == [OFFER, SET_ASIDE, "re: next", "re: after that"]
        assert chat.said[1].edits == "card"
        assert len(chat.rig.channel.typing) == typed, "nobody waits for it"
        assert await chat.press(GO, first) == OVER
        chat.gates["long"].open()
        await settle()
        assert len(chat.rig.running) == 0
    assert chat.texts()[4:] == ["re: long", "✓ Done after 2 min 4 s."]
    assert chat.said[4].reply_to == "id-long"
    assert {row.state for row in chat.rig.rows.inbox.values()} == {
        InboxState.DONE,
        InboxState.IGNORED,
    }


@pytest.mark.parametrize(("chosen", "language"), [("", "de"), ("de", "es")])
async def test_a_chat_is_asked_and_told_in_its_language(chosen: str, language: str) -> None:
    german = LANGUAGES["de"]
    async with Conversation().serving() as chat:
        chat.language = language
        await chat.rig.chats.change(make_chat().key, language=chosen)
        first = await chat.say("long", held=True)
        await chat.wait(PATIENCE + TYPING_EVERY_SECONDS)
        labels = [button.label for row in chat.said[0].part.buttons for button in row]
        assert labels == [german.aside_go, german.aside_stop]
        assert await chat.press(GO, first) == german.aside_going
        assert [each.label for (each,) in chat.said[1].part.buttons] == [german.aside_stop]
        chat.gates["long"].open()
        await settle()
        assert await chat.press(GO, first) == german.aside_over
        second = await chat.say("again", held=True)
        assert await chat.press(STOP, second) == german.stopped
    offered = [german.aside_offer, german.set_aside, "re: long", "✓ Fertig nach 1 min 4 s."]
    assert chat.texts() == [*offered, german.aside_stopped]


async def test_the_chat_keeps_its_order_while_something_is_aside() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        await chat.press(GO, first)
        await chat.say("second", held=True)
        await chat.say("third")
        assert chat.texts() == [SET_ASIDE]
        chat.gates["long"].open()
        await settle()
        assert "re: third" not in chat.texts()
        chat.gates["second"].open()
        await settle()
    assert chat.texts()[-2:] == ["re: second", "re: third"]


@pytest.mark.parametrize("aside", [True, False], ids=["in the background", "in its place"])
async def test_either_is_stopped_by_its_button(aside: bool) -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        await chat.wait(PATIENCE + TYPING_EVERY_SECONDS)
        if aside:
            await chat.press(GO, first)
            await chat.say("next", held=True)
        assert await chat.press(STOP, first) == "Stopped."
        assert chat.texts()[-1] == STOPPED
        assert chat.rig.state(first) is InboxState.CANCELLED
        assert await chat.press(STOP, first) == OVER
        if aside:
            chat.gates["next"].open()
            await settle()
            assert chat.texts()[-1] == "re: next"


async def test_only_who_asked_decides() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        for choice in (GO, STOP):
            assert await chat.press(choice, first, "43") == REFUSALS[Refusal.NOT_YOURS]
        assert await chat.press("else", first) == REFUSALS[Refusal.UNKNOWN]
        assert await chat.press(GO, first + 99) == OVER
        chat.gates["long"].open()
        await settle()
    assert chat.texts() == ["re: long"]


async def test_nobody_is_asked_where_the_settings_say_never() -> None:
    async with Conversation(patience=0).serving() as chat:
        await chat.say("long", held=True)
        await chat.wait(10 * PATIENCE)
        assert chat.texts() == []


async def test_process_that_dies_leaves_it_aside_for_the_next_one() -> None:
    before = Conversation()
    async with before.serving() as chat:
        first = await chat.say("long", held=True)
        await chat.wait(PATIENCE + TYPING_EVERY_SECONDS)
        await chat.press(GO, first)

    after = Conversation(rows=before.rig.rows)
    after.gates["long"] = Gate()
    async with after.serving() as chat:
        await chat.say("next")
        await chat.wait(PATIENCE + TYPING_EVERY_SECONDS)
        assert chat.texts() == ["re: next"], "nobody is asked twice"
        assert await chat.press(GO, first) == OVER
        chat.gates["long"].open()
        await settle()
    assert chat.texts()[1] == "re: long"
    assert chat.said[1].reply_to == "id-long"
    assert chat.texts()[2].startswith("✓ Done after")


async def test_what_fails_aside_is_tried_again_aside() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        await chat.press(GO, first)
        await chat.say("next", held=True)
        chat.gates.pop("long").refuse(LookupError("broken"))
        await settle()
        assert chat.rig.state(first) is InboxState.RETRY
        await chat.wait(PATIENCE / 2)
        assert chat.texts() == [SET_ASIDE, "re: long"]
        chat.gates["next"].open()
        await settle()
    assert chat.texts()[-1] == "re: next"


async def test_storage_that_fails_is_asked_again() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        chat.rig.faults.fail("outbox.enqueue")
        await chat.wait(PATIENCE + 2 * TYPING_EVERY_SECONDS)
        assert chat.texts() == [OFFER]
        chat.gates["long"].open()
        await settle()
        assert chat.rig.state(first) is InboxState.DONE


async def test_stop_ends_what_is_aside_when_nothing_else_runs() -> None:
    async with Conversation().serving() as chat:
        first = await chat.say("long", held=True)
        await chat.press(GO, first)
        assert chat.long_turns.stop_aside("telegram:43") == 0
        assert chat.long_turns.stop_aside(make_chat().key) == 1
        await settle()
        assert chat.rig.state(first) is InboxState.CANCELLED
