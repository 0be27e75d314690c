"""The journal of a turn, and what the next process makes of it."""

import asyncio
import logging

import pytest

from minibot.app.agent.calls import GONE, REFUSED, UNKNOWN
from minibot.app.recorder import WAITING_AT_MOST
from minibot.core.conversation import is_legal
from minibot.core.errors import ModelUnreachable
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.tools import CallState, Effect, ToolResult
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant, button
from tests.app.agent.tools import FakeTool, change, fetcher, reader, writer
from tests.fakes import Gate, settle

ONE_CALL = (calls(call("save", what="tea")), says("done"))


async def goes_on(assistant: Assistant, *, answer: str = "done") -> Assistant:
    """Give the process that follows, behind the end of the turn."""
    follower = assistant.successor(says(answer))
    async with follower.serving():
        await follower.run(await follower.recover())
        await follower.rig.delivery.settled()
        assert follower.said()[-1].startswith(answer)
    assert follower.rig.state(1) is InboxState.DONE
    assert all(is_legal(request.messages) for request in follower.requests)
    return follower


async def test_nothing_is_done_before_its_step_is_recorded() -> None:
    tool = writer()
    assistant = Assistant(tool, answers=ONE_CALL)
    gate = assistant.rig.faults.hold_before("journal.add_step")
    async with assistant.serving(), assistant.working():
        await gate.reached.wait()
        assert tool.tried == []
        gate.open()
    assert len(tool.effects) == 1


async def test_a_call_counts_as_begun_while_it_runs_and_as_finished_behind_it() -> None:
    gate = Gate()
    assistant = Assistant(writer("save", gate), answers=ONE_CALL)
    async with assistant.serving(), assistant.working():
        await gate.reached.wait()
        (record,) = await assistant.call_records()
        assert (record.state, record.result) == (CallState.STARTED, None)
        gate.open()
    (record,) = await assistant.call_records()
    assert record.state is CallState.FINISHED
    assert record.result == ToolResult(text='save {"what": "tea"}')
    (step,) = await assistant.steps()
    assert (step.number, step.model) == (0, "offline")


async def test_a_call_that_waits_for_permission_begins_behind_it() -> None:
    tool = FakeTool("wipe", effect=Effect.DANGEROUS)
    assistant = Assistant(tool, answers=[calls(call("wipe")), says("done")])
    gate = assistant.rig.faults.hold_before("journal.start")
    async with assistant.serving(), assistant.working():
        card = await assistant.question()
        assert [each.state for each in await assistant.call_records()] == [None]
        await assistant.press(button(card, "✅ Once"))
        await gate.reached.wait()
        assert tool.tried == []
        gate.open()
    assert len(tool.effects) == 1


async def test_a_finished_call_never_runs_again() -> None:
    tool = writer("save", change("tea"))
    first = Assistant(tool, answers=ONE_CALL)
    await first.die("after journal.finish")
    second = await goes_on(first)
    assert len(tool.tried) == 1
    assert [each.text for each in second.shown(0)] == ["hello", "", "changed tea"]
    (said,) = second.said()
    assert said == "done\n\n📝 Changed **tea**"
    ((undo,),) = second.rig.channel.sent[-1].part.buttons
    assert await press(second, undo.data) == "Done."


async def press(assistant: Assistant, data: str) -> str:
    async with assistant.serving():
        return await assistant.press(data)


@pytest.mark.parametrize(
    "moment", ["after journal.add_step", "before journal.finish"], ids=["no effect", "effect"]
)
async def test_a_change_that_may_have_happened_is_not_made_again(moment: str) -> None:
    tool = writer()
    first = Assistant(tool, answers=ONE_CALL)
    await first.die(moment)
    before = len(tool.effects)
    second = await goes_on(first)
    assert len(tool.effects) == before
    assert second.shown()[-1].text == UNKNOWN
    assert [each.state for each in await second.call_records()] == [CallState.UNKNOWN]


async def test_what_changes_nothing_runs_again() -> None:
    tool = reader()
    first = Assistant(tool, answers=[calls(call("look"))])
    await first.die("before journal.finish")
    second = await goes_on(first)
    assert len(tool.effects) == 2
    assert second.shown()[-1].text == "look {}"


async def test_only_what_is_unfinished_of_a_step_is_looked_at() -> None:
    gate = Gate()
    saved, look = writer("save", change("tea", undo=False)), reader("look", gate)
    first = Assistant(saved, look, answers=[calls(call("save"), call("look"))])
    async with first.serving(), first.working() as turn:
        await gate.reached.wait()
        first.rig.faults.kill()
        turn.cancel()
    second = await goes_on(first)
    assert (len(saved.effects), len(look.effects)) == (1, 1)
    assert [each.text for each in second.shown()[2:]] == ["changed tea", "look {}"]


async def test_calls_of_one_step_led_each_other_nowhere_behind_a_restart_either() -> None:
    gate = Gate()
    page = fetcher("fetch", ToolResult(text="one"), gate)
    first = Assistant(page, answers=[calls(call("fetch", page=1), call("fetch", page=2))])
    async with first.serving(), first.working() as turn:
        await gate.reached.wait()
        await settle()
        assert [each.state for each in await first.call_records()] == ["finished", "started"]
        first.rig.faults.kill()
        turn.cancel()
    second = first.successor(says("done"))
    async with second.serving():
        turn = asyncio.create_task(second.run(await second.recover()))
        await settle()
        turn.cancel()
        await asyncio.wait((turn,))
    assert second.cards() == []
    assert len(page.effects) == 2


