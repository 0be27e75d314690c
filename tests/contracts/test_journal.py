"""What every journal must do."""

from contextlib import AsyncExitStack

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import IllegalTransition
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import ToolCall, Usage
from minibot.core.messages import OutgoingFile
from minibot.core.ports import CallOutcome
from minibot.core.tools import CallState, ToolResult, UndoAction
from tests.contracts.storages import START, Home, a_step, an_undoable

DONE = CallOutcome(result=ToolResult(text="it rains"), untrusted=False)


async def states(storage: Storage, inbox_id: int = 1) -> list[list[CallState | None]]:
    steps = await storage.journal.steps(inbox_id)
    return [[call.state for call in step.calls] for step in steps]


async def test_step_comes_back_whole(storage: Storage) -> None:
    step = StepRecord(
        number=0,
        text="Let me see 👋",
        calls=(
            CallRecord(
                call=ToolCall(id="c1", name="look", arguments='{"a": "ü"}', signature="s=="),
                state=CallState.STARTED,
            ),
            CallRecord(call=ToolCall(id="c2", name="write", arguments="{}")),
            CallRecord(
                call=ToolCall(id="c3", name="lok", arguments="not json"),
                state=CallState.FINISHED,
                result=ToolResult(text="there is no such tool"),
            ),
        ),
        usage=Usage(input_tokens=1, output_tokens=2, cached_tokens=3, reasoning_tokens=4),
        model="some/model",
    )

    await storage.journal.add_step(1, step)

    assert await storage.journal.steps(1) == [step]


async def test_steps_come_in_order_and_only_those_of_the_turn(storage: Storage) -> None:
    for number in (0, 2, 10, 1):
        await storage.journal.add_step(1, a_step(number, "b", "a"))
    await storage.journal.add_step(2, a_step(0, "other"))

    steps = await storage.journal.steps(1)

    assert [step.number for step in steps] == [0, 1, 2, 10]
    assert [call.call.id for call in steps[0].calls] == ["b", "a"]
    assert await storage.journal.steps(3) == []


async def test_call_goes_from_asked_to_begun_to_finished(storage: Storage) -> None:
    await storage.journal.add_step(1, a_step(0, "a", "b"))

    await storage.journal.start(1, 0, "a")
    assert await states(storage) == [[CallState.STARTED, None]]
    await storage.journal.finish(1, 0, "a", DONE)

    first, second = (await storage.journal.steps(1))[0].calls
    assert (first.state, first.result, first.untrusted) == (
        CallState.FINISHED,
        DONE.result,
        False,
    )
    assert (second.state, second.result) == (None, None)


async def test_what_came_of_a_call_is_kept_whole(storage: Storage) -> None:
    result = ToolResult(
        text="done 👋",
        receipt="📝 Remembered **coffee**",
        undo=UndoAction(kind="note", payload='{"title": "coffee"}'),
        files=(OutgoingFile(path="/a/b", name="b.txt", mime_type="text/plain", caption="c"),),
        untrusted=True,
    )
    await storage.journal.add_step(1, a_step(0, "a", state=CallState.STARTED))

    outcome = CallOutcome(result=result, untrusted=True, undo=an_undoable("button"))
    await storage.journal.finish(1, 0, "a", outcome)

    ((call,),) = [step.calls for step in await storage.journal.steps(1)]
    assert (call.result, call.untrusted, call.undo_token) == (result, True, "button")
    assert await storage.undo_log.take("button", "7", START) == an_undoable("button")


async def test_call_that_may_have_happened_is_ended_as_unknown(storage: Storage) -> None:
    await storage.journal.add_step(1, a_step(0, "a", state=CallState.STARTED))

    outcome = CallOutcome(result=ToolResult(text="who knows"), untrusted=False, unknown=True)
    await storage.journal.finish(1, 0, "a", outcome)

    assert await states(storage) == [[CallState.UNKNOWN]]


