"""The circuit breaker: a model that keeps failing is left alone for a while.

Closed, questions pass. After so many failures in a row it opens, and questions are refused at
once. When the recovery time is over, or as soon as somebody waits for an answer and asks for a
probe, one question passes; its outcome closes the breaker or opens it anew (M. Nygard,
"Release It!", Circuit Breaker).
"""

from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


@dataclass(slots=True)
class Breaker:
    """Times are seconds of `Clock.monotonic`."""

    failures_allowed: int
    recovery_seconds: float
    failures: int = 0
    """In a row."""
    opened_at: float = 0.0
    state: BreakerState = BreakerState.CLOSED

    def admit(self, now: float) -> bool:
        """Say whether a question may pass; one that does must be followed by its outcome."""
        match self.state:
            case BreakerState.CLOSED:
                return True
            case BreakerState.OPEN if now - self.opened_at >= self.recovery_seconds:
                self.state = BreakerState.HALF_OPEN
                return True
        return False

    def invite_probe(self, now: float) -> None:
        """Let the next question through, because somebody is waiting."""
        if self.state is BreakerState.OPEN:
            self.opened_at = now - self.recovery_seconds

    def succeeded(self) -> bool:
        """Note an answer; True when it closed the breaker."""
        was_closed = self.state is BreakerState.CLOSED
        self.state, self.failures = BreakerState.CLOSED, 0
        return not was_closed

    def failed(self, now: float) -> bool:
        """Note a failure; True when it opened the breaker."""
        self.failures += 1
        if self.state is BreakerState.OPEN:
            return False
        was_probe = self.state is BreakerState.HALF_OPEN
        if was_probe or self.failures >= self.failures_allowed:
            self.state, self.opened_at = BreakerState.OPEN, now
            return not was_probe
        return False

    def abandoned(self, now: float) -> None:
        """Note that a question was given up, which says nothing about the model."""
        if self.state is BreakerState.HALF_OPEN:
            self.state, self.opened_at = BreakerState.OPEN, now - self.recovery_seconds
