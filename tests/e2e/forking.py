"""The other end of `tests.e2e.fork_server`."""

import asyncio
import atexit
import json
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from tests.e2e.launch import Child, Start, environment

READY_WITHIN = 60.0
LOOK_EVERY_SECONDS = 0.02


async def forked(start: Start) -> Child:
    """Start a process that has its imports behind it. Implements `tests.e2e.launch.Launch`."""
    reader, writer = await asyncio.open_unix_connection(_server())
    order = {"config": str(start.config), "output": str(start.output), "hooks": start.hooks}
    writer.write(json.dumps(order).encode() + b"\n")
    await writer.drain()
    return _Forked(reader, writer, await _read(reader, "pid"))


@cache
def _server() -> str:
    """Give the socket of a server that lives as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="minibot-fork-")
    path = str(Path(folder.name) / "socket")
    process = subprocess.Popen(  # noqa: S603 - the test's own interpreter and module
        [sys.executable, "-m", "tests.e2e.fork_server", path],
        stdin=subprocess.PIPE,
        env=environment(),
    )

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    until = time.monotonic() + READY_WITHIN
    while not Path(path).exists():
        assert process.poll() is None, "the fork server died"
        assert time.monotonic() < until, "the fork server is not ready"
        time.sleep(LOOK_EVERY_SECONDS)
    return path


class _Forked:
    """Implements `tests.e2e.launch.Child`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._pid = pid

    @property
    def pid(self) -> int:
        return self._pid

    async def wait(self) -> int:
        try:
            return await _read(self._reader, "exit")
        finally:
            self._writer.close()


async def _read(reader: asyncio.StreamReader, key: str) -> int:
    line = await reader.readline()
    assert line, "the fork server died"
    value: int = json.loads(line)[key]
    return value
