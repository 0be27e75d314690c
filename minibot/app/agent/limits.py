"""How far a turn may go. What is used up leaves as a `TurnLimit`."""

from minibot.core.errors import TurnLimit
from minibot.core.journal import StepRecord
from minibot.core.llm import ToolCall, Usage
from minibot.core.ports import Clock
from minibot.core.settings import ModelPrices, Tools

SAME_CALL = 3
"""Calls with the same name, arguments and result before the turn counts as going in circles."""

BAD_ARGUMENTS = 2
"""Times arguments that cannot be used are given back to the model."""


class TurnBudget:
    """Counts what one turn uses."""

    def __init__(self, limits: Tools, clock: Clock) -> None:
        self._limits = limits
        self.clock = clock
        self._began = self._paused_until = clock.monotonic()
        self._steps = 0
        self._tokens = 0
        self._cost = 0.0
        self.usage = Usage()
        """Of all answers so far."""
        self.cost: float | None = 0.0
        """Of all answers so far; None when the price of one is not known."""
        self._bad_arguments = 0
        self._seen: dict[tuple[str, str, str], int] = {}
        """How often a call had the same outcome."""

    def begin_step(self) -> None:
        """Count a query that may call tools."""
        self._steps += 1
        if self._steps > self._limits.max_steps:
            raise TurnLimit(f"the limit of {self._limits.max_steps} steps is reached")
        if self.clock.monotonic() - self._began > self._limits.max_turn_seconds:
            raise TurnLimit(f"the limit of {self._limits.max_turn_seconds:g} seconds is reached")
        if self._tokens > self._limits.max_turn_tokens:
            raise TurnLimit(f"the limit of {self._limits.max_turn_tokens} tokens is reached")
        if 0 < self._limits.max_turn_cost < self._cost:
            raise TurnLimit(f"the cost limit of {self._limits.max_turn_cost:g} is reached")

    def spend(self, usage: Usage, prices: ModelPrices) -> None:
        """Count what an answer cost; it is judged before the next step."""
        self._tokens += usage.input_tokens + usage.output_tokens
        self._cost += cost_of(usage, prices)
        self.usage += usage
        known = prices.input or prices.output or prices.cached_input
        self.cost = self._cost if known and self.cost is not None else None

    def take_over(self, step: StepRecord, prices: ModelPrices) -> None:
        """Count a step that was worked on before; it is judged before the next one."""
        self._steps += 1
        self.spend(step.usage, prices)
        if all(each.result is not None for each in step.calls):
            for each in step.calls:
                self._see(each.call, each.result.text if each.result else "")

    def pause(self, seconds: float) -> None:
        """Leave out the time up to now in which a person was asked; what overlaps counts once."""
        now = self.clock.monotonic()
        self._began += max(now - max(now - seconds, self._paused_until), 0.0)
        self._paused_until = now

    def note_bad_arguments(self) -> None:
        self._bad_arguments += 1
        if self._bad_arguments > BAD_ARGUMENTS:
            raise TurnLimit("the arguments of tools could not be used three times")

    def note_result(self, call: ToolCall, result: str) -> None:
        if self._see(call, result) >= SAME_CALL:
            raise TurnLimit(f"{call.name} was called {SAME_CALL} times with the same outcome")

    def _see(self, call: ToolCall, result: str) -> int:
        outcome = (call.name, call.arguments, result)
        self._seen[outcome] = times = self._seen.get(outcome, 0) + 1
        return times


def cost_of(usage: Usage, prices: ModelPrices) -> float:
    """Price an answer, in the currency of the settings."""
    cached_price = prices.input if prices.cached_input is None else prices.cached_input
    fresh = max(usage.input_tokens - usage.cached_tokens, 0)
    millionths = (
        fresh * prices.input
        + usage.cached_tokens * cached_price
        + usage.output_tokens * prices.output
    )
    return millionths / 1_000_000
