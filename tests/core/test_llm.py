from collections.abc import AsyncIterator

import pytest

from minibot.core.errors import ModelTimeout
from minibot.core.llm import (
    Completion,
    Finished,
    FinishReason,
    ReasoningDelta,
    Restarted,
    StreamEvent,
    TextDelta,
    ToolCall,
    ToolCallReady,
    Usage,
    UsageReport,
    collect,
)

CALL = ToolCall(id="1", name="t", arguments="{}")
USAGE = Usage(input_tokens=3, output_tokens=4)


async def stream(*events: StreamEvent | Exception) -> AsyncIterator[StreamEvent]:
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield event


async def test_whole_answer_is_put_together() -> None:
    completion = await collect(
        stream(
            ReasoningDelta("h"),
            ReasoningDelta("m"),
            TextDelta("hi "),
            TextDelta("Ann"),
            ToolCallReady(CALL),
            UsageReport(Usage(input_tokens=1)),
            UsageReport(USAGE),
            Finished(FinishReason.TOOL_CALLS),
        )
    )
    assert completion == Completion(
        text="hi Ann",
        reasoning="hm",
        tool_calls=(CALL,),
        usage=USAGE,
        finish_reason=FinishReason.TOOL_CALLS,
    )


async def test_restart_makes_void_what_came_before() -> None:
    completion = await collect(
        stream(
            ReasoningDelta("h"),
            TextDelta("old"),
            ToolCallReady(CALL),
            UsageReport(USAGE),
            Restarted(),
            TextDelta("new"),
            Finished(FinishReason.STOP),
        )
    )
    assert completion == Completion(text="new")


async def test_stream_without_an_end_is_marked() -> None:
    assert (await collect(stream(TextDelta("x")))).finish_reason is FinishReason.OTHER


async def test_failure_comes_through() -> None:
    with pytest.raises(ModelTimeout):
        await collect(stream(TextDelta("x"), ModelTimeout()))


def test_usage_adds_up() -> None:
    usage = Usage(input_tokens=10, output_tokens=2, cached_tokens=3, reasoning_tokens=1)
    twice = Usage(input_tokens=20, output_tokens=4, cached_tokens=6, reasoning_tokens=2)
    assert usage + usage == twice
