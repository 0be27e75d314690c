"""One minibot for a data folder, and one on this machine for a bot token.

The kernel frees both kinds of lock when their process ends, however it ends, so nothing stale
is ever left behind.
"""

import fcntl
import hashlib
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minibot.core.errors import AlreadyRunning, ConfigurationError, Problem

RUN_FOLDER = "run"
LOCK_FILE = "minibot.lock"


@contextmanager
def hold_data_folder(data_dir: Path) -> Iterator[None]:
    """Own a data folder, made when missing, while inside; the lock file holds our pid.

    Raises:
        AlreadyRunning: another process owns it; its pid is told.
        ConfigurationError: the folder cannot be made or written.
    """
    path = data_dir / RUN_FOLDER / LOCK_FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        message = f"{data_dir} cannot be used: {error.strerror}; name a folder we may write to"
        raise ConfigurationError(
            "config.toml", [Problem(key="runtime.data_dir", message=message)]
        ) from error
    with _hold_file(path, f"another minibot uses the data folder {data_dir}"):
        try:
            yield
        finally:
            # Unlinked while still locked: whoever opened it before will notice, see _is_current.
            path.unlink(missing_ok=True)


@contextmanager
def hold_token(token: str) -> Iterator[None]:
    """Own a bot token on this machine while inside.

    On Linux the lock is a name in the abstract socket namespace, because it belongs to no data
    folder; elsewhere it is a file in the folder for temporary files.

    Raises:
        AlreadyRunning: another process on this machine uses the token.
    """
    name = "minibot-" + hashlib.sha256(token.encode()).hexdigest()[:16]
    taken = "another minibot on this machine uses this bot token"
    if not sys.platform.startswith("linux"):
        with _hold_file(Path(tempfile.gettempdir()) / f"{name}.lock", taken):
            yield
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as lock:
        try:
            lock.bind(f"\0{name}")
        except OSError:
            raise AlreadyRunning(taken) from None
        yield


@contextmanager
def _hold_file(path: Path, taken: str) -> Iterator[None]:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise AlreadyRunning(f"{taken} (pid {pid or 'unknown'})") from None
        if _is_current(descriptor, path):
            break
        os.close(descriptor)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _is_current(descriptor: int, path: Path) -> bool:
    """Tell whether the file we locked is still the one at this path."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
