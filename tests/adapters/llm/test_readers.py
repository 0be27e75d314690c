"""Answers as servers really send them, off the standard path."""

import orjson
import pytest
from llm_async import ClaudeProvider, GoogleProvider, OpenAIProvider
from llm_async.providers.openai_responses import OpenAIResponsesProvider

from minibot.adapters.llm.chat import ChatWire
from minibot.adapters.llm.claude import ClaudeWire
from minibot.adapters.llm.failures import Censor, failure_of_error_object
from minibot.adapters.llm.google import GoogleWire
from minibot.adapters.llm.responses import ResponsesWire
from minibot.adapters.llm.sse import ServerEvent
from minibot.adapters.llm.wire import Wire
from minibot.core.errors import ModelBusy, ModelReplyInvalid, ModelRequestRefused, ModelUnreachable
from minibot.core.llm import (
    Finished,
    FinishReason,
    Role,
    StreamEvent,
    TextDelta,
    ToolCallReady,
    Usage,
    UsageReport,
    Utterance,
)
from tests.adapters.llm.rig import question

CHAT = ChatWire(OpenAIProvider("k"))
RESPONSES = ResponsesWire(OpenAIResponsesProvider("k"))
CLAUDE = ClaudeWire(ClaudeProvider("k"))
GOOGLE = GoogleWire(GoogleProvider("k"))


def read(wire: Wire, *events: object, whole: bool = False) -> list[StreamEvent]:
    one = wire.reader(lambda error: failure_of_error_object(error, Censor("")))
    for event in events:
        if whole:
            one.read_whole(event)
        else:
            data = event if isinstance(event, bytes) else orjson.dumps(event)
            one.read_event(ServerEvent("", data))
    return [*one.answer.take(), *one.answer.finish()]


def chat_call(**call: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


def test_chat_calls_that_share_an_index_are_told_apart_by_id() -> None:
    made = [
        chat_call(index=0, id=name, function={"name": name, "arguments": f'"{name}"'})
        for name in ("one", "two")
    ]
    events = read(CHAT, *made, b"[DONE]")
    calls = [event.call for event in events if isinstance(event, ToolCallReady)]
    assert [(call.id, call.arguments) for call in calls] == [("one", '"one"'), ("two", '"two"')]


def test_chat_calls_without_ids_get_ids_of_their_own() -> None:
    made = [chat_call(index=n, function={"name": "t", "arguments": {"n": n}}) for n in range(2)]
    answers = [read(CHAT, *made, b"[DONE]") for _ in range(2)]
    assert all(answer[-1] == Finished(FinishReason.TOOL_CALLS) for answer in answers)
    ready = [event for answer in answers for event in answer if isinstance(event, ToolCallReady)]
    assert [event.call.arguments for event in ready] == ['{"n":0}', '{"n":1}'] * 2
    assert len({event.call.id for event in ready}) == 4


def test_a_call_without_a_name_is_invalid() -> None:
    with pytest.raises(ModelReplyInvalid, match="naming"):
        read(CHAT, chat_call(index=0, id="x", function={"arguments": "{}"}), b"[DONE]")


def test_chat_usage_tells_cached_and_reasoning_tokens() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    text = {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}
    expected = Usage(input_tokens=10, output_tokens=5, cached_tokens=8, reasoning_tokens=3)
    assert UsageReport(expected) in read(CHAT, text, {"choices": [], "usage": usage}, b"[DONE]")


def test_claude_input_includes_what_went_through_its_cache() -> None:
    body = {
        "content": [{"type": "text", "text": "x"}],
        "usage": {
            "input_tokens": 1,
            "cache_creation_input_tokens": 20,
            "cache_read_input_tokens": 300,
            "output_tokens": 4,
        },
    }
    expected = Usage(input_tokens=321, output_tokens=4, cached_tokens=300)
    assert UsageReport(expected) in read(CLAUDE, body, whole=True)


def test_a_refusal_is_shown_as_text() -> None:
    body = {"choices": [{"message": {"content": None, "refusal": "I will not"}}]}
    assert TextDelta("I will not") in read(CHAT, body, whole=True)
    content = [{"type": "refusal", "refusal": "I will not"}]
    response = {"output": [{"type": "message", "content": content}]}
    assert TextDelta("I will not") in read(RESPONSES, response, whole=True)


@pytest.mark.parametrize(
    ("wire", "event"),
    [
        (CHAT, {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}),
        (
            RESPONSES,
            {
                "type": "response.incomplete",
                "response": {"incomplete_details": {"reason": "content_filter"}},
            },
        ),
        (CLAUDE, {"type": "message_delta", "delta": {"stop_reason": "refusal"}}),
        (GOOGLE, {"candidates": [{"finishReason": "SAFETY"}]}),
        (GOOGLE, {"promptFeedback": {"blockReason": "SAFETY"}}),
    ],
)
def test_what_a_filter_withheld_is_not_asked_for_again(wire: Wire, event: object) -> None:
    with pytest.raises(ModelRequestRefused, match="filter"):
        read(wire, event)


def test_errors_in_place_of_an_answer_are_typed() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    with pytest.raises(ModelUnreachable, match="busy"):
        read(CLAUDE, error, whole=True)
    failed = {"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow"}}
    with pytest.raises(ModelBusy, match="slow"):
        read(RESPONSES, {"type": "response.failed", "response": failed})


def test_google_signatures_come_back_with_their_calls() -> None:
    wire = GoogleWire(GoogleProvider("k"))
    part = {"functionCall": {"name": "t", "args": {}}, "thoughtSignature": "signed"}
    content = {"content": {"parts": [part]}, "finishReason": "STOP"}
    ready = read(wire, {"candidates": [content]})[0]
    assert isinstance(ready, ToolCallReady)
    messages = (
        Utterance(role=Role.USER, text="x"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=(ready.call,)),
        Utterance(role=Role.TOOL, text="y", tool_call_id=ready.call.id),
    )
    assert "'thoughtSignature': 'signed'" in str(wire.payload(question(messages=messages)))
