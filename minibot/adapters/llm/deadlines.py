"""The four deadlines of one submission."""

import asyncio

from minibot.core.errors import ModelTimeout
from minibot.core.settings import ModelTimeouts


class Deadlines:
    """Says until when the next bytes may take; begins when it is made.

    Until the model's first sign of life the first-token deadline runs on, however many pings
    the server sends; from then on any bytes push the deadline between tokens.
    """

    def __init__(self, timeouts: ModelTimeouts) -> None:
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        began = self._loop.time()
        self._first = began + timeouts.first_token_seconds
        self._total = began + timeouts.total_seconds

    def next_bytes(self, *, started: bool) -> asyncio.Timeout:
        """Give the timeout for one read."""
        between = self._timeouts.between_tokens_seconds
        due = self._loop.time() + between if started else self._first
        return asyncio.timeout_at(min(due, self._total))

    def at_most(self, seconds: float) -> asyncio.Timeout:
        return asyncio.timeout_at(min(self._loop.time() + seconds, self._total))

    def missed(self, *, started: bool) -> ModelTimeout:
        """Name the deadline that passed."""
        if self._loop.time() >= self._total:
            return ModelTimeout(
                f"the model's answer was not complete after {self._timeouts.total_seconds:g} s"
            )
        if started:
            silence = self._timeouts.between_tokens_seconds
            return ModelTimeout(f"the model fell silent in mid-answer for {silence:g} s")
        return ModelTimeout(f"the model said nothing for {self._timeouts.first_token_seconds:g} s")

    def not_connected(self) -> ModelTimeout:
        return ModelTimeout(
            f"no connection to the model's server within {self._timeouts.connect_seconds:g} s"
        )
