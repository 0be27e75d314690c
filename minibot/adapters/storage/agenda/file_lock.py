"""A lock that processes on one machine share. The kernel frees it when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from minibot.core.errors import StorageUnavailable

LONGEST_PAUSE = 0.02
"""Seconds between tries at the most."""


class FileLock:
    """A lock on a file of its own, beside what it guards: that one may be replaced.

    Network file systems keep such locks from each other's machines, if they keep them at all:
    the file belongs on a local disk.
    """

    def __init__(self, guarded: Path, *, timeout_ms: int) -> None:
        self._path = guarded.with_name(f"{guarded.name}.lock")
        self._timeout = timeout_ms / 1000

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock inside. Blocks: not for the event loop.

        Raises:
            StorageUnavailable: somebody else holds it for too long.
        """
        descriptor = self.take()
        try:
            yield
        finally:
            os.close(descriptor)

    def take(self) -> int:
        """Wait for the lock and give the descriptor that holds it until it is closed.

        Raises:
            StorageUnavailable: see `held`.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with ExitStack() as stack:
                stack.callback(os.close, descriptor)
                self._wait(descriptor, deadline)
                if self._is_current(descriptor):
                    stack.pop_all()
                    return descriptor

    def _wait(self, descriptor: int, deadline: float) -> None:
        pause = 0.0005
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise StorageUnavailable(
                        f"another process has held {self._path} for {self._timeout:g} seconds: "
                        "try again, or end that process"
                    ) from None
                time.sleep(min(pause, left))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    def _is_current(self, descriptor: int) -> bool:
        """Tell whether what we locked is still what others would lock."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False
