"""Errors that may pass are tried again, and no others."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.llm.backoff import backoff
from minibot.adapters.llm.retry import RetryingModel, patience_of
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
from tests.adapters.llm.rig import model_settings, question
from tests.adapters.llm.virtual_time import in_virtual_time, now

POLICY = ModelRetry(attempts=3, min_wait_seconds=2, max_wait_seconds=10)
GOOD: tuple[StreamEvent | ModelError, ...] = (TextDelta("fine"), Finished(FinishReason.STOP))


class ScriptedModel:
    """Plays one script an attempt."""

    def __init__(self, *scripts: Sequence[StreamEvent | ModelError]) -> None:
        self._scripts = list(scripts)
        self.moments: list[float] = []
        """When it was asked."""
        self.open = 0
        self.closed = False

    async def submit(
        self, request: CompletionRequest, taken: Callable[[], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        script = self._scripts[len(self.moments)]
        self.moments.append(now())
        self.open += 1
        try:
            for event in script:
                if isinstance(event, ModelError):
                    raise event
                taken()
                yield event
        finally:
            self.open -= 1

    async def close(self) -> None:
        self.closed = True


def retrying(model: ScriptedModel, policy: ModelRetry = POLICY) -> RetryingModel:
    return RetryingModel(model, policy, patience_seconds=300, chance=lambda: 0.0)


@in_virtual_time
@pytest.mark.parametrize(
    "error", [ModelUnreachable(), ModelTimeout(), ModelBusy(), ModelReplyInvalid()]
)
async def test_an_error_that_may_pass_is_tried_again(error: ModelError) -> None:
    model = ScriptedModel([error], GOOD)
    answer = await collect(retrying(model).stream(question()))
    assert (answer.text, model.moments) == ("fine", [0, 2])


@in_virtual_time
@pytest.mark.parametrize("error", [ModelRequestRefused(), ModelAccessDenied(), ContextTooLong()])
async def test_a_final_error_is_raised_at_once(error: ModelError) -> None:
    model = ScriptedModel([error], GOOD)
    with pytest.raises(type(error)):
        await collect(retrying(model).stream(question()))
    assert model.moments == [0]


@in_virtual_time
async def test_the_last_error_is_raised_when_attempts_are_spent() -> None:
    model = ScriptedModel([ModelTimeout()], [ModelTimeout()], [ModelUnreachable("x")])
    with pytest.raises(ModelUnreachable, match="x"):
        await collect(retrying(model).stream(question()))
    assert model.moments == [0, 2, 6]


@in_virtual_time
async def test_one_attempt_means_one_submission() -> None:
    model = ScriptedModel([ModelTimeout()], GOOD)
    with pytest.raises(ModelTimeout):
        await collect(retrying(model, ModelRetry(attempts=1)).stream(question()))
    assert model.moments == [0]


@in_virtual_time
async def test_restarted_comes_only_behind_events_that_are_void() -> None:
    model = ScriptedModel([ModelTimeout()], [TextDelta("ha"), ModelReplyInvalid()], GOOD)
    events = [event async for event in retrying(model).stream(question())]
    assert events == [TextDelta("ha"), Restarted(), *GOOD]


@in_virtual_time
async def test_the_server_is_given_the_time_it_asks_for() -> None:
    model = ScriptedModel([ModelBusy(retry_after=60)], GOOD)
    await collect(retrying(model).stream(question()))
    assert model.moments == [0, 60]


@in_virtual_time
async def test_a_shorter_wait_than_the_policy_is_not_taken() -> None:
    model = ScriptedModel([ModelBusy(retry_after=0.1)], GOOD)
    await collect(retrying(model).stream(question()))
    assert model.moments == [0, 2]


@in_virtual_time
async def test_a_server_that_asks_for_too_much_is_not_waited_for() -> None:
    model = ScriptedModel([ModelBusy("429 from the server", retry_after=301)], GOOD)
    with pytest.raises(ModelBusy, match="429 from the server") as caught:
        await collect(retrying(model).stream(question()))
    assert (model.moments, now(), caught.value.retry_after) == ([0], 0, 301)


@in_virtual_time
async def test_the_last_refusal_is_raised_when_attempts_are_spent() -> None:
    model = ScriptedModel(*[[ModelBusy(retry_after=9)]] * 3)
    with pytest.raises(ModelBusy):
        await collect(retrying(model).stream(question()))
    assert (model.moments, now()) == ([0, 9, 18], 18)


@in_virtual_time
async def test_questions_to_one_model_wait_together_and_those_to_another_do_not() -> None:
    model = ScriptedModel([ModelBusy(retry_after=9)], *[GOOD] * 4)
    one = retrying(model)
    asked = [collect(one.stream(question())) for _ in range(3)]
    first = asyncio.create_task(asked.pop())
    await asyncio.sleep(1)
    other = collect(one.stream(question(model="another")))
    await asyncio.gather(first, other, *asked)
    assert model.moments == [0, 1, 9, 9, 9]


@in_virtual_time
async def test_a_question_to_be_asked_once_is_submitted_once() -> None:
    model = ScriptedModel([ModelUnreachable()], GOOD)
    with pytest.raises(ModelUnreachable):
        await collect(retrying(model).stream(question(once=True)))
    assert model.moments == [0]


def test_patience_is_two_of_the_longest_pauses_and_no_more_than_an_answer_may_take() -> None:
    settings = model_settings("openai", base_url="http://h", timeouts={"total": 30})
    for pause, patience in ((0, 0), (10, 20), (60, 30)):
        policy = ModelRetry(min_wait_seconds=0, max_wait_seconds=pause)
        assert patience_of(settings.model_copy(update={"retry": policy})) == patience


@in_virtual_time
async def test_closing_early_closes_the_attempt_and_makes_no_other() -> None:
    model = ScriptedModel(GOOD, GOOD)
    async with aclosing(retrying(model).stream(question())) as events:
        await anext(events)
        assert model.open == 1
    assert (model.open, len(model.moments)) == (0, 1)


@in_virtual_time
async def test_other_exceptions_pass_through() -> None:
    model = ScriptedModel(GOOD)
    events = retrying(model).stream(question())
    await anext(events)
    with pytest.raises(LookupError):
        await events.athrow(LookupError())
    assert (model.open, len(model.moments)) == (0, 1)


@in_virtual_time
async def test_each_retry_is_one_log_line(caplog: pytest.LogCaptureFixture) -> None:
    model = ScriptedModel([ModelTimeout("slow")], [ModelUnreachable("gone")], GOOD)
    with caplog.at_level(logging.INFO):
        await collect(retrying(model).stream(question()))
    assert len({record.getMessage() for record in caplog.records}) == 1
    fields = [
        (vars(r)["attempt"], vars(r)["wait_seconds"], vars(r)["problem"]) for r in caplog.records
    ]
    assert fields == [(1, 2.0, "ModelTimeout: slow"), (2, 4.0, "ModelUnreachable: gone")]


@in_virtual_time
async def test_closing_closes_the_model() -> None:
    model = ScriptedModel()
    await retrying(model).close()
    assert model.closed


@given(failures=st.integers(1, 10), chance=st.floats(0, 1))
def test_backoff_stays_between_its_bounds_and_grows(failures: int, chance: float) -> None:
    wait = backoff(POLICY, failures, chance=chance)
    assert 2 <= wait <= 10
    assert backoff(POLICY, failures, chance=0) <= wait
    assert backoff(POLICY, failures + 1, chance=chance) >= wait
