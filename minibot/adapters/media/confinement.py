"""What a process that opens the files of others takes from itself."""

import os
import resource
from contextlib import suppress

NICENESS = 5


def confine(*, memory: int, cpu_seconds: float) -> None:
    """Have the system end this process when it takes more than it may, and write nothing.

    Args:
        memory: bytes of address space.
    """
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(cpu_seconds) + 1),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(limit, (lowest, lowest))
    os.nice(NICENESS)
