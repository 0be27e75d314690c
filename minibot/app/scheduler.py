"""Runs the daemon's own periodic work."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from minibot.app.event_bus import EventBus
from minibot.app.markdown import counted
from minibot.core.errors import MinibotError
from minibot.core.events import TroubleNoticed
from minibot.core.ports import Clock, SettingsSource

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicJob:
    """Work that is due every so many seconds, first one period after the start."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class _Due:
    job: PeriodicJob
    at: float
    failures: int = 0


class Scheduler:
    """Runs each job when it is due, one at a time; retries it before it tells the owner."""

    def __init__(
        self,
        jobs: Sequence[PeriodicJob],
        *,
        settings: SettingsSource,
        clock: Clock,
        bus: EventBus,
    ) -> None:
        self._jobs = jobs
        self._settings = settings
        self._clock = clock
        self._bus = bus
        self._waiting: list[_Due] = []

    def describe(self) -> str:
        """Name the work, and what of it fails."""
        names = ", ".join(job.name for job in self._jobs)
        failing = [due for due in self._waiting if due.failures]
        troubles = (f"{due.job.name} failed {counted(due.failures, 'time')}" for due in failing)
        return "; ⚠️ ".join([f"Upkeep: {names}", *troubles])

    async def run(self) -> None:
        now = self._clock.monotonic()
        self._waiting = waiting = [_Due(job, now + job.every_seconds) for job in self._jobs]
        while waiting:
            due = min(waiting, key=lambda due: due.at)
            pause = due.at - self._clock.monotonic()
            if pause > 0:
                longest = self._settings.current.scheduler.poll_interval_ms / 1000
                await self._clock.sleep(min(pause, longest))
            else:
                await self._fire(due)

    async def _fire(self, due: _Due) -> None:
        try:
            await due.job.run()
        except MinibotError as error:
            self._after_failure(due, error)
        else:
            log.debug("periodic work done", extra={"job_id": due.job.name})
            due.failures = 0
            due.at = self._clock.monotonic() + due.job.every_seconds

    def _after_failure(self, due: _Due, error: MinibotError) -> None:
        due.failures += 1
        log.error(
            "periodic work failed",
            extra={"job_id": due.job.name, "failures": due.failures, "problem": str(error)},
        )
        if due.failures <= self._settings.current.scheduler.default_retry_limit:
            due.at = self._clock.monotonic() + RETRY_SECONDS * 2.0 ** (due.failures - 1)
            return
        self._bus.publish(
            TroubleNoticed(topic=f"job {due.job.name}", text=f"{due.job.name} fails: {error}")
        )
        due.failures = 0
        due.at = self._clock.monotonic() + due.job.every_seconds
