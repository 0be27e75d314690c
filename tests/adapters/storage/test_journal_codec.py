"""What a turn's journal keeps as text comes out as it was, or is said to be damaged."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.journal_codec import (
    decode_call,
    decode_result,
    decode_state,
    decode_usage,
    encode_call,
    encode_result,
    encode_usage,
)
from minibot.core.errors import StorageDamaged
from minibot.core.llm import ToolCall, Usage
from minibot.core.messages import OutgoingFile
from minibot.core.tools import CallState, ToolResult, UndoAction
from tests.adapters.storage.whole import whole

RESULTS = whole(
    ToolResult,
    undo=st.none() | whole(UndoAction),
    files=st.lists(whole(OutgoingFile), max_size=3).map(tuple),
)
COUNTS = st.integers(0, 2**40)
USAGES = st.builds(Usage, **{field.name: COUNTS for field in fields(Usage)})


@given(result=RESULTS)
def test_result_survives(result: ToolResult) -> None:
    assert decode_result(encode_result(result)) == result


@given(call=whole(ToolCall))
def test_call_survives(call: ToolCall) -> None:
    assert decode_call(encode_call(call)) == call


@given(usage=USAGES)
def test_usage_survives(usage: Usage) -> None:
    assert decode_usage(encode_usage(usage)) == usage


@pytest.mark.parametrize("state", [None, *CallState])
def test_state_survives(state: CallState | None) -> None:
    assert decode_state(state) is state


@pytest.mark.parametrize(
    ("decode", "text"),
    [
        (decode_result, ""),
        (decode_result, "[]"),
        (decode_result, "{}"),
        (
            decode_result,
            '{"text":"x","receipt":"","undo":{"kind":"x"},"files":[],"untrusted":false}',
        ),
        (decode_result, '{"text":"x","receipt":"","undo":5,"files":[],"untrusted":false}'),
        (
            decode_result,
            '{"text":"x","receipt":"","undo":null,"files":[["a","b"]],"untrusted":false}',
        ),
        (decode_call, "{"),
        (decode_call, '["a"]'),
        (decode_call, "7"),
        (decode_usage, "["),
        (decode_usage, "7"),
        (decode_usage, '{"apples":1}'),
        (decode_state, "sleeping"),
        (decode_state, ""),
    ],
)
def test_garbled_text_is_damage(decode: Callable[[str], Any], text: str) -> None:
    with pytest.raises(StorageDamaged):
        decode(text)
