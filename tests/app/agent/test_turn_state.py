"""What a turn knows of itself: what it shows, what it remembers, what can be taken back."""

from typing import Any

from minibot.app.agent.limits import TurnBudget
from minibot.app.agent.turn_state import CUT, KEPT_CHARACTERS, TurnState
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import Role, ToolCall, Usage, Utterance
from minibot.core.tools import CallState, ToolResult
from tests.app.turn_context import make_context
from tests.fakes import FakeClock, make_settings


def record(number: int, result: ToolResult | None, **fields: Any) -> CallRecord:
    call = ToolCall(id=f"c{number}", name="save", arguments="{}")
    state = CallState.STARTED if result is None else CallState.FINISHED
    return CallRecord(call=call, state=state, result=result, **fields)


def changed(number: int, *, undo: bool = True) -> CallRecord:
    result = ToolResult(text="ok", receipt=f"📝 {number}")
    return record(number, result, undo_token=f"token-{number}" if undo else "")


async def nothing_new() -> tuple[Utterance, ...]:
    return ()


def turn(*steps: tuple[CallRecord, ...]) -> TurnState:
    state = TurnState(
        context=make_context(),
        budget=TurnBudget(make_settings().tools, FakeClock()),
        tools={},
        specs=(),
        past=(),
        question=Utterance(role=Role.USER, text="hello"),
        facts="",
        summary="",
        tainted=False,
        listen=nothing_new,
    )
    for number, calls in enumerate(steps):
        state.keep(StepRecord(number=number, text="", calls=calls, usage=Usage()))
    return state


def test_a_step_is_replaced_as_it_goes_on() -> None:
    state = turn((record(1, None),))
    (begun,) = state.steps
    assert [state.unfinished] == [begun]
    state.keep(StepRecord(number=0, text="", calls=(changed(1),), usage=Usage()))
    assert state.unfinished is None
    assert len(state.steps) == 1


def test_what_strangers_wrote_taints_the_turn_from_then_on() -> None:
    page = record(2, ToolResult(text="page"), untrusted=True)
    assert not turn((changed(1),)).tainted
    assert turn((changed(1),), (page,), (changed(3),)).tainted


def test_long_results_are_shown_whole_and_remembered_in_part() -> None:
    long = "x" * (KEPT_CHARACTERS + 1)
    state = turn((record(1, ToolResult(text=long)), record(2, ToolResult(text="short"))))
    assert [each.text for each in state.work()] == ["", long, "short"]
    assert [each.text for each in state.remembered()] == ["", long[:-1] + CUT, "short"]
