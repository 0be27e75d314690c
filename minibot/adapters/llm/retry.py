"""Asking again when asking again may help."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from minibot.core.errors import ModelBusy, ModelError
from minibot.core.llm import CompletionRequest, Restarted, StreamEvent
from minibot.core.ports import LanguageModel
from minibot.core.settings import ModelRetry

logger = logging.getLogger(__name__)

JITTER = 0.5
"""The part of a wait that chance may add, so that many conversations do not return at once."""


class RetryingModel:
    """A model that is asked again after an error that may pass.

    The wait doubles from the policy's minimum up to its maximum, and is never shorter than what
    the server asked for. A server that asks for more than `patience_seconds` is not waited for.
    """

    def __init__(
        self,
        model: LanguageModel,
        policy: ModelRetry,
        *,
        patience_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._model = model
        self._policy = policy
        self._patience = patience_seconds
        self._sleep = sleep
        self._chance = chance

    async def close(self) -> None:
        await self._model.close()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        """Ask until an answer is whole; see the port. A new attempt begins with `Restarted`."""
        stale = False
        async for attempt in self._attempts():
            failure: ModelError | None = None
            if stale:
                yield Restarted()
                stale = False
            try:
                async with aclosing(self._model.stream(request)) as events:
                    async for event in events:
                        stale = True
                        yield event
            except ModelError as error:
                failure = error
            with attempt:
                # inside the block tenacity takes every exception for its own, also the ones
                # that close or cancel this generator; so nothing but the failure goes in
                if failure is not None:
                    raise failure

    def _attempts(self) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(self._policy.attempts),
            wait=self._wait,
            retry=retry_if_exception(self._may_pass),
            before_sleep=_log_retry,
            reraise=True,
        )

    def _may_pass(self, error: BaseException) -> bool:
        if isinstance(error, ModelBusy) and (error.retry_after or 0) > self._patience:
            return False
        return isinstance(error, ModelError) and error.transient

    def _wait(self, state: RetryCallState) -> float:
        wait = backoff(self._policy, state.attempt_number, chance=self._chance())
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ModelBusy) else None
        return max(wait, asked or 0.0)


def backoff(policy: ModelRetry, failures: int, *, chance: float) -> float:
    """Give the seconds to wait after so many failures; `chance` is in 0..1."""
    doubled: float = policy.min_wait_seconds * 2.0 ** (failures - 1)
    return min(policy.max_wait_seconds, doubled * (1 + JITTER * chance))


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning(
        "model call failed and is tried again",
        extra={
            "action": "retry_model_call",
            "attempt": state.attempt_number,
            "wait_seconds": round(state.upcoming_sleep, 3),
            "problem": f"{type(error).__name__}: {error}",
        },
    )
