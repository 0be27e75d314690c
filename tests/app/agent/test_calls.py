"""One call of a tool: in time, tried again where that helps, and answered whatever happens."""

import asyncio
import logging
from typing import Any

import pytest

from minibot.app.agent.calls import CUT, RETRY_PAUSE_SECONDS
from minibot.core.errors import NotesFull, ToolArgumentsInvalid, ToolFailed
from minibot.core.inbox import InboxState
from minibot.core.settings import Settings
from minibot.core.tools import ToolResult
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import FakeTool, reader, writer
from tests.fakes import Gate, make_settings

AT_ONCE = 0.001
"""Seconds for a tool that never ends."""


def limited(**limits: Any) -> Settings:
    return make_settings(tools=limits)


async def result_of(tool: FakeTool, settings: Settings | None = None) -> str:
    """Have a tool called once and give what the model is shown of it."""
    answers = [calls(call(tool.spec.name)), says("done")]
    assistant = Assistant(tool, answers=answers, settings=settings)
    async with assistant.serving(), assistant.working() as turn:
        while not turn.done():
            await assistant.rig.clock.advance(RETRY_PAUSE_SECONDS)
    assert assistant.rig.state(1) is InboxState.DONE
    return assistant.shown()[-1].text


async def test_what_failed_for_good_is_told_and_not_tried_again() -> None:
    tool = reader("look", ToolFailed("there is no sofa"))
    assert await result_of(tool) == "Error: there is no sofa"
    assert len(tool.tried) == 1


@pytest.mark.parametrize("make", [reader, writer])
async def test_what_may_pass_is_tried_again(make: Any) -> None:
    tool = make("look", ToolFailed("busy", transient=True), ToolResult(text="a cat"))
    assert await result_of(tool) == "a cat"
    assert len(tool.tried) == 2


async def test_tries_are_limited_and_the_last_failure_told() -> None:
    tool = reader("look", *(ToolFailed(f"busy {n}", transient=True) for n in range(9)))
    assert await result_of(tool, limited(retry_attempts=3)) == "Error: busy 2"
    assert len(tool.tried) == 3


async def test_another_try_waits_a_moment() -> None:
    tool = reader("look", ToolFailed("busy", transient=True))
    answers = [calls(call("look")), says("done")]
    async with Assistant(tool, answers=answers).serving() as assistant, assistant.working():
        await assistant.rig.clock.advance(RETRY_PAUSE_SECONDS - 0.1)
        assert len(tool.tried) == 1
        await assistant.rig.clock.advance(0.1)
        assert len(tool.tried) == 2


async def test_what_changes_nothing_is_tried_again_when_it_took_too_long() -> None:
    tool = reader("look", Gate(), ToolResult(text="a cat"), timeout_seconds=AT_ONCE)
    assert await result_of(tool) == "a cat"


async def test_what_took_too_long_every_time_is_told() -> None:
    tool = reader("look", Gate(), Gate(), Gate(), timeout_seconds=AT_ONCE)
    assert await result_of(tool) == "Error: there was no answer within 0.001 s"
    assert len(tool.tried) == 2


async def test_a_change_that_took_too_long_is_not_tried_again() -> None:
    tool = writer("save", Gate(), timeout_seconds=AT_ONCE)
    said = await result_of(tool)
    assert said == (
        "Error: there was no answer within 0.001 s; it is not known whether it took effect, "
        "so do not repeat it"
    )
    assert len(tool.tried) == 1


async def test_the_settings_limit_a_tool_that_has_no_limit_of_its_own() -> None:
    tool = writer("save", Gate())
    assert "within 0.002 s" in await result_of(tool, limited(timeout_seconds=0.002))


async def test_a_failing_storage_is_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    tool = writer("save", NotesFull("no room"))
    assert await result_of(tool) == "Error: the storage failed: no room"
    assert "the storage failed a tool" in caplog.text


async def test_arguments_that_only_the_tool_finds_wrong_are_no_bug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tool = writer("save", ToolArgumentsInvalid('"title": must not be empty.'))
    assert await result_of(tool) == 'Error: "title": must not be empty.'
    assert "a tool broke" not in caplog.text


async def test_a_bug_in_a_tool_is_an_answer_and_logged_with_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tool = reader("look", LookupError("secret path"))
    assert await result_of(tool) == "Error: this tool is broken"
    (line,) = [record for record in caplog.records if record.message == "a tool broke"]
    assert line.levelno == logging.ERROR
    assert line.exc_info is not None
    assert len(tool.tried) == 1


async def test_one_broken_tool_does_not_hold_up_the_other() -> None:
    broken, sound = reader("broken", LookupError()), writer("save")
    answers = [calls(call("broken"), call("save")), says("done")]
    async with Assistant(broken, sound, answers=answers).serving() as assistant:
        await assistant.say()
    assert [entry.text for entry in assistant.shown()[2:]] == [
        "Error: this tool is broken",
        "save {}",
    ]


@pytest.mark.parametrize(("length", "shown"), [(200, 200), (201, 200 + len(CUT))])
async def test_a_long_result_is_cut(length: int, shown: int) -> None:
    tool = reader("look", ToolResult(text="x" * length))
    text = await result_of(tool, limited(max_output_characters=200))
    assert len(text) == shown
    assert text.endswith(CUT) is (length > 200)


async def test_a_stopped_turn_stops_its_tools() -> None:
    gate = Gate()
    tool = writer("save", gate)
    async with Assistant(tool, answers=[calls(call("save"))]).serving() as assistant:
        async with assistant.working() as turn:
            await gate.reached.wait()
            assert assistant.rig.running.stop("telegram:42")
            await asyncio.wait((turn,))
        assert assistant.said() == []
    assert tool.effects == []
    assert assistant.rig.state(1) is InboxState.CANCELLED


async def test_a_result_that_came_with_the_stop_is_recorded() -> None:
    tool = writer("save")
    assistant = Assistant(tool, answers=[calls(call("save"))])
    gate = assistant.rig.faults.hold_before("journal.finish")
    async with assistant.serving(), assistant.working() as turn:
        await gate.reached.wait()
        assistant.rig.running.stop("telegram:42")
        gate.open()
        await asyncio.wait((turn,))
    (record,) = await assistant.call_records()
    assert record.result == ToolResult(text="save {}")
