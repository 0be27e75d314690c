"""Asking again when asking again may help."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Protocol

from tenacity import (
    AsyncRetrying,
    AttemptManager,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
)

from minibot.adapters.llm.backoff import backoff
from minibot.adapters.llm.gate import Gate, Patience
from minibot.core.errors import ModelBusy, ModelError
from minibot.core.llm import CompletionRequest, Restarted, StreamEvent
from minibot.core.settings import ModelRetry, ModelSettings

logger = logging.getLogger(__name__)

LONGEST_PAUSES = 2
"""How many pauses of the longest sort one question is worth in front of a busy server."""


class Submitter(Protocol):
    """Sends a question to a server exactly once."""

    def submit(
        self, request: CompletionRequest, taken: Callable[[], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream the answer, as the port does; `taken` is called when the server accepts."""

    async def close(self) -> None: ...


def patience_of(settings: ModelSettings) -> float:
    """Give the seconds a question may wait in all because a server is busy.

    A pause as long as the owner lets one be is lived with, and another one behind it. Who would
    have to wait longer is better served by another model, or by hearing that the answer will be
    late, than by minutes of silence; and whoever asked the server knows that sooner than it could.
    """
    return min(settings.timeouts.total_seconds, LONGEST_PAUSES * settings.retry.max_wait_seconds)


class RetryingModel:
    """A model that is asked again after an error that may pass.

    The wait doubles from the policy's minimum up to its maximum. Before a server that answered
    429 all questions to one model wait together, at its `Gate`.
    """

    def __init__(
        self,
        model: Submitter,
        policy: ModelRetry,
        *,
        patience_seconds: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._model = model
        self._policy = policy
        self._patience = patience_seconds
        self._chance = chance
        self._gates: dict[str, Gate] = {}
        """By the model's name: providers limit each of their models for itself."""

    async def close(self) -> None:
        await self._model.close()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        """Ask until an answer is whole; see the port. A new attempt begins with `Restarted`."""
        gate, patience = self._gate(request.model), Patience(self._patience)
        attempts: AsyncIterator[AttemptManager] | None = None
        stale = False
        while True:
            if stale:
                yield Restarted()
                stale = False
            passage = await gate.enter(patience)
            try:
                with passage:
                    async with aclosing(self._model.submit(request, passage.taken)) as events:
                        async for event in events:
                            stale = True
                            yield event
                return
            except ModelError as error:
                failure = error
            if attempts is None:  # most questions never do, and tenacity is not for free
                attempts = aiter(self._attempts(1 if request.once else self._policy.attempts))
                attempt = await anext(attempts)
            _tell(attempt, failure)
            attempt = await anext(attempts)

    def _gate(self, model: str) -> Gate:
        if model not in self._gates:
            self._gates[model] = Gate(model, self._policy, chance=self._chance)
        return self._gates[model]

    def _attempts(self, attempts: int) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=asyncio.sleep,
            stop=stop_after_attempt(attempts),
            wait=self._wait,
            retry=retry_if_exception(_may_pass),
            before_sleep=_log_retry,
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        if isinstance(_failure(state), ModelBusy):
            return 0.0  # the gate sees to that
        return backoff(self._policy, state.attempt_number, chance=self._chance())


def _tell(attempt: AttemptManager, failure: ModelError) -> None:
    """Let tenacity know how an attempt ended.

    Inside its block it takes every exception for its own, also the ones that close or cancel a
    generator; so nothing but the failure goes in.
    """
    with attempt:
        raise failure


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ModelError) and error.transient


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _log_retry(state: RetryCallState) -> None:
    error = _failure(state)
    if isinstance(error, ModelBusy):
        return  # the gate says it once, however many are waiting
    logger.warning(
        "model call failed and is tried again",
        extra={
            "action": "retry_model_call",
            "attempt": state.attempt_number,
            "wait_seconds": round(state.upcoming_sleep, 3),
            "problem": f"{type(error).__name__}: {error}",
        },
    )
