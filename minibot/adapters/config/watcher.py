"""config.toml on disk: loads it, and notices when it or its .env was saved again.

Editors save in many ways: in place, by renaming a new file over the old one, by moving the
old one away first; a container platform swaps a symbolic link somewhere on the way to the
file. So the directories are watched, not the file, and what counts is the content.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from pathlib import Path

from watchfiles import awatch

from minibot.adapters.config.document import read
from minibot.adapters.config.loader import Loaded, interpret
from minibot.core.errors import ConfigurationError

log = logging.getLogger(__name__)

Watch = Callable[[frozenset[Path]], AsyncGenerator[object, None]]
"""Yields whenever something may have happened in one of the directories."""

_Stamps = tuple[os.stat_result | None, ...]

_QUIET = 0.06
_PATIENCE = 12
"""Looks at a file that keeps changing, or is gone, before it is taken as it is."""
_UNREADABLE = ""
_RACY_NS = 2_000_000_000
"""Age below which the times of a file say nothing: file systems count in coarse steps."""
_LINKS = 40
"""Symbolic links that are followed, as the kernel does."""


class ConfigFile:
    """A config.toml that may be edited while it is in use."""

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str] | None = None,
        *,
        look_every: float = 1.0,
        watch: Watch | None = None,
    ) -> None:
        """`look_every` are the seconds between looks that need no event to cause them."""
        self.path = path
        self._environ = environ
        self._look_every = look_every
        self._watch = watch or partial(system_events, timeout=look_every)
        self._seen: str | None = None
        self._stamps: _Stamps = ()
        self._trouble_told = False

    def load(self) -> Loaded:
        """Load what is there now; `changes` reports what differs from it. See `loader.load`."""
        self._seen = _UNREADABLE
        files = read(self.path)
        self._seen = files.digest
        return interpret(files, self.path, self._environ)

    async def changes(self) -> AsyncGenerator[None, None]:
        """Yield after each save that left another content than the last `load` or yield saw.

        A save is complete when two looks in a row see the same. Ends when it is closed or
        cancelled.
        """
        if self._seen is None:
            self._seen = self._digest()
        async with aclosing(self._stirrings()) as stirrings:
            async for _ in stirrings:
                if self._is_untouched():
                    continue
                if self._digest() != self._seen and (now := await self._settled()) != self._seen:
                    self._seen = now
                    yield

    async def _stirrings(self) -> AsyncGenerator[None, None]:
        """Yield when something may have happened, and every `look_every` in any case.

        What the system cannot watch (a network drive, a limit reached) is seen by looking.
        """
        while True:
            yield
            directories = _directories(self.path)
            try:
                async with aclosing(self._watch(directories)) as events:
                    async for _ in events:
                        yield
                        if _directories(self.path) != directories:
                            break
            except (OSError, RuntimeError) as error:  # what watchfiles raises at a limit
                self._tell(error)
                await asyncio.sleep(self._look_every)

    def _tell(self, error: Exception) -> None:
        level = logging.DEBUG if self._trouble_told else logging.WARNING
        log.log(level, "config.watch.fallback", extra={"error": str(error)})
        self._trouble_told = True

    async def _settled(self) -> str:
        digest = self._digest()
        for _ in range(_PATIENCE):
            await asyncio.sleep(_QUIET)
            before, digest = digest, self._digest()
            if digest == before != _UNREADABLE:
                break
        return digest

    def _is_untouched(self) -> bool:
        """Say, without reading, that the files are those of the last look.

        Other files beside them may change all the time, a log for instance. A file that changed
        within the last moments is read in any case: it could change again and keep its times.
        """
        before, self._stamps = self._stamps, _stamps(self.path)
        fresh = time.time_ns() - _RACY_NS
        return self._stamps == before and all(
            stamp is None or max(stamp.st_mtime_ns, stamp.st_ctime_ns) < fresh
            for stamp in self._stamps
        )

    def _digest(self) -> str:
        try:
            return read(self.path).digest
        except ConfigurationError:
            return _UNREADABLE


def system_events(directories: frozenset[Path], *, timeout: float) -> AsyncGenerator[object, None]:
    """Yield what the operating system tells of the directories, or after `timeout` seconds."""
    return awatch(
        *directories,
        watch_filter=None,
        debounce=200,
        step=100,
        rust_timeout=int(timeout * 1000),
        yield_on_timeout=True,
        recursive=False,
    )


def _stamps(path: Path) -> _Stamps:
    found: list[os.stat_result | None] = []
    for file in (path, path.parent / ".env"):
        try:
            stat = file.stat()
        except OSError:
            found.append(None)
        else:
            found.append(stat)
    return tuple(found)


def _directories(path: Path) -> frozenset[Path]:
    """Name every directory in which a save of the file, or of its .env, can be seen."""
    found = {path.parent.absolute()}
    for file in (path, path.parent / ".env"):
        for _ in range(_LINKS):
            try:
                file = file.parent / file.readlink()
            except OSError:  # not a link, or not there
                break
            found.add(file.parent.resolve())
    return frozenset(found)
