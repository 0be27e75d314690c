"""Brings what SQLite has written to its log onto the disk.

A commit with ``synchronous=NORMAL`` is written and not yet flushed: it survives the process,
not a power cut. Flushing the log file afterwards makes all commits in it as safe as ``FULL``
would have made each. Any commit with ``FULL`` does the same for all before it, so whoever asks
waits a moment for one to come by: two flushes at a time slow each other down.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from minibot.core.errors import StorageUnavailable

PATIENCE_SECONDS = 0.003
"""How long to wait for a commit that flushes the log anyway."""

flush_data = os.fdatasync if hasattr(os, "fdatasync") else os.fsync  # macOS has the latter only


class WriteAheadLog:
    """The log of an open database. The file stays the same while a connection is open."""

    def __init__(
        self,
        database: Path,
        *,
        flush: Callable[[int], None] = flush_data,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._path = Path(f"{database}-wal")
        self._flush = flush
        self._patience = patience
        self._passing = asyncio.Event()
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

    def note_flush(self) -> None:
        """Somebody's commit has flushed the log: all who ask at this moment have what they want."""
        self._passing.set()
        self._passing = asyncio.Event()

    async def sync(self) -> None:
        """Flush what is committed by now; those who ask while a flush runs share the next.

        Raises:
            StorageUnavailable: the disk failed.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._passing.wait()
        except TimeoutError:
            await self._flush_now()

    async def _flush_now(self) -> None:
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
