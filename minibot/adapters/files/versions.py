"""What files held before they were written, for as long as that may be undone."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from secrets import token_hex

from minibot.adapters.files.tree import file_at, put
from minibot.core.errors import ToolFailed
from minibot.core.settings import FilesTool

MOST = 32
"""Versions of one owner; the oldest make room."""
SHARE_OF_QUOTA = 4
"""All of them take up this part of what the owner may, beside the files."""

_VERSION = re.compile(r"[0-9a-f]{32}")


def keep(folder: int, drafts: int, pieces: Iterable[bytes], limits: FilesTool) -> str:
    """Keep a version; gives its name. Raises `OSError`."""
    version = token_hex(16)
    put(drafts, folder, version, pieces)
    _make_room(folder, version, limits.quota_mb * 1_000_000 // SHARE_OF_QUOTA)
    return version


@contextmanager
def opened_version(folder: int, version: str) -> Iterator[int]:
    """Open a version. Raises `ToolFailed` when it is not kept any more."""
    if not _VERSION.fullmatch(version):
        raise ToolFailed("this is no version of a file")
    try:
        with file_at(folder, (version,)) as file:
            yield file
    except FileNotFoundError:
        raise ToolFailed("what the file held before is not kept any more") from None


def purge(folder: int, before: float) -> None:
    """Delete what was written before this moment, in seconds since 1970."""
    for name in os.listdir(folder):
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < before:
            os.unlink(name, dir_fd=folder)


def _make_room(folder: int, newest: str, room: int) -> None:
    found = []
    for version in os.listdir(folder):
        status = os.stat(version, dir_fd=folder, follow_symlinks=False)
        found.append((status.st_mtime_ns, version, status.st_size))
    _stamp(
        folder, newest, behind=max((when for when, name, _ in found if name != newest), default=0)
    )
    found.sort(key=lambda each: (each[1] == newest, each[0]), reverse=True)
    for place, (_, version, size) in enumerate(found):
        room -= size
        if version != newest and (place >= MOST or room < 0):
            os.unlink(version, dir_fd=folder)


def _stamp(folder: int, newest: str, *, behind: int) -> None:
    """Have the newest be the newest next time as well.

    Two may be written within one tick of the clock that files are stamped by, or the clock may
    have been put back.
    """
    now = max(time.time_ns(), behind + 1)
    os.utime(newest, ns=(now, now), dir_fd=folder, follow_symlinks=False)
