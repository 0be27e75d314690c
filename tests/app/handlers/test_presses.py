"""Presses of buttons: who they are for, and taking back what was done."""

import pytest

from minibot.app.handlers.presses import Presses
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.errors import NotesFull, StorageUnavailable, ToolFailed
from minibot.core.inbox import InboxState
from minibot.core.messages import Press
from minibot.core.outbox import OutgoingPart
from minibot.core.tools import UndoAction
from minibot.core.undo import UNDO_FOR
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import change, writer
from tests.app.rig import Rig, in_background, say_done
from tests.app.turn_context import make_context
from tests.fakes import make_chat

GROUP = make_chat("-100")
TEA = UndoAction(kind="change", payload="tea")


def having_changed(*what: str) -> Assistant:
    """Give an assistant that will change these when it is spoken to."""
    tool = writer("save", *(change(each) for each in what))
    return Assistant(tool, answers=[calls(*(call("save", n=n) for n in what)), says("Done so.")])


def undo_data(assistant: Assistant, row: int = 0) -> str:
    return assistant.rig.channel.sent[0].part.buttons[row][0].data


def behind_the_answer(assistant: Assistant) -> list[OutgoingPart]:
    return assistant.rig.channel.sent[1:]


async def test_what_is_no_press_goes_on() -> None:
    presses = Presses({}, Rig().channels)
    assert await compose(say_done, [presses])(make_context()) == Answer(markdown="done")


async def test_a_press_goes_to_its_button_and_its_words_to_who_pressed_it() -> None:
    seen: list[tuple[str, str]] = []

    async def button(context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        seen.append((press.message_id, data))
        return "pressed", Answer(problem="x")

    rig = Rig()
    press = Press(id="p1", data="kind:a:b", message_id="m9")
    async with in_background(rig.channels.run):
        handle = compose(say_done, [Presses({"kind": button}, rig.channels)])
        answer = await handle(make_context("", press=press))
    assert answer == Answer(problem="x")
    assert seen == [("m9", "a:b")]
    assert rig.channel.acknowledged == [("p1", "pressed")]


async def test_a_press_on_a_channel_that_is_off_counts_all_the_same() -> None:
    presses = Presses({}, Rig().channels)
    press = Press(id="p1", data="old:1", message_id="m9")
    answer = await compose(say_done, [presses])(make_context("", press=press))
    assert answer.state is InboxState.IGNORED


async def test_a_change_is_taken_back_and_the_button_goes() -> None:
    async with having_changed("tea").serving() as assistant:
        await assistant.say()
        assert await assistant.press(undo_data(assistant)) == "Done."
        said, bare = behind_the_answer(assistant)
    assert assistant.toolbox.undone == [(TEA, "telegram:42")]
    assert (said.part.text, said.edits) == ("↩️ tea is as it was", "")
    assert (bare.part.text, bare.part.buttons, bare.edits) == ("", (), "telegram-1")


async def test_one_of_several_changes_is_taken_back_and_the_buttons_stay() -> None:
    async with having_changed("tea", "milk").serving() as assistant:
        await assistant.say()
        assert await assistant.press(undo_data(assistant, 1)) == "Done."
        (said,) = behind_the_answer(assistant)
    assert said.part.text == "↩️ milk is as it was"
    assert [action.payload for action, _ in assistant.toolbox.undone] == ["milk"]


async def test_only_who_caused_a_change_takes_it_back() -> None:
    async with having_changed("tea").serving() as assistant:
        await assistant.say(chat=GROUP, private=False)
        data = undo_data(assistant)
        refused = await assistant.press(data, by="43", chat=GROUP)
        assert refused == "This button is for somebody else."
        assert assistant.toolbox.undone == []
        assert await assistant.press(data, chat=GROUP) == "Done."
    assert assistant.toolbox.undone == [(TEA, "telegram:42@-100")]
    assert assistant.rig.state(2) is InboxState.IGNORED


async def test_a_change_is_taken_back_once() -> None:
    async with having_changed("tea").serving() as assistant:
        await assistant.say()
        data = undo_data(assistant)
        await assistant.press(data)
        assert await assistant.press(data) == "That was answered before."
    assert len(assistant.toolbox.undone) == 1


@pytest.mark.parametrize(
    ("seconds_left", "words"), [(1, "Done."), (0, "Too late: this button has expired.")]
)
async def test_a_change_can_be_taken_back_for_ten_minutes(seconds_left: int, words: str) -> None:
    async with having_changed("tea").serving() as assistant:
        await assistant.say()
        await assistant.rig.clock.advance(UNDO_FOR.total_seconds() - seconds_left)
        assert await assistant.press(undo_data(assistant)) == words


@pytest.mark.parametrize(
    "failure",
    [ToolFailed("no room"), NotesFull("no room"), StorageUnavailable("no room")],
)
async def test_what_could_not_be_taken_back_can_be_tried_again(failure: Exception) -> None:
    async with having_changed("tea").serving() as assistant:
        await assistant.say()
        data = undo_data(assistant)
        assistant.toolbox.failures.append(failure)
        assert await assistant.press(data) == "That did not work: no room"
        assert behind_the_answer(assistant) == []
        assert await assistant.press(data) == "Done."
    assert assistant.toolbox.undone == [(TEA, "telegram:42")]


@pytest.mark.parametrize(("chosen", "language"), [("", "de"), ("de", "es")])
async def test_what_comes_of_taking_back_is_told_in_the_language_of_the_chat(
    chosen: str, language: str
) -> None:
    async with having_changed("tea").serving() as assistant:
        await assistant.chats.change("telegram:42", language=chosen)
        await assistant.say()
        data = undo_data(assistant)
        assistant.toolbox.failures.append(ToolFailed("no room"))
        assert await assistant.press(data, language=language) == "Das ging nicht: no room"
        assert await assistant.press(data, language=language) == "Erledigt."
        assert await assistant.press(data, language=language) == "Das wurde schon beantwortet."


async def test_a_button_outlives_a_restart() -> None:
    first = having_changed("tea")
    async with first.serving():
        await first.say()
    second = first.successor()
    async with second.serving():
        assert await second.press(undo_data(first)) == "Done."
