"""What every language model promises about tools, whatever the provider."""

import json
from collections.abc import AsyncIterator

import pytest

from minibot.core.errors import ToolsUnsupported
from minibot.core.llm import FinishReason, Role, ToolCall, Utterance
from tests.adapters.llm.rig import ADD, PATHS, Rig, open_rig, question, tool_history
from tests.peers.llm import Rule


@pytest.fixture(params=PATHS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with open_rig(request.param) as rig:
        yield rig


@pytest.mark.parametrize("calls", [1, 2])
async def test_history_with_tool_calls_and_results_is_accepted(rig: Rig, calls: int) -> None:
    rig.says("{tool_results}")
    answer = await rig.ask(question(messages=tool_history(calls=calls), tools=(ADD,)))
    assert answer.text == "\n".join(f"sum {n}" for n in range(calls))


async def test_history_with_tool_calls_is_accepted_when_no_tool_is_offered(rig: Rig) -> None:
    answer = await rig.ask(question(messages=tool_history()))
    assert answer.text.startswith("Echo")


async def test_tool_calls_come_whole(rig: Rig) -> None:
    calls = [{"name": "add", "arguments": {"a": 40, "b": 2}}, {"name": "add", "arguments": {}}]
    rig.app.rules.append(Rule.from_json({"tool_calls": calls}))
    answer = await rig.ask(question(tools=(ADD,)))
    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert [call.name for call in answer.tool_calls] == ["add", "add"]
    assert [json.loads(call.arguments) for call in answer.tool_calls] == [{"a": 40, "b": 2}, {}]
    assert len({call.id for call in answer.tool_calls}) == 2
    assert rig.app.records[-1]["tools"] == 1


async def test_text_and_tool_calls_may_come_together(rig: Rig) -> None:
    step = {"text": "let me add", "tool_calls": [{"name": "add"}]}
    rig.app.rules.append(Rule.from_json({"steps": [step]}))
    answer = await rig.ask(question(tools=(ADD,)))
    assert (answer.text, len(answer.tool_calls)) == ("let me add", 1)


STEPS = [
    {"tool_calls": [{"name": "add", "arguments": {"a": 1}}]},
    {"text": "and now both", "tool_calls": [{"name": "add"}, {"name": "add"}]},
    {"tool_calls": [{"name": "add", "arguments": {"a": 2}}]},
    {"text": "{round} rounds, at last {last_result}"},
]


async def take_steps(rig: Rig, results: list[str], model: str) -> tuple[list[Utterance], str]:
    """Ask until nothing is called any more; gives the history and the last text."""
    history = [Utterance(role=Role.USER, text="add, please")]
    while True:
        asked = question(model=model, messages=tuple(history), tools=(ADD,))
        answer = await rig.ask(asked)
        if not answer.tool_calls:
            return history, answer.text
        history.append(
            Utterance(role=Role.ASSISTANT, text=answer.text, tool_calls=answer.tool_calls)
        )
        history.extend(
            Utterance(role=Role.TOOL, text=results.pop(0), tool_call_id=call.id)
            for call in answer.tool_calls
        )


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-pro"])
async def test_calls_may_be_answered_step_by_step(rig: Rig, model: str) -> None:
    rig.follows({"match": "^add", "steps": STEPS})
    huge = "three " * 50_000
    history, text = await take_steps(rig, ["one", "", huge, "four"], model)
    assert text == "3 rounds, at last four"
    said = rig.app.ledger.turns(rig.app.records[-1]["id"])
    results = [turn["text"] for turn in said if turn["role"] == "tool"]
    assert results == ["one", "", huge, "four"]
    # what was said before goes on to be legal, also when nothing may be called any more
    history += [
        Utterance(role=Role.ASSISTANT, text=text),
        Utterance(role=Role.USER, text="thanks"),
    ]
    for tools in ((ADD,), ()):
        answer = await rig.ask(question(model=model, messages=tuple(history), tools=tools))
        assert answer.text == "Echo: thanks"
    assert [record["legal"] for record in rig.app.records] == [True] * 6


@pytest.mark.parametrize("model", ["fake-model", "gemini-3-pro"])
async def test_calls_that_others_made_are_accepted(rig: Rig, model: str) -> None:
    """Other models write other ids and signatures, and arguments that are no JSON object."""
    for arguments in ('{"a": ', "null", "", "[1]", "\ud83d"):
        calls = tuple(
            ToolCall(id=f"add:{n}" + "x" * 80, name="add", arguments=arguments, signature="s")
            for n in range(2)
        )
        results = (Utterance(role=Role.TOOL, text="no", tool_call_id=call.id) for call in calls)
        messages = (
            Utterance(role=Role.USER, text="add"),
            Utterance(role=Role.ASSISTANT, text="", tool_calls=calls),
            *results,
        )
        assert (await rig.ask(question(model=model, messages=messages, tools=(ADD,)))).text


async def test_a_model_that_takes_no_tools_says_so(rig: Rig) -> None:
    rig.app.settings.takes_tools = False
    with pytest.raises(ToolsUnsupported, match="does not support tools"):
        await rig.ask(question(tools=(ADD,)))
    assert (await rig.ask()).text
