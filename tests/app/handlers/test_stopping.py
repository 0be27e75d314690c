"""What can be done with an answer that was stopped, and the word that stops one."""

import asyncio

import pytest

from minibot.app.handlers.presses import REFUSALS, Presses
from minibot.app.handlers.stopping import (
    CONTINUE,
    GO_ON,
    RETRY,
    HeedStopWord,
    StoppedButton,
    stopped_buttons,
)
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.app.running_turns import TurnStopped
from minibot.core.approvals import Refusal
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.messages import Person, Press
from minibot.core.texts import ENGLISH, LANGUAGES
from tests.app.rig import Rig, in_background, say_done
from tests.app.turn_context import make_context
from tests.fakes import Gate, make_message, make_settings


class Stopped:
    """A chat in which the answer to a question was stopped."""

    def __init__(self) -> None:
        self.rig = rig = Rig()
        texts = rig.chats.texts
        button = StoppedButton(rig.storage.outcomes, rig.admit, rig.clock, texts)
        presses = Presses({StoppedButton.kind: button}, rig.channels, texts)
        self._handle = compose(say_done, [presses])

    async def press(self, data: str, sender_id: str = "42", language: str = "") -> Answer:
        press = Press(id="p", data=data, message_id="9")
        message = make_message("", press=press, sender=Person(id=sender_id, language=language))
        item = InboxItem(
            id=50,
            conversation=message.chat.key,
            message=message,
            received_at=self.rig.clock.now(),
            attempts=1,
            crashes=0,
            urgent=True,
        )
        async with in_background(self.rig.channels.run):
            return await self._handle(TurnContext(item=item, settings=make_settings()))

    @property
    def said(self) -> str:
        return self.rig.channel.acknowledged[-1][1]

    def texts(self) -> list[str]:
        rows = self.rig.rows.inbox.values()
        return [row.arrival.message.text for row in rows if row.arrival.message]


@pytest.mark.parametrize(
    ("choice", "text", "told"),
    [(CONTINUE, GO_ON, ENGLISH.going_on), (RETRY, "question", ENGLISH.trying_again)],
)
async def test_a_button_says_something_for_its_person_once(
    choice: str, text: str, told: str
) -> None:
    chat = Stopped()
    asked = await chat.rig.take("1", text="question")
    for _ in range(2):
        answer = await chat.press(f"stopped:{choice}:{asked.id}")
        assert chat.said == told
        (bare,) = answer.drafts
        assert (bare.edits, bare.part.buttons, bare.part.text) == ("9", (), "")
    assert chat.texts() == ["question", text]
    said = chat.rig.rows.inbox[2].arrival.message
    assert said is not None
    assert (said.sender, said.id) == (asked.message.sender, asked.message.id)


@pytest.mark.parametrize(("chosen", "language"), [("", "de"), ("de", "es")])
async def test_who_presses_a_button_is_told_in_the_language_of_the_chat(
    chosen: str, language: str
) -> None:
    chat, german = Stopped(), LANGUAGES["de"]
    asked = await chat.rig.take("1", text="question")
    await chat.rig.chats.change(asked.conversation, language=chosen)
    for choice, told in [(CONTINUE, german.going_on), (RETRY, german.trying_again)]:
        await chat.press(f"stopped:{choice}:{asked.id}", language=language)
        assert chat.said == told


async def test_nobody_else_presses_it_and_what_is_not_kept_is_too_late() -> None:
    chat = Stopped()
    asked = await chat.rig.take("1", text="question")
    for data, sender, refusal in [
        (f"stopped:{RETRY}:{asked.id}", "43", Refusal.NOT_YOURS),
        (f"stopped:{RETRY}:999", "42", Refusal.EXPIRED),
        (f"stopped:else:{asked.id}", "42", Refusal.UNKNOWN),
    ]:
        answer = await chat.press(data, sender)
        assert (chat.said, answer.state) == (REFUSALS[refusal], InboxState.IGNORED)
    assert chat.texts() == ["question"]


def test_the_buttons_carry_what_is_understood() -> None:
    ((go_on, again),) = stopped_buttons(7, LANGUAGES["de"])
    assert (go_on.data, again.data) == ("stopped:on:7", "stopped:again:7")
    assert (go_on.label, again.label) == ("▶️ Weiter", "🔁 Noch einmal")


@pytest.mark.parametrize(("language", "told"), [("", "Stopped."), ("de", "Angehalten.")])
async def test_the_word_stops_what_runs_and_is_passed_on_otherwise(
    language: str, told: str
) -> None:
    rig, gate = Rig(), Gate()
    handle = compose(say_done, [HeedStopWord(rig.running, rig.long_turns())])
    assert (await handle(make_context("stop"))).markdown == "done"

    async def wait() -> None:
        await gate.pass_through()

    turn = asyncio.create_task(rig.running.run(make_context("x").item.conversation, wait()))
    await gate.reached.wait()
    assert (await handle(make_context("go on"))).markdown == "done"
    assert (await handle(make_context("Stop!", language=language))).markdown == told
    with pytest.raises(TurnStopped):
        await turn
