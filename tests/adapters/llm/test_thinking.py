"""Reasoning that a server leaves in the text is taken out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.llm.answer import Answer
from minibot.adapters.llm.thinking import ThinkingSplitter
from minibot.core.llm import ReasoningDelta, TextDelta


def split(text: str, cuts: list[int]) -> tuple[str, str]:
    answer = Answer(call_prefix="call")
    splitter = ThinkingSplitter(answer)
    edges = sorted({0, len(text), *cuts})
    for start, end in zip(edges, edges[1:], strict=False):
        splitter.add(text[start:end])
    splitter.end()
    events = answer.take()
    reasoning = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    return reasoning, "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("said", "reasoning", "text"),
    [
        ("plain", "", "plain"),
        ("  plain", "", "  plain"),
        ("<think>why</think>\n\nbecause", "why", "because"),
        ("\n<think>a < b</think>x </think> y", "a < b", "x </think> y"),
        ("<think></think>x", "", "x"),
        ("<think>never closed </th", "never closed </th", ""),
        ("<thin", "", "<thin"),
        ("the <think> tag</think>", "", "the <think> tag</think>"),
    ],
)
@given(cuts=st.lists(st.integers(0, 40)))
def test_only_a_leading_think_block_is_reasoning(
    said: str, reasoning: str, text: str, cuts: list[int]
) -> None:
    assert split(said, cuts) == (reasoning, text)
