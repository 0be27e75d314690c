"""Turns that end without an answer: stopped, or given up by every model."""

import asyncio

from minibot.core.errors import ModelRequestRefused
from minibot.core.inbox import InboxState
from minibot.core.texts import ENGLISH
from minibot.core.tools import Effect, ToolResult, UndoAction
from tests.app.agent.answers import call, calls
from tests.app.agent.assistant import Assistant, button
from tests.app.agent.test_approvals import asking, dangerous, edits
from tests.app.agent.tools import FakeTool, writer
from tests.fakes import Gate, ModelStep

SAVED = ToolResult(text="ok", receipt="📝 Remembered tea", undo=UndoAction(kind="k", payload="{}"))


async def test_stopping_ends_the_questions_that_are_open() -> None:
    tool = dangerous()
    async with asking(tool).serving() as assistant:
        async with assistant.working() as turn:
            card = await assistant.question()
            assistant.rig.running.stop("telegram:42")
            await asyncio.wait((turn,))
        closed = f"May I use wipe?\nwhat: disk\n\n{ENGLISH.permission_stopped}"
        assert edits(assistant) == [("telegram-1", closed)]
        assert (
            await assistant.press(button(card, "✅ Once")) == "Too late: this button has expired."
        )
    assert tool.tried == []


async def test_a_stopped_turn_tells_what_it_had_changed() -> None:
    gate = Gate()
    slow = FakeTool("wait", gate, effect=Effect.READ)
    answers = [calls(call("save")), calls(call("wait"))]
    assistant = Assistant(writer("save", SAVED), slow, answers=answers)
    async with assistant.serving():
        async with assistant.working() as turn:
            await gate.reached.wait()
            assistant.rig.running.stop("telegram:42")
            await asyncio.wait((turn,))
        assert assistant.said() == [f"{ENGLISH.done_by_then}\n\n📝 Remembered tea"]
        (told,) = assistant.rig.channel.sent
        assert [row[0].label for row in told.part.buttons] == ["↩️ Undo"]
    assert assistant.rig.state(1) is InboxState.CANCELLED


async def test_an_apology_tells_what_had_been_changed() -> None:
    answers: list[list[ModelStep]] = [calls(call("save")), [ModelRequestRefused("no")]]
    assistant = Assistant(writer("save", SAVED), answers=answers)
    async with assistant.serving():
        await assistant.say()
        (said,) = assistant.said()
    assert "refused this request" in said
    assert said.endswith(f"{ENGLISH.done_by_then}\n\n📝 Remembered tea")
