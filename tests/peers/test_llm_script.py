"""The model server does what a test told it, and remembers what it was asked."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.peers.llm_rig import TOOLS, Rig, contents, open_rig, user


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as rig:
        yield rig


async def use_tools(rig: Rig, said: str, results: list[str], **fields: Any) -> list[Any]:
    """Answer every call with the next of the results; gives each reply's calls, and its text."""
    messages, replies = user(said), []
    while True:
        _, body = await rig.ask(messages=messages, **fields)
        message = body["choices"][0]["message"]
        calls = message.get("tool_calls") or []
        made = [(call["function"]["name"], call["function"]["arguments"]) for call in calls]
        replies.append(made or message["content"])
        if not calls:
            return replies
        messages.append(message)
        messages.extend(
            {"role": "tool", "tool_call_id": call["id"], "content": results.pop(0)}
            for call in calls
        )


async def test_a_rule_may_call_tools_step_by_step(rig: Rig) -> None:
    both = [{"name": "b", "arguments": {"from": "{last_result}"}}, {"name": "c"}]
    steps = [
        {"tool_calls": [{"name": "a", "arguments": {"n": "{1}"}}]},
        {"tool_calls": both},
        {"text": "{result_1}, {result_2} and {last_result} after {round} rounds"},
    ]
    await rig.control("rules", {"match": r"start (\d+)", "steps": steps})
    replies = await use_tools(rig, "start 7", ["A", "B", "C"], tools=TOOLS)
    assert replies == [
        [("a", '{"n": "7"}')],
        [("b", '{"from": "A"}'), ("c", "{}")],
        "A, B and C after 2 rounds",
    ]


async def test_a_rule_may_use_what_it_finds_in_results(rig: Rig) -> None:
    ends = {"name": "end", "arguments": {"id": "{id}", "other": "{other}"}}
    find = {"id": r"(\w+): the {1}", "other": r"(\w+): the ash"}
    steps = [{"tool_calls": [{"name": "a"}]}, {"tool_calls": [ends]}, {"text": "ended {id}"}]
    await rig.control("rules", {"match": r"end the (\w+)", "find": find, "steps": steps})

    replies = await use_tools(rig, "end the fig", ["k3: the yew, k7: the fig", ""], tools=TOOLS)

    assert replies == [[("a", "{}")], [("end", '{"id": "k7", "other": ""}')], "ended k7"]


async def test_the_last_step_is_repeated(rig: Rig) -> None:
    await rig.control("rules", {"steps": [{"tool_calls": [{"name": "a"}]}]})
    messages = user("x")
    for _ in range(4):
        _, body = await rig.ask(messages=messages, tools=TOOLS)
        message = body["choices"][0]["message"]
        [call] = message["tool_calls"]
        messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": "1"}]


async def test_without_tools_nothing_is_called(rig: Rig) -> None:
    steps = [{"tool_calls": [{"name": "a"}]}, {"tool_calls": [{"name": "b"}]}, {"text": "done"}]
    await rig.control("rules", {"steps": steps})
    assert await use_tools(rig, "x", []) == ["done"]
    assert await use_tools(rig, "x", [], tools=TOOLS, tool_choice="none") == ["done"]
    await rig.control("rules", {"steps": steps[:1], "replace": True})
    assert await use_tools(rig, "x", []) == ["Echo: x"]


async def test_malformed_arguments_are_sent_as_each_format_can(rig: Rig) -> None:
    await rig.control("rules", {"tool_calls": [{"name": "add", "arguments": '{"a": '}]})
    messages, asked = user("x"), contents("x")
    _, chat = await rig.ask(messages=messages, tools=TOOLS)
    call = chat["choices"][0]["message"]["tool_calls"][0]
    assert call["function"]["arguments"] == '{"a": '
    events = await rig.stream("v1/messages", messages=messages, max_tokens=9, tools=TOOLS)
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(delta["partial_json"] for delta in deltas) == '{"a": '
    path = "v1beta/models/g:streamGenerateContent?alt=sse"
    events = await rig.events(path, {"contents": asked, "tools": TOOLS})
    assert events[-1]["candidates"][0]["finishReason"] == "MALFORMED_FUNCTION_CALL"
    again = [*messages, chat["choices"][0]["message"]]
    assert "not a JSON object" in (await rig.ask(messages=again))[1]["error"]["message"]


