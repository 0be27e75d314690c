"""Keeps the parts of the daemon alive."""

import logging
from collections.abc import Awaitable, Callable

from minibot.app.event_bus import EventBus
from minibot.core.errors import AlreadyRunning, StorageDamaged, TokenRefused
from minibot.core.events import ComponentFailed
from minibot.core.ports import Clock

log = logging.getLogger(__name__)

FATAL = (AlreadyRunning, StorageDamaged, TokenRefused)
"""Trying again would not help, so these end the daemon."""

HEALTHY_AFTER_SECONDS = 60.0
"""A component that ran this long before it died begins its back-off anew."""


class Supervisor:
    """Runs a component and, when it dies, runs it again after a growing pause."""

    def __init__(self, bus: EventBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._down: dict[str, str] = {}

    @property
    def down(self) -> dict[str, str]:
        """Components that are dead at the moment, with the reason."""
        return dict(self._down)

    async def keep(self, component: str, run: Callable[[], Awaitable[None]]) -> None:
        """Return when `run` returns; raise what is fatal; start over on all else."""
        deaths = 0
        while True:
            started = self._clock.monotonic()
            try:
                self._down.pop(component, None)
                return await run()
            except Exception as error:  # noqa: BLE001 - boundary: a bug in one part stops no other
                if (cause := fatal_cause(error)) is not None:
                    raise cause from None
                if self._clock.monotonic() - started > HEALTHY_AFTER_SECONDS:
                    deaths = 0
                pause = restart_delay(deaths)
                deaths += 1
                self._report(component, _innermost(error), pause)
            await self._clock.sleep(pause)

    def _report(self, component: str, error: BaseException, pause: float) -> None:
        problem = f"{type(error).__name__}: {error}"
        self._down[component] = problem
        log.error(
            "a component died and will be started again",
            extra={"dead_component": component, "pause_seconds": pause},
            exc_info=error,
        )
        self._bus.publish(
            ComponentFailed(component=component, problem=problem, restart_in_seconds=pause)
        )


def restart_delay(deaths: int) -> float:
    """Seconds before a component that died `deaths` times before starts again: 0.5 … 60."""
    return min(0.5 * 2.0 ** min(deaths, 16), 60.0)


def fatal_cause(error: BaseException) -> BaseException | None:
    """Find the fatal error inside, through groups of errors of tasks that ran together."""
    if isinstance(error, FATAL):
        return error
    if isinstance(error, BaseExceptionGroup):
        causes = (fatal_cause(inner) for inner in error.exceptions)
        return next((cause for cause in causes if cause is not None), None)
    return None


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