async def test_a_call_of_a_tool_that_is_gone_is_not_known_either() -> None:
    first = Assistant(reader(), answers=[calls(call("look"))])
    await first.die("before journal.finish")
    first.toolbox.tools.clear()
    second = await goes_on(first)
    assert second.shown()[-1].text == UNKNOWN


async def test_a_permission_for_a_tool_that_is_gone_is_not_asked_for() -> None:
    tool = FakeTool("wipe", effect=Effect.DANGEROUS)
    first = Assistant(tool, answers=[calls(call("wipe"))])
    await first.die("before approvals.ask")
    first.toolbox.tools.clear()
    second = await goes_on(first)
    assert second.shown()[-1].text == GONE
    assert second.cards() == []


async def test_what_is_not_in_the_journal_is_asked_of_the_model_again() -> None:
    tool = writer()
    first = Assistant(tool, answers=ONE_CALL)
    await first.die("before journal.add_step")
    await goes_on(first, answer="nothing to do")
    assert tool.tried == []


async def test_a_call_waits_for_permission_though_its_reason_is_forgotten() -> None:
    tool = writer()
    first = Assistant(tool, answers=[says("I see."), *ONE_CALL])
    async with first.serving():
        await first.say("do it", foreign=True)
        turn = asyncio.create_task(first.run(await first.take()))
        card = await first.question()
        await settle()
        first.rig.faults.kill()
        turn.cancel()
        await asyncio.wait((turn,))
    second = first.successor(says("done"))
    await second.storage.history.put_away("telegram:42")
    async with second.serving(), second.working(item=await second.recover()) as turn:
        await settle()
        assert not turn.done()
        await second.press(button(card, "⛔"))
    assert tool.tried == []


async def test_what_was_denied_is_not_done_by_the_next_process() -> None:
    page = fetcher("fetch", scope="https://example.org")
    first = Assistant(page, answers=[calls(call("fetch", url="x")), says("never")])
    gate = first.rig.faults.hold_after("journal.start")
    async with first.serving(), first.working(foreign=True):
        card = await first.question()
        await first.press(button(card, "⛔"))
        await gate.reached.wait()
        first.rig.faults.kill()
        gate.open()
    second = await goes_on(first)
    assert page.tried == []
    assert second.shown()[-1].text == REFUSED


async def test_a_full_disk_delays_the_record_of_a_change_and_does_not_lose_it() -> None:
    tool = writer("save", change("tea", undo=False))
    assistant = Assistant(tool, answers=ONE_CALL)
    assistant.rig.faults.fail("journal.finish", times=3)
    async with assistant.serving():
        async with assistant.working() as turn:
            while not turn.done():
                await assistant.rig.clock.advance(0.5)
        assert assistant.said() == ["done\n\n📝 Changed **tea**"]
    assert len(tool.effects) == 1


async def agreeing(assistant: Assistant, item: InboxItem, answered: list[str]) -> None:
    """Work on a message, with a yes to every question that was not answered before."""
    async with assistant.working(item=item) as turn:
        while not turn.done():
            if len(assistant.cards()) > len(answered):
                card = await assistant.question(len(answered))
                answered.append(await assistant.press(button(card, "✅ Once")))
            await assistant.rig.clock.advance(0)


@pytest.mark.parametrize("failing", ["journal.add_step", "journal.start"])
async def test_a_full_disk_before_a_change_has_the_turn_run_again(failing: str) -> None:
    tool = FakeTool("wipe", effect=Effect.DANGEROUS)
    step = calls(call("wipe"))
    spoken = [says("done")] if failing == "journal.start" else [step, says("done")]
    assistant = Assistant(tool, answers=[step, *spoken])
    assistant.rig.faults.fail(failing)
    answered: list[str] = []
    async with assistant.serving():
        item = await assistant.take()
        await agreeing(assistant, item, answered)
        assert assistant.rig.state(item.id) is InboxState.RETRY
        assert tool.tried == []
        await assistant.rig.clock.advance(2)
        again = await assistant.storage.inbox.claim(item.conversation)
        assert isinstance(again, InboxItem)
        await agreeing(assistant, again, answered)
    assert assistant.rig.state(item.id) is InboxState.DONE
    assert len(tool.effects) == 1
    assert len(answered) == 1, "nobody is asked twice"


async def test_going_on_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    first = Assistant(
        reader(), answers=[calls(call("look", n=1)), calls(call("look", n=2)), [Gate()]]
    )
    async with first.serving(), first.working() as turn:
        while len(first.requests) < 3:
            await first.rig.clock.advance(0)
        first.rig.faults.kill()
        turn.cancel()
    with caplog.at_level(logging.INFO):
        await goes_on(first)
    (line,) = [each for each in caplog.records if "goes on" in each.message]
    assert vars(line)["steps"] == 2


async def test_what_was_done_before_the_model_went_away_is_kept_for_its_return() -> None:
    tool = writer("save", change("tea", undo=False))
    assistant = Assistant(tool, answers=[ONE_CALL[0], [ModelUnreachable()], says("done")])
    async with assistant.serving():
        item = await assistant.say()
        assert assistant.rig.state(item.id) is InboxState.WAITING
        await assistant.rig.clock.advance(WAITING_AT_MOST.total_seconds())
        again = await assistant.storage.inbox.claim(item.conversation)
        assert isinstance(again, InboxItem)
        await assistant.run(again)
        await assistant.rig.delivery.settled()
        assert assistant.said()[1:] == ["done\n\n📝 Changed **tea**"]
    assert len(tool.effects) == 1
