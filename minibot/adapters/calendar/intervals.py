"""Elapsed time: counted from a start, whatever clocks show."""

import math
from datetime import datetime, timedelta

from minibot.core.errors import ScheduleInvalid


def step_of(rule: str) -> timedelta:
    """Read seconds. Raises `ScheduleInvalid`."""
    try:
        seconds = float(rule)
        step = timedelta(seconds=seconds if math.isfinite(seconds) else 0)
    except (ValueError, OverflowError):
        step = timedelta()
    if step <= timedelta():
        raise ScheduleInvalid(
            f'"{rule[:60]}" is no interval: give seconds, more than 0, such as 1800.'
        )
    return step


def next_step(start: datetime, step: timedelta, moment: datetime) -> tuple[int, datetime]:
    """Give the first step behind a moment, and which one it is; 0 is the start itself."""
    number = max((moment - start) // step + 1, 0)
    return number, start + number * step
