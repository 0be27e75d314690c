"""What files held before they were written, for as long as that may be undone."""

import os
import re
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
    found = [
        (version, os.stat(version, dir_fd=folder, follow_symlinks=False))
        for version in os.listdir(folder)
    ]
    found.sort(key=lambda each: (each[0] == newest, each[1].st_mtime_ns), reverse=True)
    for place, (version, status) in enumerate(found):
        room -= status.st_size
        if version != newest and (place >= MOST or room < 0):
            os.unlink(version, dir_fd=folder)
