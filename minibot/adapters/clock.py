"""The machine's own clock."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    """Implements `minibot.core.ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ShiftedClock(SystemClock):
    """The machine's clock, put forward or back by the seconds that a file says; for tests.

    The file may change at any time, as a clock that is set does. While it is missing, or holds
    nothing that leads to a moment, the clock is right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        now = super().now()
        try:
            return now + timedelta(seconds=float(self._path.read_text()))
        except (OSError, ValueError, OverflowError):
            return now
