"""Brings what SQLite has written to its log onto the disk.

A commit with ``synchronous=NORMAL`` is written and not yet flushed: it survives the process,
not a power cut. Flushing the log file afterwards makes all commits in it as safe as ``FULL``
would have made each.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from minibot.core.errors import StorageUnavailable

flush_data = os.fdatasync if hasattr(os, "fdatasync") else os.fsync  # macOS has the latter only


class WriteAheadLog:
    """The log of an open database. The file stays the same while a connection is open."""

    def __init__(self, database: Path, *, flush: Callable[[int], None] = flush_data) -> None:
        self._path = Path(f"{database}-wal")
        self._flush = flush
        self._descriptor = -1
        self._one_at_a_time = asyncio.Lock()
        self._asked = 0
        self._flushed = 0

    def __enter__(self) -> Self:
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    async def sync(self) -> None:
        """Flush what is committed by now; those who ask while a flush runs share the next.

        Raises:
            StorageUnavailable: the disk failed.
        """
        self._asked += 1
        ticket = self._asked
        async with self._one_at_a_time:
            if self._flushed >= ticket:
                return
            covered = self._asked
            try:
                await asyncio.to_thread(self._flush, self._descriptor)
            except OSError as error:
                raise StorageUnavailable(f"the disk failed: {error.strerror}") from error
            self._flushed = covered