async def test_calls_of_other_steps_and_turns_by_the_same_id_stay(storage: Storage) -> None:
    for inbox_id, number in ((1, 0), (1, 1), (2, 0)):
        await storage.journal.add_step(inbox_id, a_step(number, "a"))

    await storage.journal.start(1, 1, "a")

    assert await states(storage, 1) == [[None], [CallState.STARTED]]
    assert await states(storage, 2) == [[None]]


async def test_step_is_recorded_once(storage: Storage) -> None:
    await storage.journal.add_step(1, a_step(0, "a"))

    with pytest.raises(IllegalTransition, match="step 0 of m1"):
        await storage.journal.add_step(1, a_step(0, "b", text="another"))

    assert await storage.journal.steps(1) == [a_step(0, "a")]


async def test_call_that_ended_or_never_was_cannot_begin(storage: Storage) -> None:
    await storage.journal.add_step(1, a_step(0, "begun", "over", state=CallState.STARTED))
    await storage.journal.finish(1, 0, "over", DONE)
    before = await storage.journal.steps(1)

    for place in ((1, 0, "begun"), (1, 0, "over"), (1, 0, "nope"), (1, 9, "over"), (9, 0, "over")):
        with pytest.raises(IllegalTransition):
            await storage.journal.start(*place)

    assert await storage.journal.steps(1) == before


async def test_call_that_did_not_begin_or_ended_cannot_end(storage: Storage) -> None:
    await storage.journal.add_step(1, a_step(0, "asked"))
    await storage.journal.add_step(1, a_step(1, "over", state=CallState.STARTED))
    await storage.journal.finish(1, 1, "over", DONE)
    before = await storage.journal.steps(1)
    outcome = CallOutcome(result=ToolResult(text="x"), untrusted=False, undo=an_undoable())

    for place in ((1, 0, "asked"), (1, 1, "over"), (1, 0, "nope"), (2, 0, "asked")):
        with pytest.raises(IllegalTransition):
            await storage.journal.finish(*place, outcome)

    assert await storage.journal.steps(1) == before
    assert await storage.undo_log.take("t", "7", START) == "unknown"


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (None, ToolResult(text="early")),
        (CallState.STARTED, ToolResult(text="early")),
        (CallState.FINISHED, None),
        (CallState.UNKNOWN, None),
    ],
)
async def test_step_whose_results_and_states_disagree_is_refused(
    storage: Storage, state: CallState | None, result: ToolResult | None
) -> None:
    call = CallRecord(
        call=ToolCall(id="a", name="look", arguments="{}"), state=state, result=result
    )
    step = StepRecord(number=0, text="", calls=(call,), usage=Usage())

    with pytest.raises(IllegalTransition, match="the call a"):
        await storage.journal.add_step(1, step)

    assert await storage.journal.steps(1) == []


async def test_step_with_two_calls_of_one_id_is_refused(storage: Storage) -> None:
    with pytest.raises(IllegalTransition, match="one id"):
        await storage.journal.add_step(1, a_step(0, "a", "b", "a"))

    assert await storage.journal.steps(1) == []


async def test_half_a_surrogate_pair_breaks_nothing(storage: Storage) -> None:
    step = a_step(0, "a", text="odd \ud83d")
    await storage.journal.add_step(1, step)
    await storage.journal.start(1, 0, "a")

    outcome = CallOutcome(result=ToolResult(text="\ud83d"), untrusted=True)
    await storage.journal.finish(1, 0, "a", outcome)

    assert await states(storage) == [[CallState.FINISHED]]


async def test_next_process_finds_the_steps(home: Home) -> None:
    async with AsyncExitStack() as stack:
        dying = await stack.enter_async_context(home.open())
        await dying.journal.add_step(1, a_step(0, "a", "b"))
        await dying.journal.start(1, 0, "a")
        next_one = await stack.enter_async_context(home.open())

        assert await states(next_one) == [[CallState.STARTED, None]]
        await next_one.journal.finish(1, 0, "a", DONE)
        assert await states(next_one) == [[CallState.FINISHED, None]]
