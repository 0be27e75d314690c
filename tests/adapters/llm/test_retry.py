"""Errors that may pass are tried again, and no others."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.llm.retry import RetryingModel, backoff
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelBusy,
    ModelError,
    ModelReplyInvalid,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnreachable,
)
from minibot.core.llm import (
    CompletionRequest,
    Finished,
    FinishReason,
    Restarted,
    StreamEvent,
    TextDelta,
    collect,
)
from minibot.core.settings import ModelRetry
from tests.adapters.llm.rig import question

POLICY = ModelRetry(attempts=3, min_wait_seconds=2, max_wait_seconds=10)
GOOD: tuple[StreamEvent | ModelError, ...] = (TextDelta("fine"), Finished(FinishReason.STOP))


class ScriptedModel:
    """Plays one script an attempt."""

    def __init__(self, *scripts: Sequence[StreamEvent | ModelError]) -> None:
        self._scripts = list(scripts)
        self.asked = 0
        self.open = 0
        self.closed = False

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        script = self._scripts[self.asked]
        self.asked += 1
        self.open += 1
        try:
            for event in script:
                if isinstance(event, ModelError):
                    raise event
                yield event
        finally:
            self.open -= 1

    async def close(self) -> None:
        self.closed = True


class Naps:
    """A sleep that takes no time."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def retrying(model: ScriptedModel, naps: Naps, policy: ModelRetry = POLICY) -> RetryingModel:
    return RetryingModel(model, policy, patience_seconds=300, sleep=naps, chance=lambda: 0.0)


@pytest.mark.parametrize(
    "error", [ModelUnreachable(), ModelTimeout(), ModelBusy(), ModelReplyInvalid()]
)
async def test_an_error_that_may_pass_is_tried_again(error: ModelError) -> None:
    model, naps = ScriptedModel([error], GOOD), Naps()
    answer = await collect(retrying(model, naps).stream(question()))
    assert (answer.text, model.asked, naps.taken) == ("fine", 2, [2.0])


@pytest.mark.parametrize("error", [ModelRequestRefused(), ModelAccessDenied(), ContextTooLong()])
async def test_a_final_error_is_raised_at_once(error: ModelError) -> None:
    model, naps = ScriptedModel([error], GOOD), Naps()
    with pytest.raises(type(error)):
        await collect(retrying(model, naps).stream(question()))
    assert (model.asked, naps.taken) == (1, [])


async def test_the_last_error_is_raised_when_attempts_are_spent() -> None:
    model, naps = ScriptedModel([ModelTimeout()], [ModelTimeout()], [ModelUnreachable("x")]), Naps()
    with pytest.raises(ModelUnreachable, match="x"):
        await collect(retrying(model, naps).stream(question()))
    assert (model.asked, naps.taken) == (3, [2.0, 4.0])


async def test_one_attempt_means_one_submission() -> None:
    model, naps = ScriptedModel([ModelTimeout()], GOOD), Naps()
    with pytest.raises(ModelTimeout):
        await collect(retrying(model, naps, ModelRetry(attempts=1)).stream(question()))
    assert (model.asked, naps.taken) == (1, [])


async def test_restarted_comes_only_behind_events_that_are_void() -> None:
    model = ScriptedModel([ModelTimeout()], [TextDelta("ha"), ModelReplyInvalid()], GOOD)
    events = [event async for event in retrying(model, Naps()).stream(question())]
    assert events == [TextDelta("ha"), Restarted(), *GOOD]


async def test_the_server_is_given_the_time_it_asks_for() -> None:
    model, naps = ScriptedModel([ModelBusy(retry_after=60)], GOOD), Naps()
    await collect(retrying(model, naps).stream(question()))
    assert naps.taken == [60]


async def test_a_shorter_wait_than_the_policy_is_not_taken() -> None:
    model, naps = ScriptedModel([ModelBusy(retry_after=0.1)], GOOD), Naps()
    await collect(retrying(model, naps).stream(question()))
    assert naps.taken == [2.0]


async def test_a_server_that_asks_for_too_much_is_not_waited_for() -> None:
    model, naps = ScriptedModel([ModelBusy(retry_after=301)], GOOD), Naps()
    with pytest.raises(ModelBusy):
        await collect(retrying(model, naps).stream(question()))
    assert (model.asked, naps.taken) == (1, [])


async def test_closing_early_closes_the_attempt_and_makes_no_other() -> None:
    model = ScriptedModel(GOOD, GOOD)
    async with aclosing(retrying(model, Naps()).stream(question())) as events:
        await anext(events)
        assert model.open == 1
    assert (model.open, model.asked) == (0, 1)


async def test_other_exceptions_pass_through() -> None:
    model = ScriptedModel(GOOD)
    events = retrying(model, Naps()).stream(question())
    await anext(events)
    with pytest.raises(LookupError):
        await events.athrow(LookupError())
    assert (model.open, model.asked) == (0, 1)


async def test_each_retry_is_one_log_line(caplog: pytest.LogCaptureFixture) -> None:
    model = ScriptedModel([ModelTimeout("slow")], [ModelUnreachable("gone")], GOOD)
    with caplog.at_level(logging.INFO):
        await collect(retrying(model, Naps()).stream(question()))
    assert len({record.getMessage() for record in caplog.records}) == 1
    fields = [
        (vars(r)["attempt"], vars(r)["wait_seconds"], vars(r)["problem"]) for r in caplog.records
    ]
    assert fields == [(1, 2.0, "ModelTimeout: slow"), (2, 4.0, "ModelUnreachable: gone")]


async def test_closing_closes_the_model() -> None:
    model = ScriptedModel()
    await retrying(model, Naps()).close()
    assert model.closed


@given(failures=st.integers(1, 10), chance=st.floats(0, 1))
def test_backoff_stays_between_its_bounds_and_grows(failures: int, chance: float) -> None:
    wait = backoff(POLICY, failures, chance=chance)
    assert 2 <= wait <= 10
    assert backoff(POLICY, failures, chance=0) <= wait
    assert backoff(POLICY, failures + 1, chance=chance) >= wait