async def test_the_ledger_tells_what_was_asked_and_whether_it_was_legal(rig: Rig) -> None:
    rule = {"tool_calls": [{"name": "add", "arguments": {"a": 1}}], "text": "fine"}
    await rig.control("rules", rule)
    await use_tools(rig, "question", ["R"], tools=TOOLS)
    await rig.ask(messages=[*user("x"), {"role": "tool", "tool_call_id": "z", "content": "1"}])
    found = (await rig.control("requests?full=1", method="GET"))["requests"]
    assert [record["legal"] for record in found] == [True, True, False]
    assert "must be a response" in found[2]["problem"]
    assert [record["round"] for record in found[:2]] == [0, 1]
    assert found[0]["calls"] == [["add", '{"a": 1}']]
    assert found[1]["tool_names"] == ["add"]
    asked, called, result = found[1]["turns"]
    assert (asked["role"], asked["text"]) == ("user", "question")
    assert [(call["name"], call["arguments"]) for call in called["calls"]] == [("add", '{"a": 1}')]
    assert (result["text"], result["call_id"]) == ("R", called["calls"][0]["id"])
    assert (await rig.control("stats", method="GET"))["illegal"] == 1


async def test_a_server_that_is_down_answers_nothing_else_until_it_is_up(rig: Rig) -> None:
    await rig.control("config", {"down": True})
    assert (await rig.ask(messages=user("x")))[0] == 503
    assert (await rig.ask("v1/embeddings", input="x"))[0] == 503
    assert [record["outcome"] for record in rig.llm.app.records] == ["error 503"]
    await rig.control("config", {"down": False})
    assert (await rig.ask(messages=user("x")))[0] == 200


async def test_a_model_may_take_no_tools(rig: Rig) -> None:
    await rig.control("config", {"takes_tools": False})
    status, body = await rig.ask(messages=user("x"), tools=TOOLS)
    assert (status, body["error"]["message"]) == (400, "m does not support tools")
    assert (await rig.ask(messages=user("x")))[0] == 200


async def test_faults_may_be_of_several_kinds_by_chance(rig: Rig) -> None:
    kinds = ["no_content", {"status": 429}, {"kind": "status", "status": 502}]
    await rig.control("faults", {"kinds": kinds, "probability": 0.5})
    statuses = [(await rig.ask(messages=user("x")))[0] for _ in range(100)]
    assert set(statuses) == {200, 429, 502}
    struck = [record.get("fault") for record in rig.llm.app.records]
    assert set(struck) == {None, "no_content", "status"}
    assert 25 < struck.count(None) < 75


async def test_faults_strike_where_they_are_told(rig: Rig) -> None:
    await rig.control("faults", {"model": "^other$", "skip": 1, "times": 1})
    asked = [("m", 200), ("other", 200), ("other", 500), ("other", 200)]
    for model, status in asked:
        assert (await rig.ask(messages=user("x"), model=model))[0] == status
    await rig.control("faults", {"round": 1, "status": 503, "replace": True})
    calls = [{"id": "c", "type": "function", "function": {"name": "a", "arguments": "{}"}}]
    later = [
        *user("x"),
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
    ]
    assert (await rig.ask(messages=user("x")))[0] == 200
    assert (await rig.ask(messages=later))[0] == 503


async def test_a_stream_may_lack_its_end_mark_or_half_an_event(rig: Rig) -> None:
    await rig.control("rules", {"text": "word " * 20})
    await rig.control("faults", {"kind": "cut_end_mark", "times": 1})
    events = await rig.stream(messages=user("x"))
    assert events[-1]["choices"][0]["finish_reason"] == "stop"
    await rig.control("faults", {"kind": "garbage_mid_stream", "times": 1})
    with pytest.raises(json.JSONDecodeError):
        await rig.stream(messages=user("x"))
