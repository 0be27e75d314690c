"""Variables of the environment that only tests set, and what they ask for."""

import os
from pathlib import Path

from minibot.adapters.clock import ShiftedClock, SystemClock
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import Settings

CRASH_VARIABLE = "MINIBOT_CRASH_POINT"
"""See `minibot.app.crash_points`."""

CLOCK_VARIABLE = "MINIBOT_TEST_CLOCK"
"""Names a file of seconds by which the clock is wrong. Only with
``runtime.environment = "test"``."""


def environment() -> dict[str, str]:
    """Give the environment without them: every other variable of this prefix is a setting."""
    hooks = (CRASH_VARIABLE, CLOCK_VARIABLE)
    return {name: value for name, value in os.environ.items() if name not in hooks}


def crash_order() -> str:
    return os.environ.get(CRASH_VARIABLE, "")


def clock_for(settings: Settings) -> SystemClock:
    """Give the clock to go by.

    Raises:
        ConfigurationError: somebody wants it shifted outside of a test.
    """
    path = os.environ.get(CLOCK_VARIABLE)
    if path is None:
        return SystemClock()
    if settings.runtime.environment != "test":
        message = (
            f'{CLOCK_VARIABLE} is set, which only runtime.environment = "test" allows: unset it'
        )
        problem = Problem(key="runtime.environment", message=message)
        raise ConfigurationError("the environment", [problem])
    return ShiftedClock(Path(path))
