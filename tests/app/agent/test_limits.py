"""How far a turn may go."""

from typing import Any

import pytest

from minibot.app.agent.limits import TurnBudget, cost_of
from minibot.core.errors import TurnLimit
from minibot.core.llm import ToolCall, Usage
from minibot.core.settings import ModelPrices, Tools
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import reader
from tests.fakes import FakeClock, Gate, make_settings

FREE = ModelPrices()
CALL = ToolCall(id="c0", name="look", arguments="{}")


def budget(clock: FakeClock | None = None, **limits: Any) -> TurnBudget:
    return TurnBudget(Tools(**limits), clock or FakeClock())


def test_steps_are_counted() -> None:
    two = budget(max_steps=2)
    two.begin_step()
    two.begin_step()
    with pytest.raises(TurnLimit, match="limit of 2 steps"):
        two.begin_step()


async def test_time_is_counted_and_what_people_take_is_not() -> None:
    clock = FakeClock()
    minute = budget(clock, max_turn_seconds=60)
    await clock.advance(60)
    minute.begin_step()
    await clock.advance(30)
    minute.pause(30)
    minute.begin_step()
    await clock.advance(1)
    with pytest.raises(TurnLimit, match="limit of 60 seconds"):
        minute.begin_step()


def test_tokens_are_counted_both_ways() -> None:
    thousand = budget(max_turn_tokens=1_000)
    thousand.spend(Usage(input_tokens=600, output_tokens=400), FREE)
    thousand.begin_step()
    thousand.spend(Usage(output_tokens=1), FREE)
    with pytest.raises(TurnLimit, match="limit of 1000 tokens"):
        thousand.begin_step()


def test_cost_is_counted_when_there_is_a_limit_to_it() -> None:
    prices = ModelPrices(input=200.0, output=1_000.0)
    usage = Usage(input_tokens=10_000, output_tokens=1_000)
    limited, unlimited = budget(max_turn_cost=3.5), budget()
    for each in (limited, unlimited):
        each.spend(usage, prices)
        each.begin_step()
        each.begin_step()
    limited.spend(Usage(output_tokens=600), prices)
    with pytest.raises(TurnLimit, match=r"cost limit of 3\.5"):
        limited.begin_step()


@pytest.mark.parametrize(
    ("usage", "prices", "cost"),
    [
        (Usage(), ModelPrices(input=1, output=1), 0),
        (Usage(input_tokens=500_000, output_tokens=250_000), ModelPrices(input=2, output=8), 3),
        (Usage(input_tokens=1_000_000, cached_tokens=600_000), ModelPrices(input=1), 1),
        (
            Usage(input_tokens=1_000_000, cached_tokens=600_000),
            ModelPrices(input=1, cached_input=0.5),
            0.7,
        ),
        (
            Usage(input_tokens=1_000_000, cached_tokens=600_000),
            ModelPrices(input=1, cached_input=0),
            0.4,
        ),
        (Usage(input_tokens=10, cached_tokens=20), ModelPrices(input=1, cached_input=0), 0),
    ],
)
def test_an_answer_is_priced_as_the_settings_say(
    usage: Usage, prices: ModelPrices, cost: float
) -> None:
    assert cost_of(usage, prices) == pytest.approx(cost)


def test_bad_arguments_are_forgiven_twice() -> None:
    patient = budget()
    patient.note_bad_arguments()
    patient.note_bad_arguments()
    with pytest.raises(TurnLimit):
        patient.note_bad_arguments()


def test_only_the_same_call_with_the_same_outcome_goes_in_circles() -> None:
    circling = budget()
    for result in ("a", "b", "a", "b"):
        circling.note_result(CALL, result)
    with pytest.raises(TurnLimit, match="look was called 3 times"):
        circling.note_result(CALL, "a")


async def test_a_turn_that_read_too_much_has_to_speak() -> None:
    settings = make_settings(tools={"max_turn_tokens": 1_000})
    answers = [
        calls(call("look", n=1), usage=Usage(input_tokens=900)),
        calls(call("look", n=2), usage=Usage(input_tokens=101)),
        says("enough"),
    ]
    assistant = Assistant(reader(), answers=answers, settings=settings)
    async with assistant.serving():
        await assistant.say()
        (said,) = assistant.said()
    assert said.startswith("enough")
    assert "the limit of 1000 tokens is reached" in said
    assert [bool(request.tools) for request in assistant.requests] == [True, True, False]


async def test_a_turn_that_cost_too_much_has_to_speak() -> None:
    settings = make_settings(
        tools={"max_turn_cost": 0.01}, llm={"prices": {"input": 10.0, "output": 0.0}}
    )
    answers = [calls(call("look"), usage=Usage(input_tokens=1_001)), says("enough")]
    assistant = Assistant(reader(), answers=answers, settings=settings)
    async with assistant.serving():
        await assistant.say()
        (said,) = assistant.said()
    assert "the cost limit of 0.01 is reached" in said


async def test_a_turn_that_took_too_long_has_to_speak() -> None:
    settings = make_settings(tools={"max_turn_seconds": 60})
    gate = Gate()
    answers = [calls(call("look")), says("late")]
    assistant = Assistant(reader("look", gate), answers=answers, settings=settings)
    async with assistant.serving():
        async with assistant.working():
            await gate.reached.wait()
            await assistant.rig.clock.advance(61)
            gate.open()
        (said,) = assistant.said()
    assert "the limit of 60 seconds is reached" in said


async def test_what_was_used_before_a_restart_counts_as_well() -> None:
    settings = make_settings(tools={"max_steps": 2})
    gate = Gate()
    first = Assistant(
        reader("look"),
        answers=[calls(call("look", n=1)), calls(call("look", n=2)), [gate]],
        settings=settings,
    )
    async with first.serving():
        turn = first.working(item=await first.take())
        async with turn as task:
            await gate.reached.wait()
            task.cancel()
    second = first.successor(says("that is all"))
    async with second.serving():
        await second.run(await second.recover())
        (said,) = second.said()
    assert "the limit of 2 steps is reached" in said
    assert [bool(request.tools) for request in second.requests] == [False]


async def test_a_circle_goes_on_behind_a_restart_and_ends() -> None:
    gate = Gate()
    first = Assistant(reader("look"), answers=[calls(call("look")), calls(call("look")), [gate]])
    async with first.serving(), first.working(item=await first.take()) as task:
        await gate.reached.wait()
        task.cancel()
    second = first.successor(calls(call("look")), says("that is all"))
    async with second.serving():
        await second.run(await second.recover())
        (said,) = second.said()
    assert "look was called 3 times" in said


async def test_tokens_and_cost_of_before_a_restart_count_as_well() -> None:
    for limits in ({"max_turn_tokens": 1_000}, {"max_turn_cost": 0.01}):
        settings = make_settings(tools=limits, llm={"prices": {"input": 10.0}})
        gate = Gate()
        first = Assistant(
            reader("look"),
            answers=[calls(call("look"), usage=Usage(input_tokens=1_001)), [gate]],
            settings=settings,
        )
        async with first.serving(), first.working(item=await first.take()) as task:
            # The limit is reached, so this is the last question.
            await gate.reached.wait()
            task.cancel()
        second = first.successor(says("that is all"))
        async with second.serving():
            await second.run(await second.recover())
        assert [bool(request.tools) for request in second.requests] == [False]
