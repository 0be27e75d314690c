"""The gate before a model whose server asked to slow down."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from minibot.adapters.llm.backoff import backoff
from minibot.core.errors import ModelBusy
from minibot.core.settings import ModelRetry

logger = logging.getLogger(__name__)

LONGEST = 3600.0
"""Seconds behind which a server is asked again even if it said later: quotas get raised."""

TIE = 0.01
"""Seconds by which the gate is given precedence when it opens as somebody's patience ends."""


@dataclass(slots=True)
class Patience:
    """How many seconds one question may still wait before gates, over all its attempts."""

    seconds: float


@dataclass(slots=True, eq=False)
class _Place:
    """A question that waits in line."""

    until: float
    """When it gives up, in the loop's time."""
    decided: asyncio.Future["Passage | None"] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Its turn to go as the probe, or None to look at the gate again."""


class Gate:
    """Stands before one model and is open until a question is answered with 429.

    Then nobody passes for as long as the server asked, or for the back-off when it did not say.
    After that one question goes first, and the others wait for what becomes of it: taken by the
    server, it opens the gate for all; refused again, it closes it anew; lost in any other way, it
    hands its role to the next in line. So a server that is asked to its limit gets one request
    each time it says when to come back, however many people are waiting.
    """

    def __init__(
        self, model: str, policy: ModelRetry, *, chance: Callable[[], float] = random.random
    ) -> None:
        self._model = model
        self._policy = policy
        self._chance = chance
        self._closed = False
        self._opens_at = 0.0
        """When the server may be asked again, in the loop's time."""
        self._timer: asyncio.TimerHandle | None = None
        """Runs until `_opens_at`. The clock is not compared instead: timers may be early."""
        self._probe: Passage | None = None
        self._line: deque[_Place] = deque()
        self._refusals = 0
        """Closings in a row with no answer between them."""
        self._said = ""

    async def enter(self, patience: Patience) -> "Passage":
        """Wait until a question may be submitted.

        The passage that comes back must be entered as a context at once: others may be waiting
        for what becomes of it.

        Raises:
            ModelBusy: waiting would take longer than `patience`; nothing was submitted.
        """
        while self._closed:
            if self._timer is None and self._probe is None:
                return self._send_probe()
            role = await self._wait_in_line(patience)
            if role is not None:
                return role
        return Passage(self)

    def take(self, passage: "Passage") -> None:
        """Note that the server took a question."""
        if passage is not self._probe:
            return
        self._closed, self._probe, self._refusals = False, None, 0
        self._stop_timer()
        while self._line:
            _look_again(self._line.popleft())

    def close(self, passage: "Passage", refusal: ModelBusy) -> None:
        """Note that a question was answered with 429."""
        is_news = not self._closed or passage is self._probe
        if is_news:
            self._refusals += 1
            self._closed, self._probe = True, None
        asked = refusal.retry_after or 0.0
        # of the questions that were under way when the gate closed only what the server asks
        # counts: each of them would make the back-off grow
        least = backoff(self._policy, self._refusals, chance=self._chance()) if is_news else 0.0
        self._said = str(refusal)
        wait = min(max(asked, least), LONGEST)
        self._wait_for(wait)
        if is_news:
            self._log(wait)

    def leave(self, passage: "Passage") -> None:
        """Note that nothing is to be learnt from a question any more."""
        if passage is self._probe:
            self._probe = None
            if self._timer is None:
                self._send_next()

    async def _wait_in_line(self, patience: Patience) -> "Passage | None":
        """Give the role of the probe, or None when the gate is to be looked at again."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        place = _Place(until=began + patience.seconds)
        if self._opens_at > place.until:
            raise self._busy()
        self._line.append(place)
        role: Passage | None = None
        try:
            async with asyncio.timeout_at(place.until + TIE):
                role = await place.decided
        except TimeoutError:
            raise self._busy() from None
        finally:
            patience.seconds = max(0.0, patience.seconds - (loop.time() - began))
            if role is None:
                self._forget(place)
        return role

    def _forget(self, place: _Place) -> None:
        """Take a question out of the line; a role that it can play no more goes to the next."""
        if place in self._line:
            self._line.remove(place)
        elif place.decided.done() and not place.decided.cancelled():
            role = place.decided.result()
            if role is not None:
                self.leave(role)

    def _wait_for(self, seconds: float) -> None:
        """Keep everybody out for so long, but no shorter than before; who cannot wait goes."""
        loop = asyncio.get_running_loop()
        opens_at = loop.time() + seconds
        if self._timer is not None and opens_at <= self._opens_at:
            return
        self._opens_at = opens_at
        self._stop_timer()
        self._timer = loop.call_at(opens_at, self._time_is_up)
        for place in [each for each in self._line if each.until < opens_at]:
            self._line.remove(place)
            _look_again(place)

    def _time_is_up(self) -> None:
        self._timer = None
        if self._probe is None:
            self._send_next()

    def _send_next(self) -> None:
        while self._line:
            place = self._line.popleft()
            if not place.decided.done():
                place.decided.set_result(self._send_probe())
                return

    def _send_probe(self) -> "Passage":
        self._probe = Passage(self)
        return self._probe

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _busy(self) -> ModelBusy:
        left = max(0.0, self._opens_at - asyncio.get_running_loop().time())
        why = f"no more questions for {left:.0f} s" if left else "another question tries first"
        return ModelBusy(f"{self._said}; {why}", retry_after=left)

    def _log(self, seconds: float) -> None:
        logger.warning(
            "the model's server asks to slow down",
            extra={
                "action": "close_model_gate",
                "model": self._model,
                "wait_seconds": round(seconds, 3),
                "waiting": len(self._line),
                "problem": self._said,
            },
        )


def _look_again(place: _Place) -> None:
    if not place.decided.done():
        place.decided.set_result(None)


class Passage:
    """Leave to submit one question once. Leaving the context tells the gate how it went."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def taken(self) -> None:
        """Say that the server took the question, whatever it will answer."""
        self._gate.take(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, ModelBusy):
            self._gate.close(self, error)
        else:
            self._gate.leave(self)
