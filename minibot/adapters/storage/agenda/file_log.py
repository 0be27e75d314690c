"""The agenda's file on the disk: found, read, appended to, replaced and refused.

Nothing here knows what a record says. All of it blocks, so it runs in a thread, and what changes
the file does so under its lock.
"""

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path

from minibot.adapters.storage.agenda.file_lock import FileLock
from minibot.adapters.storage.agenda.framing import HEADER, frame, is_cut_short, unframe
from minibot.adapters.storage.sqlite.write_ahead_log import flush_data
from minibot.core.errors import StorageDamaged, StorageUnavailable

LOG = logging.getLogger(__name__)


class FileLog:
    """Records in a file that several processes append to."""

    def __init__(
        self, path: Path, *, lock_timeout_ms: int, flush: Callable[[int], None] = flush_data
    ) -> None:
        self.path = path
        self.position = 0
        """Bytes that are known: read, or written by us. What comes next begins there."""
        self._lock = FileLock(path, timeout_ms=lock_timeout_ms)
        self._flush = flush
        self._descriptor = -1
        self._was_open = False

    def locked(self) -> AbstractContextManager[None]:
        """Keep other processes out while inside; see `FileLock.held`."""
        if not self.path.parent.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._lock.held()

    def is_known(self) -> bool:
        """Say, without the lock, whether there is nothing that was not read yet."""
        return (
            self._descriptor >= 0
            and self._is_current()
            and os.fstat(self._descriptor).st_size == self.position
        )

    def find(self) -> bool:
        """Open what is at the path, created when it was never there.

        Returns:
            True when it has to be read from the start: it is another file than before, or not
            what it was.

        Raises:
            StorageUnavailable: it has vanished.
            StorageDamaged: it does not begin as it should.
        """
        if (
            self._descriptor >= 0
            and self._is_current()
            and os.fstat(self._descriptor).st_size >= self.position
        ):
            return False
        if not self._was_open and not self.path.exists():
            self._put_in_place([])
        self._open()
        return True

    def rewind(self) -> None:
        """Have the file read from its first record."""
        self.position = len(HEADER)

    def read(self) -> Iterator[bytes]:
        """Give the JSON of each record from `position` on, and cut off what a crash left behind.

        Raises:
            StorageDamaged: what is there does not come from a crash.
        """
        with open(self._descriptor, "rb", buffering=1 << 20, closefd=False) as file:
            file.seek(self.position)
            for line in file:
                body = unframe(line)
                if body is None:
                    self._cut_off(line + file.read())
                    return
                yield body
                # Behind it only when whoever reads it had nothing against it.
                self.position += len(line)

    def append(self, body: bytes) -> None:
        """Add a record; it is on the disk on return. Everything before it has been read.

        Raises:
            StorageUnavailable: it could not be written, and is not there.
        """
        record = frame(body)
        try:
            _write(self._descriptor, record, self.position)
            self._flush(self._descriptor)
        except OSError as error:
            # Should that fail as well: a part of a record is cut off by the next who reads.
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.position)
            raise _unwritable(self.path, error) from error
        self.position += len(record)

    def replace(self, bodies: Iterable[bytes]) -> None:
        """Put a new file with these records in the place of the old one.

        Raises:
            StorageUnavailable: it could not be written; the old one may still be there.
        """
        try:
            size = self._put_in_place(bodies)
            self._open()
        except OSError as error:
            # Whichever file is there now, it is opened and read from the start again.
            self.close()
            raise _unwritable(self.path, error) from error
        self.position = size

    def refuse(self, damage: StorageDamaged) -> StorageDamaged:
        """Copy the file aside; give the error that says what, where, and what to do."""
        try:
            aside = f"a copy is {self._copy_aside()}"
        except OSError as error:
            aside = f"it could not be copied aside ({error.strerror})"
        keep = f"keep what stands before the damage with `truncate -s {self.position} {self.path}`"
        ways = ["put back a backup", *([keep] if self.position else [])]
        return StorageDamaged(
            f"{self.path} is damaged ({damage}) and was left as it is; {aside}. "
            f"To go on, {', or '.join(ways)}, or move the file away to begin with an empty one"
        )

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        except OSError:
            return False

    def _open(self) -> None:
        self.close()
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            raise StorageUnavailable(
                f"{self.path} has vanished: put it back, or restart to begin with an empty one"
            ) from None
        if os.fstat(self._descriptor).st_mode & 0o777 != 0o600:
            os.fchmod(self._descriptor, 0o600)
        # Whoever put it there may have died before its name was on the disk.
        _flush_folder(self.path.parent)
        self._was_open = True
        self.position = 0
        if os.pread(self._descriptor, len(HEADER), 0) != HEADER:
            raise StorageDamaged("it does not begin like an agenda of this minibot")
        self.position = len(HEADER)

    def _put_in_place(self, bodies: Iterable[bytes]) -> int:
        """Write a whole file under another name first; give its size."""
        unfinished = _beside(self.path, "new")
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            size = _write(descriptor, HEADER, 0)
            for body in bodies:
                size += _write(descriptor, frame(body), size)
            os.fsync(descriptor)
        except (OSError, StorageDamaged):
            with suppress(OSError):
                unfinished.unlink()
            raise
        finally:
            os.close(descriptor)
        unfinished.replace(self.path)
        _flush_folder(self.path.parent)
        return size

    def _cut_off(self, tail: bytes) -> None:
        if not is_cut_short(tail, self.position):
            raise StorageDamaged(
                f"what begins at byte {self.position} does not match its length and checksum"
            )
        os.ftruncate(self._descriptor, self.position)
        LOG.warning(
            "cut off a write that a crash had left unfinished",
            extra={"path": str(self.path), "position": self.position, "bytes": len(tail)},
        )

    def _copy_aside(self) -> Path:
        # Named by when the file was last written: who restarts again and again makes one copy.
        written = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        copy = _beside(self.path, f"damaged-{written:%Y%m%dT%H%M%S%fZ}")
        if copy.exists() and copy.stat().st_size == self.path.stat().st_size:
            return copy
        unfinished = _beside(self.path, "copy")
        unfinished.touch(mode=0o600)
        shutil.copyfile(self.path, unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(copy)
        _flush_folder(copy.parent)
        return copy


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}.{suffix}")


def _unwritable(path: Path, error: OSError) -> StorageUnavailable:
    return StorageUnavailable(f"{path} cannot be written at the moment: {error.strerror}")


def _write(descriptor: int, content: bytes, position: int) -> int:
    """Write all of it at a position; give its length."""
    left = memoryview(content)
    while left:
        written = os.pwrite(descriptor, left, position)
        left = left[written:]
        position += written
    return len(content)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
