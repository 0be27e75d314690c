"""Files below an open folder.

Every step goes from an open folder to a name in it and follows no link. So whatever somebody
renames or links meanwhile, nothing outside is ever opened.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex
from stat import S_ISDIR, S_ISREG

from minibot.adapters.files.paths import MAX_DEPTH, alike, problem_with, shown
from minibot.core.errors import ToolFailed

PIECE_BYTES = 1_048_576

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""Without blocking: opening a pipe would wait for somebody to write into it."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_CHANGED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Somebody moved it away, or put something else in its place, since it was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is at a path before it is written."""

    size: int | None
    """Bytes of the file that is there; None when there is none."""
    missing: int
    """Names of the path that do not exist yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    path: str
    is_folder: bool
    size: int


@contextmanager
def opened(name: str | os.PathLike[str], flags: int, folder: int | None = None) -> Iterator[int]:
    """Open something and close it behind."""
    descriptor = os.open(name, flags, 0o600, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def folder_at(root: int, names: Sequence[str], *, create: bool = False) -> Iterator[int]:
    """Go down from an open folder, name by name. Raises `OSError`."""
    current = os.dup(root)
    try:
        for name in names:
            if create:
                _make_folder(current, name)
            below = os.open(name, FOLDER, dir_fd=current)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


@contextmanager
def file_at(root: int, names: Sequence[str]) -> Iterator[int]:
    """Open a plain file for reading. Raises `OSError`, `ToolFailed`.

    A file that has a second name is refused: what is under the other name may be anything.
    """
    with folder_at(root, names[:-1]) as folder, opened(names[-1], _READ, folder) as descriptor:
        found = os.fstat(descriptor)
        if S_ISDIR(found.st_mode):
            raise IsADirectoryError
        if not S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise not_plain("/".join(names))
        yield descriptor


def pieces_of(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, PIECE_BYTES):
        yield piece


def read_up_to(descriptor: int, limit: int) -> bytes:
    """Read `limit` bytes at the most."""
    data = bytearray()
    while len(data) < limit and (piece := os.read(descriptor, min(PIECE_BYTES, limit - len(data)))):
        data += piece
    return bytes(data)


def look(root: int, names: Sequence[str]) -> Place:
    """Say what writing a file would meet. Raises `OSError`, `ToolFailed` where it cannot be."""
    current = os.dup(root)
    try:
        for at, name in enumerate(names[:-1]):
            try:
                below = os.open(name, FOLDER, dir_fd=current)
            except FileNotFoundError:
                _refuse_a_double(current, name)
                return Place(size=None, missing=len(names) - at)
            os.close(current)
            current = below
        return _look_in(current, names)
    finally:
        os.close(current)


def put(drafts: int, folder: int, name: str, pieces: Iterable[bytes]) -> None:
    """Write a file so that it is there whole or not at all, and survives a power cut.

    Args:
        drafts: an open folder on the same file system for what is not complete.
    """
    draft = token_hex(16)
    try:
        with opened(draft, _CREATE, drafts) as descriptor:
            for piece in pieces:
                _write_all(descriptor, piece)
            os.fsync(descriptor)
        os.rename(draft, name, src_dir_fd=drafts, dst_dir_fd=folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=drafts)
    os.fsync(folder)


def remove(root: int, names: Sequence[str]) -> None:
    """Delete a file, and the folders that are empty then. Raises `OSError`."""
    with folder_at(root, names[:-1]) as folder:
        os.unlink(names[-1], dir_fd=folder)
    for depth in range(len(names) - 1, 0, -1):
        with folder_at(root, names[: depth - 1]) as folder:
            try:
                os.rmdir(names[depth - 1], dir_fd=folder)
            except OSError:
                return  # not empty


def walk(folder: int, prefix: str = "", depth: int = MAX_DEPTH + 1) -> Iterator[Entry]:
    """Name the files and folders below an open one in order; what cannot be named is left out."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda each: each.name)
    for entry in entries:
        path = f"{prefix}{entry.name}"
        try:
            status = entry.stat(follow_symlinks=False)
            if S_ISREG(status.st_mode) and not problem_with(entry.name):
                yield Entry(path=path, is_folder=False, size=status.st_size)
            if not S_ISDIR(status.st_mode) or depth == 0 or problem_with(entry.name):
                continue
            yield Entry(path=path, is_folder=True, size=0)
            with opened(entry.name, FOLDER, folder) as below:
                yield from walk(below, f"{path}/", depth - 1)
        except OSError as error:
            if error.errno not in _CHANGED:
                raise  # what is not counted would not count


def not_plain(path: str) -> ToolFailed:
    return ToolFailed(f'"{shown(path)}" is no plain file, and is not touched')


def _look_in(folder: int, names: Sequence[str]) -> Place:
    try:
        found = os.stat(names[-1], dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        _refuse_a_double(folder, names[-1])
        return Place(size=None, missing=1)
    if S_ISDIR(found.st_mode):
        raise IsADirectoryError
    if not S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise not_plain("/".join(names))
    return Place(size=found.st_size, missing=0)


def _refuse_a_double(folder: int, name: str) -> None:
    """Refuse a new name that differs from an existing one by nothing anybody would see."""
    wanted = alike(name)
    for each in os.listdir(folder):
        if alike(each) == wanted:
            raise ToolFailed(f'there is "{shown(each)}" already; write the name like this')


def _make_folder(folder: int, name: str) -> None:
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
    except FileExistsError:
        return
    os.fsync(folder)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
