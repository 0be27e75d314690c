from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.conversation import (
    NO_RESULT,
    cost,
    is_legal,
    newest_exchanges,
    repaired,
    window,
)
from minibot.core.llm import Role, ToolCall, Utterance


def user(text: str = "q") -> Utterance:
    return Utterance(role=Role.USER, text=text)


def assistant(text: str = "a", *calls: str) -> Utterance:
    return Utterance(
        role=Role.ASSISTANT,
        text=text,
        tool_calls=tuple(ToolCall(id=call, name="t", arguments="{}") for call in calls),
    )


def result(call: str) -> Utterance:
    return Utterance(role=Role.TOOL, text="r", tool_call_id=call)


ids = st.sampled_from(["x", "y", "z"])
entries = st.one_of(
    st.builds(user, st.text(max_size=12)),
    st.builds(lambda text, calls: assistant(text, *calls), st.text(max_size=12), st.lists(ids)),
    st.builds(result, ids),
)
histories = st.lists(entries, max_size=30)


def oldest_first(history: Sequence[Utterance]) -> list[tuple[Utterance, ...]]:
    return [tuple(exchange) for exchange in newest_exchanges(history)][::-1]


@given(histories, st.integers(0, 10), st.integers(0, 200))
def test_window_is_always_legal_newest_and_within_its_budget(
    history: list[Utterance], exchanges: int, tokens: int
) -> None:
    shown = window(history, exchanges=exchanges, tokens=tokens)
    kept = oldest_first(shown)
    assert not shown or shown[0].role is Role.USER
    assert all(is_legal(exchange) for exchange in kept)
    assert len(kept) <= exchanges
    assert cost(shown) <= tokens
    every = [tuple(repaired(exchange)) for exchange in oldest_first(history)]
    assert kept == (every[-len(kept) :] if kept else [])
    if len(kept) < min(exchanges, len(every)):
        one_more = every[-len(kept) - 1]
        assert cost([*shown, *one_more]) > tokens


@given(histories)
def test_no_entry_is_lost_or_moved_by_the_cut(history: list[Utterance]) -> None:
    first = next((n for n, entry in enumerate(history) if entry.role is Role.USER), len(history))
    assert [entry for cut in oldest_first(history) for entry in cut] == history[first:]


def test_window_of_nothing_is_empty() -> None:
    assert window([user(), assistant()], exchanges=0, tokens=100) == ()
    assert window([], exchanges=5, tokens=100) == ()


def test_newest_exchange_that_does_not_fit_leaves_nothing() -> None:
    history = [user(), assistant(), user("x" * 300), assistant()]
    assert window(history, exchanges=5, tokens=50) == ()


def test_tool_calls_and_results_stay_together() -> None:
    whole = [user(), assistant("", "x", "y"), result("y"), result("x"), assistant()]
    assert window(whole, exchanges=1, tokens=1000) == tuple(whole)


def missing(call: str) -> Utterance:
    return Utterance(role=Role.TOOL, text=NO_RESULT, tool_call_id=call)


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ([user(), assistant("", "x")], [user(), assistant("", "x"), missing("x")]),
        (
            [user(), assistant("", "x", "y"), result("y"), assistant()],
            [user(), assistant("", "x", "y"), missing("x"), result("y"), assistant()],
        ),
        ([user(), result("x"), assistant()], [user(), assistant()]),
        (
            [user(), assistant("", "x"), result("x"), result("x")],
            [user(), assistant("", "x"), result("x")],
        ),
        (
            [user(), assistant("", "x"), assistant("late"), result("x")],
            [user(), assistant("", "x"), result("x"), assistant("late")],
        ),
    ],
)
def test_what_a_provider_would_refuse_is_repaired(
    broken: list[Utterance], mended: list[Utterance]
) -> None:
    assert not is_legal(broken)
    assert list(repaired(broken)) == mended
    good = [user("1"), assistant("1")]
    assert window([*broken, *good], exchanges=9, tokens=1000) == (*mended, *good)


@given(histories)
def test_repair_leaves_what_is_legal_and_makes_all_else_so(history: list[Utterance]) -> None:
    for exchange in newest_exchanges(history):
        mended = repaired(exchange)
        assert is_legal(mended)
        assert not is_legal(exchange) or mended is exchange
        spoken = [entry.text for entry in exchange if entry.role is not Role.TOOL]
        assert [entry.text for entry in mended if entry.role is not Role.TOOL] == spoken
