"""Ways to start minibot, and to run its other commands."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CRASH_VARIABLE = "MINIBOT_CRASH_POINT"
CLOCK_VARIABLE = "MINIBOT_TEST_CLOCK"
COMMAND_ENDS_WITHIN = 20.0


class Child(Protocol):
    """A process somebody started."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> int:
        """Give the exit code; that of a signal is negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What to start."""

    config: Path
    output: Path
    """Where stdout and stderr go."""
    crash_point: str = ""
    clock: Path | None = None
    """A file of seconds by which its clock is wrong."""

    @property
    def hooks(self) -> dict[str, str]:
        """Variables of the environment that a test sets and nobody else."""
        clock = "" if self.clock is None else str(self.clock)
        hooks = {CRASH_VARIABLE: self.crash_point, CLOCK_VARIABLE: clock}
        return {name: value for name, value in hooks.items() if value}


Launch = Callable[[Start], Awaitable[Child]]


async def command_line(start: Start) -> Child:
    """Start what a person starts. Implements `Launch`."""
    arguments = ("-m", "minibot", "run", "--config", str(start.config))
    with start.output.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env=environment() | start.hooks,
        )


async def run_command(config: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a command to its end; gives its exit code, output and errors."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "minibot", *arguments, "--config", str(config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    out, err = await asyncio.wait_for(process.communicate(), COMMAND_ENDS_WITHIN)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def environment() -> dict[str, str]:
    """Give that of this process without what minibot would heed."""
    return {k: v for k, v in os.environ.items() if not k.startswith("MINIBOT")}
