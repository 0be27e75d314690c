"""Answers as servers really send them, off the standard path."""

import json

import orjson
import pytest
from llm_async import ClaudeProvider, GoogleProvider, OpenAIProvider, OpenRouterProvider
from llm_async.providers.openai_responses import OpenAIResponsesProvider

from minibot.adapters.llm.chat import ChatWire
from minibot.adapters.llm.claude import ClaudeWire
from minibot.adapters.llm.failures import Censor, failure_of_error_object
from minibot.adapters.llm.fields import dump
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

CHAT = ChatWire(OpenAIProvider("k", "http://localhost:8000/v1"))
OPENROUTER = ChatWire(OpenRouterProvider("k"))
RESPONSES = ResponsesWire(OpenAIResponsesProvider("k"))
CLAUDE = ClaudeWire(ClaudeProvider("k"))
GOOGLE = GoogleWire(GoogleProvider("k"))


def read(
    wire: Wire, *events: object, whole: bool = False, model: str = "fake-model"
) -> list[StreamEvent]:
    one = wire.reader(model, lambda error: failure_of_error_object(error, Censor("")))
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


def answered(*events: StreamEvent) -> tuple[Utterance, ...]:
    """Give a history with the calls of an answer and their results."""
    calls = tuple(event.call for event in events if isinstance(event, ToolCallReady))
    assert calls
    return (
        Utterance(role=Role.USER, text="x"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=calls),
        *(Utterance(role=Role.TOOL, text="y", tool_call_id=call.id) for call in calls),
    )


def sent(wire: Wire, **fields: object) -> str:
    return dump(wire.payload(question(**fields))).decode()  # type: ignore[arg-type]


def google_calls(*signatures: str) -> dict[str, object]:
    call = {"functionCall": {"name": "t", "args": {}}}
    parts = [{**call, "thoughtSignature": each} if each else call for each in signatures]
    return {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}


@pytest.mark.parametrize("signatures", [("one",), ("one", ""), ("one", "two")])
def test_google_signatures_come_back_with_their_calls(signatures: tuple[str, ...]) -> None:
    events = read(GOOGLE, google_calls(*signatures), model="models/gemini-3-pro")
    history = answered(*events)
    # another wire, as after a restart
    body = json.loads(sent(GoogleWire(GoogleProvider("k")), model="gemini-3-pro", messages=history))
    parts = body["contents"][1]["parts"]
    assert tuple(part.get("thoughtSignature", "") for part in parts) == signatures


def test_google_signatures_are_for_the_model_that_made_them() -> None:
    history = answered(*read(GOOGLE, google_calls("one"), model="gemini-3-pro"))
    assert history[1].tool_calls[0].signature == "google:gemini-3-pro:one"
    body = sent(GOOGLE, model="gemini-3-flash", messages=history)
    assert '"thoughtSignature":"skip_thought_signature_validator"' in body


def test_openrouter_details_of_googles_models_come_back() -> None:
    detail = {"type": "reasoning.encrypted", "data": "opaque", "id": "call_1", "index": 0}
    spoken = {"type": "reasoning.text", "text": "hm"}
    delta = chat_call(index=0, id="call_1", function={"name": "t", "arguments": "{}"})
    late = {"choices": [{"delta": {"reasoning_details": [spoken, detail]}}]}
    model = "google/gemini-3-pro"
    history = answered(*read(OPENROUTER, delta, late, b"[DONE]", model=model))
    body = json.loads(sent(OPENROUTER, model=model, messages=history))
    assert body["messages"][1]["reasoning_details"] == [detail]
    assert "reasoning_details" not in sent(CHAT, model=model, messages=history)
    others = answered(*read(OPENROUTER, delta, late, b"[DONE]", model="openai/gpt-5"))
    assert others[1].tool_calls[0].signature == ""


def test_reasoning_comes_back_beside_its_calls_where_a_service_gives_it() -> None:
    thoughts = [{"choices": [{"delta": {"reasoning_content": each}}]} for each in ("I ", "add")]
    made = [chat_call(index=n, id=f"c{n}", function={"name": "t"}) for n in range(2)]
    history = answered(*read(CHAT, *thoughts, *made, b"[DONE]", model="deepseek-chat"))
    body = json.loads(sent(CHAT, model="deepseek-chat", messages=history))
    assert body["messages"][1]["reasoning_content"] == "I add"
    assert "reasoning_content" not in sent(CHAT, model="kimi", messages=history)
    # the other name for it is not one that is wanted back
    other = {"choices": [{"delta": {"reasoning": "I add"}}]}
    assert answered(*read(CHAT, other, *made, b"[DONE]"))[1].tool_calls[0].signature == ""


