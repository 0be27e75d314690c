"""The port `MediaStore` in the data folder.

data_dir/media/<owner>/owner             whose it is
                      /<hash><suffix>    a file; when it was used last is its time
                      /.draft-<random>   one that is not whole yet
"""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from stat import S_ISREG
from typing import BinaryIO, TypeVar

from minibot.adapters.files.folder import OWNER, folder_name
from minibot.core.errors import MediaUnreadable
from minibot.core.llm import Picture
from minibot.core.media import StoredMedia
from minibot.core.owners import belongs_to
from minibot.core.ports import Fill, SettingsSource
from minibot.core.settings import Media

DRAFT = ".draft-"
DRAFT_LIVES = timedelta(hours=1)
"""Longer than any download may take."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

T = TypeVar("T")


class FolderMedia:
    """Keeps what people sent. All that blocks runs in threads."""

    def __init__(self, data_dir: Path, settings: SettingsSource) -> None:
        self._root = (data_dir / "media").absolute()
        self._settings = settings

    async def find(self, owner: str, key: str) -> StoredMedia | None:
        return await _in_thread(lambda: _find(self._folder(owner), _name(key)))

    async def keep(
        self, owner: str, key: str, fill: Fill, *, suffix: str = "", limits: Media
    ) -> StoredMedia:
        folder = self._folder(owner)
        draft, file = await _in_thread(lambda: _begin(folder, owner))
        try:
            # Closing waits for a write that is under way, also when this is cancelled meanwhile.
            with file:

                async def write(piece: bytes) -> None:
                    await _in_thread(lambda: file.write(piece))

                await fill(write)
                await _in_thread(lambda: _flush(file))
            return await _in_thread(lambda: _finish(draft, _name(key), _plain(suffix), limits))
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    async def present(self, pictures: Sequence[Picture]) -> frozenset[Picture]:
        return await _in_thread(
            lambda: frozenset(each for each in pictures if self._is_kept(Path(each.path)))
        )

    async def discard(self, owner: str, key: str) -> None:
        await _in_thread(lambda: _delete(_named(self._folder(owner), _name(key))))

    async def owners(self, person: str) -> list[str]:
        found = await _in_thread(lambda: list(_owners(self._root)))
        return [owner for owner in found if belongs_to(owner, person)]

    async def clear(self, owner: str) -> int:
        return await _in_thread(lambda: _clear(self._folder(owner)))

    async def purge(self, now: datetime) -> int:
        before = (now - timedelta(days=self._settings.current.media.expiry_days)).timestamp()
        drafts_before = (now - DRAFT_LIVES).timestamp()
        return await _in_thread(lambda: _purge(self._root, before, drafts_before))

    def _folder(self, owner: str) -> Path:
        return self._root / folder_name(owner)

    def _is_kept(self, path: Path) -> bool:
        """Say whether it is a file of ours: a history may be on a server others can write to."""
        plain = path.parent.parent == self._root and ".." not in path.parts
        return plain and path.name != OWNER and _status(path) is not None


async def _in_thread(work: Callable[[], T]) -> T:
    with _told():
        return await asyncio.to_thread(work)


@contextmanager
def _told() -> Iterator[None]:
    """Raise `MediaUnreadable` for what the system refuses to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise MediaUnreadable("the disk is full: whoever runs me has to act") from error
        why = error.strerror or type(error).__name__
        raise MediaUnreadable(f"it cannot be kept here ({why})") from error


def _name(key: str) -> str:
    """Name a file by its key, so that nothing its sender wrote is in a path."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()[:40]


def _plain(suffix: str) -> str:
    letters = "".join(each for each in suffix if each.isascii() and each.isalnum())[:8]
    return f".{letters.lower()}" if letters else ""


def _status(path: Path) -> os.stat_result | None:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if S_ISREG(found.st_mode) else None


def _named(folder: Path, name: str) -> list[Path]:
    return [path for path in _files(folder) if path.name.partition(".")[0] == name]


def _files(folder: Path) -> list[Path]:
    """Give the whole files of an owner."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder / name for name in names if name != OWNER and not name.startswith(DRAFT)]


def _find(folder: Path, name: str) -> StoredMedia | None:
    for path in _named(folder, name):
        if (status := _status(path)) is not None:
            os.utime(path, follow_symlinks=False)
            return StoredMedia(path=str(path), size=status.st_size)
    return None


def _begin(folder: Path, owner: str) -> tuple[Path, BinaryIO]:
    """Open a file to be written, in a folder that says whose it is."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / OWNER).exists():
        marker, file = _create(folder)
        with file:
            file.write(owner.encode())
        marker.rename(folder / OWNER)
    return _create(folder)


def _create(folder: Path) -> tuple[Path, BinaryIO]:
    path = folder / f"{DRAFT}{token_hex(16)}"
    return path, os.fdopen(os.open(path, _CREATE, 0o600), "wb")


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _finish(draft: Path, name: str, suffix: str, limits: Media) -> StoredMedia:
    """Make room and give the file its name, under which it is whole."""
    folder, size = draft.parent, draft.stat().st_size
    quota = limits.quota_mb_per_owner * 1024**2
    if size > quota:
        raise MediaUnreadable(f"it is larger than all that may be kept of you ({quota} bytes)")
    _make_room(folder, quota - size)
    path = folder / f"{name}{suffix}"
    draft.rename(path)
    _delete([each for each in _named(folder, name) if each != path])
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return StoredMedia(path=str(path), size=size)


def _make_room(folder: Path, room: int) -> None:
    """Delete what was used longest ago until the rest fits."""
    found = [(status, path) for path in _files(folder) if (status := _status(path)) is not None]
    total = sum(status.st_size for status, _ in found)
    for status, path in sorted(found, key=lambda each: each[0].st_mtime_ns):
        if total <= room:
            return
        _delete([path])
        total -= status.st_size


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _clear(folder: Path) -> int:
    count = len(_files(folder))
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    return count


def _owners(root: Path) -> Iterator[str]:
    for folder in _folders(root):
        with suppress(FileNotFoundError, NotADirectoryError):
            yield (folder / OWNER).read_text(encoding="utf-8", errors="replace")


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    except FileNotFoundError:
        return []


def _purge(root: Path, before: float, drafts_before: float) -> int:
    count = 0
    for folder in _folders(root):
        for path in folder.iterdir():
            status = _status(path)
            if status is None or path.name == OWNER:
                continue
            is_draft = path.name.startswith(DRAFT)
            if status.st_mtime < (drafts_before if is_draft else before):
                _delete([path])
                count += not is_draft
    return count
