"""A process of its own for one piece of work, which ends with it.

It has no secret in its environment; what it may do beside reading, it takes from itself.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import minibot

_PACKAGE_ROOT = str(Path(minibot.__file__).parents[1])
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    output: bytes
    exit_code: int
    """Negative for the signal that ended it."""


async def have_done(
    worker: str, order: bytes, *, seconds: float, more: Mapping[str, str] | None = None
) -> Ended:
    """Run a module, give it an order on standard input, and wait for its end.

    Args:
        seconds: how long it may take; it is killed then, and also when this is cancelled.
        more: variables of its environment.

    Raises:
        TimeoutError: it took longer.
        OSError: no process can be started.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", worker),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**environment(), **(more or {})},
        cwd="/",
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(order)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(output=output, exit_code=process.returncode or 0)


def environment() -> dict[str, str]:
    """What a process is told of this one's environment."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": _PACKAGE_ROOT, "PYTHONUTF8": "1"}
