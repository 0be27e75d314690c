"""The other end of `tests.crash.fork_server`."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.e2e.launch import Child, Start, environment


@asynccontextmanager
async def fork_server() -> AsyncIterator["ForkServer"]:
    """Run a fork server while inside; its imports are done when this returns."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.fork_server", stdin=PIPE, stdout=PIPE, env=environment()
    )
    server = ForkServer(process)
    try:
        await server.read("ready")
        yield server
    finally:
        await server.close()


class ForkServer:
    """Starts one minibot at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def launch(self, start: Start) -> Child:
        """Implements `tests.e2e.launch.Launch`."""
        order = {
            "config": str(start.config),
            "output": str(start.output),
            "hooks": start.hooks,
        }
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(order).encode() + b"\n")
        await stdin.drain()
        return _Forked(self, await self.read("pid"))

    async def read(self, key: str) -> int:
        stdout = self._process.stdout
        assert stdout is not None
        line = await stdout.readline()
        assert line, "the fork server died"
        value: int = json.loads(line)[key]
        return value

    async def close(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.close()
        await self._process.wait()


class _Forked:
    """Implements `tests.e2e.launch.Child`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self._pid = pid

    @property
    def pid(self) -> int:
        return self._pid

    async def wait(self) -> int:
        return await self._server.read("exit")