def test_what_stood_in_a_call_comes_back_in_it() -> None:
    extra = {"google": {"thought_signature": "opaque"}}
    function = {"name": "t", "arguments": "{}"}
    made = [
        chat_call(index=0, id="c0", function=function, extra_content=extra),
        chat_call(index=1, id="c1", function=function),
    ]
    history = answered(*read(CHAT, *made, b"[DONE]", model="gemini-3-pro"))
    calls = json.loads(sent(CHAT, model="gemini-3-pro", messages=history))["messages"][1]
    assert [call.get("extra_content") for call in calls["tool_calls"]] == [extra, None]


@pytest.mark.parametrize(
    ("wire", "event"),
    [
        (CHAT, {"choices": [{"delta": {"content": "half"}, "finish_reason": "error"}]}),
        (
            CHAT,
            {
                "choices": [
                    {"delta": {"content": "half"}, "finish_reason": "insufficient_system_resource"}
                ]
            },
        ),
        (
            GOOGLE,
            {
                "candidates": [
                    {
                        "content": {"parts": [{"text": "half"}]},
                        "finishReason": "MALFORMED_FUNCTION_CALL",
                    }
                ]
            },
        ),
        (CHAT, b'{"choices": [{"delta": {"content": "ha'),
        (CLAUDE, b'{"type": "content_block_delta", "del'),
        (GOOGLE, b'{"candidates": [{"content"'),
        (RESPONSES, b'{"type": "response.output_text.delta", "delta": "ha'),
    ],
)
def test_half_an_answer_is_not_taken_for_whole(wire: Wire, event: object) -> None:
    end = {"type": "message_stop"} if wire is CLAUDE else b"[DONE]"
    with pytest.raises(ModelReplyInvalid):
        read(wire, event, *([end] if wire is not GOOGLE else []))


@pytest.mark.parametrize("arguments", ["", '{"a": 1', "[1"])
def test_a_call_cut_by_the_limit_of_tokens_is_not_made(arguments: str) -> None:
    cut = chat_call(index=0, id="c", function={"name": "t", "arguments": arguments})
    end = {"choices": [{"delta": {}, "finish_reason": "length"}]}
    with pytest.raises(ModelRequestRefused, match="max_new_tokens"):
        read(CHAT, cut, end, b"[DONE]")


def test_calls_made_before_the_limit_of_tokens_are_whole() -> None:
    whole = chat_call(index=0, id="c", function={"name": "t", "arguments": "{}"})
    end = {"choices": [{"delta": {}, "finish_reason": "length"}]}
    assert read(CHAT, whole, end, b"[DONE]")[-1] == Finished(FinishReason.LENGTH)


def test_calls_that_share_an_index_may_come_in_pieces() -> None:
    pieces = [
        chat_call(index=0, id=name, function={"name": name, "arguments": part})
        for name in ("one", "two")
        for part in ('{"a":', "1}")
    ]
    events = read(CHAT, *pieces, b"[DONE]")
    calls = [event.call for event in events if isinstance(event, ToolCallReady)]
    assert [(call.id, call.arguments) for call in calls] == [("one", '{"a":1}'), ("two", '{"a":1}')]


@pytest.mark.parametrize("usage", [{"prompt_cache_hit_tokens": 8}, {"cached_tokens": 8}])
def test_cached_tokens_are_found_under_the_names_others_give_them(usage: dict[str, int]) -> None:
    text = {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}
    counted = {"usage": {"prompt_tokens": 10, **usage}}
    expected = Usage(input_tokens=10, cached_tokens=8)
    assert UsageReport(expected) in read(CHAT, text, counted, b"[DONE]")


def test_claude_counts_the_input_once_whichever_event_tells_it() -> None:
    counts = {"input_tokens": 1, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300}
    events = [
        {"type": "message_start", "message": {"usage": {**counts, "output_tokens": 1}}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x"}},
        {"type": "message_delta", "usage": {"input_tokens": 1, "output_tokens": 4}},
        {"type": "message_stop"},
    ]
    expected = Usage(input_tokens=321, output_tokens=4, cached_tokens=300)
    assert UsageReport(expected) in read(CLAUDE, *events)


def test_google_and_responses_tell_cached_tokens() -> None:
    content = {"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]}
    counts = {"promptTokenCount": 10, "cachedContentTokenCount": 8, "candidatesTokenCount": 1}
    expected = UsageReport(Usage(input_tokens=10, output_tokens=1, cached_tokens=8))
    assert expected in read(GOOGLE, {**content, "usageMetadata": counts})
    usage = {
        "input_tokens": 10,
        "output_tokens": 1,
        "input_tokens_details": {"cached_tokens": 8},
    }
    said = {"type": "message", "content": [{"type": "output_text", "text": "x"}]}
    assert expected in read(RESPONSES, {"output": [said], "usage": usage}, whole=True)
