"""Where log lines end up."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TextIO

from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import Settings


class Sink(Protocol):
    """A place for lines. Raises OSError or ValueError when it takes none."""

    def write(self, line: str) -> None: ...

    def close(self) -> None: ...


class StreamSink:
    """A text stream that belongs to somebody else, usually standard error."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write and flush: a line may be the last."""
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave the stream as it is."""


class RotatingFile:
    """A file of limited size; what it held moves to ``name.1``, ``name.2`` and so on."""

    def __init__(self, path: Path, *, max_bytes: int, backups: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._backups = backups
        _make_private_folders(path.parent)
        self._descriptor = self._open()
        self._size = os.fstat(self._descriptor).st_size

    def write(self, line: str) -> None:
        """Append, after making room when the file would grow too large."""
        data = f"{line}\n".encode("utf-8", "backslashreplace")
        if self._size and self._size + len(data) > self._max_bytes:
            self._rotate()
        self._size += len(data)
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Close the file; once is enough."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        os.fchmod(descriptor, 0o600)  # it may have been there before
        return descriptor

    def _rotate(self) -> None:
        if self._backups:
            for number in range(self._backups - 1, 0, -1):
                if self._backup(number).exists():
                    self._backup(number).replace(self._backup(number + 1))
            with suppress(FileNotFoundError):  # somebody tidied up
                self._path.replace(self._backup(1))
        else:
            os.ftruncate(self._descriptor, 0)
        fresh = self._open()
        os.close(self._descriptor)
        self._descriptor = fresh
        self._size = 0

    def _backup(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def open_log_file(settings: Settings) -> RotatingFile | None:
    """Open the log file when it is switched on. Raises `ConfigurationError`."""
    wanted = settings.logging.file
    if not wanted.enabled:
        return None
    path = settings.runtime.data_dir / wanted.path
    try:
        return RotatingFile(path, max_bytes=wanted.max_bytes, backups=wanted.backups)
    except OSError as error:
        problem = Problem(
            key="logging.file.path", message=f"the log file cannot be opened: {error.strerror}"
        )
        raise ConfigurationError(str(path), [problem]) from error


def _make_private_folders(folder: Path) -> None:
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)
