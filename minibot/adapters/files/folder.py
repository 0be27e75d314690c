"""The folder of one owner."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from threading import Lock

from minibot.adapters.files import versions
from minibot.adapters.files.failures import told
from minibot.adapters.files.paths import parse_file_path, parse_path, shown
from minibot.adapters.files.tree import (
    FOLDER,
    Entry,
    file_at,
    folder_at,
    look,
    opened,
    pieces_of,
    put,
    read_up_to,
    remove,
    walk,
)
from minibot.core.errors import ToolFailed
from minibot.core.settings import FilesTool

MAX_ENTRIES = 10_000
"""Files and folders of one owner."""

OWNER = "owner"
"""The file beside the tree that says whose it is."""
GONE = ".gone-"
"""How the names of folders begin that are being deleted."""

_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")
_READABLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an owner takes up."""

    size: int
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What belongs to an owner, open."""

    tree: int
    """What the owner sees."""
    versions: int
    drafts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """How to take a write back."""

    path: str
    version: str
    """What the file held before; empty when there was none."""
    digest: str
    """SHA-256 of what was written: what is found to be something else is left alone."""

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> "Ticket":
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            raise ToolFailed("nobody knows any more what is to be taken back") from None


class OwnerFolder:
    """Reads and writes below `folders`, one call at a time. Everything here blocks."""

    def __init__(self, folders: Path, owner: str) -> None:
        self._folders = folders
        self._owner = owner
        self._name = folder_name(owner)
        self._lock = Lock()
        self._usage: Usage | None = None
        """As counted on the disk, and changed since by nobody else."""

    def read(self, path: str, limits: FilesTool) -> bytes:
        names = parse_file_path(path)
        with self._lock, told(path), self._opened() as home, file_at(home.tree, names) as file:
            data = read_up_to(file, limits.max_file_bytes + 1)
        if len(data) > limits.max_file_bytes:
            raise ToolFailed(f'"{shown(path)}" is larger than {limits.max_file_bytes:,} bytes')
        return data

    def write(self, path: str, data: bytes, limits: FilesTool) -> str:
        """Write a file; gives the ticket by which that is taken back."""
        names = parse_file_path(path)
        if len(data) > limits.max_file_bytes:
            raise ToolFailed(
                f"a file may have {limits.max_file_bytes:,} bytes; these are {len(data):,}"
            )
        with self._lock, told(path), self._opened(create=True) as home:
            place = look(home.tree, names)
            self._check_room(home, len(data) - (place.size or 0), place.missing, limits)
            version = ""
            if place.size is not None:
                with file_at(home.tree, names) as before:
                    version = versions.keep(home.versions, home.drafts, pieces_of(before), limits)
            self._put(home, names, [data])
        digest = hashlib.sha256(data).hexdigest()
        return Ticket(path="/".join(names), version=version, digest=digest).text()

    def take_back(self, text: str) -> str:
        """Undo a write by its ticket; gives the path."""
        ticket = Ticket.parse(text)
        path, names = ticket.path, parse_file_path(ticket.path)
        with self._lock, told(path), self._opened() as home:
            if _digest(home.tree, names) != ticket.digest:
                raise ToolFailed(f'"{shown(path)}" was changed since, and is left as it is now')
            if ticket.version:
                with versions.opened_version(home.versions, ticket.version) as before, told(path):
                    self._put(home, names, pieces_of(before))
                os.unlink(ticket.version, dir_fd=home.versions)
            else:
                self._usage = None
                remove(home.tree, names)
        return path

    def delete(self, path: str) -> None:
        names = parse_file_path(path)
        with self._lock, told(path), self._opened() as home:
            self._usage = None
            remove(home.tree, names)

    def paths(self, path: str) -> list[str]:
        names = parse_path(path)
        with self._lock, told(path):
            try:
                with self._opened() as home, folder_at(home.tree, names) as folder:
                    prefix = "".join(f"{name}/" for name in names)
                    return [_named(entry) for entry in walk(folder, prefix)]
            except FileNotFoundError:
                if names:
                    raise
                return []

    @contextmanager
    def file(self, path: str) -> Iterator[int]:
        """Open a file for reading, and keep it from being changed meanwhile."""
        names = parse_file_path(path)
        with self._lock, told(path), self._opened() as home, file_at(home.tree, names) as file:
            yield file

    def clear(self) -> int:
        """Delete everything; gives the number of files. From the first step on none is seen."""
        files = 0
        with self._lock, told(self._name):
            self._usage = None
            with suppress(FileNotFoundError), opened(self._folders, FOLDER) as folders:
                with suppress(FileNotFoundError), folder_at(folders, (self._name, "tree")) as tree:
                    files = sum(not entry.is_folder for entry in walk(tree))
                gone = f"{GONE}{token_hex(8)}"
                os.rename(self._name, gone, src_dir_fd=folders, dst_dir_fd=folders)
                shutil.rmtree(gone, dir_fd=folders)
        return files

    def purge(self, before: float) -> None:
        """Delete versions and drafts from before this moment, in seconds since 1970."""
        with self._lock, told(self._name), suppress(FileNotFoundError), self._opened() as home:
            versions.purge(home.versions, before)
            versions.purge(home.drafts, before)

    @contextmanager
    def _opened(self, *, create: bool = False) -> Iterator[Home]:
        if create:
            self._prepare()
        with ExitStack() as stack:
            folders = stack.enter_context(opened(self._folders, FOLDER))
            home = stack.enter_context(folder_at(folders, (self._name,)))
            yield Home(
                tree=stack.enter_context(folder_at(home, ("tree",))),
                versions=stack.enter_context(folder_at(home, ("versions",))),
                drafts=stack.enter_context(folder_at(home, ("drafts",))),
            )

    def _prepare(self) -> None:
        """Make what is missing; the marker comes before the tree, so no tree is without."""
        self._folders.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (
            opened(self._folders, FOLDER) as folders,
            folder_at(folders, (self._name,), create=True) as home,
            folder_at(home, ("drafts",), create=True) as drafts,
        ):
            if OWNER not in os.listdir(home):
                put(drafts, home, OWNER, [self._owner.encode()])
            for name in ("versions", "tree"):
                with folder_at(home, (name,), create=True):
                    pass

    def _put(self, home: Home, names: tuple[str, ...], pieces: Iterable[bytes]) -> None:
        usage, self._usage = self._usage, None  # counted anew should this fail halfway
        before = look(home.tree, names)
        with folder_at(home.tree, names[:-1], create=True) as folder:
            put(home.drafts, folder, names[-1], pieces)
        after = look(home.tree, names)
        if usage is not None:
            self._usage = replace(
                usage,
                size=usage.size + (after.size or 0) - (before.size or 0),
                entries=usage.entries + before.missing,
            )

    def _check_room(self, home: Home, growth: int, entries: int, limits: FilesTool) -> None:
        """Refuse what does not fit; counted anew before that, as somebody may have tidied up."""
        if self._usage is None or _lack(self._usage, growth, entries, limits):
            self._usage = _count(walk(home.tree))
        lack = _lack(self._usage, growth, entries, limits)
        if lack:
            raise ToolFailed(lack)


def hand_over(folders: Path, owner: str, new_owner: str) -> None:
    """Make a folder another owner's, unless that one has a folder already."""
    old, new = folder_name(owner), folder_name(new_owner)
    with told("files"), opened(folders, FOLDER) as root:
        if new in os.listdir(root):
            return
        os.rename(old, new, src_dir_fd=root, dst_dir_fd=root)
        with folder_at(root, (new,)) as home, folder_at(home, ("drafts",)) as drafts:
            put(drafts, home, OWNER, [new_owner.encode()])


def folder_name(owner: str) -> str:
    """Name the folder of an owner: readable, safe everywhere, and no other owner's."""
    readable = _UNSAFE.sub("_", owner)[:_READABLE]
    return f"{readable}-{hashlib.sha256(owner.encode()).hexdigest()[:16]}"


def _digest(tree: int, names: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    try:
        with file_at(tree, names) as file:
            for piece in pieces_of(file):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def _named(entry: Entry) -> str:
    return f"{entry.path}/" if entry.is_folder else entry.path


def _count(entries: Iterable[Entry]) -> Usage:
    size = number = 0
    for entry in entries:
        size += entry.size
        number += 1
    return Usage(size=size, entries=number)


def _lack(usage: Usage, growth: int, entries: int, limits: FilesTool) -> str:
    if growth > 0 and usage.size + growth > limits.quota_mb * 1_000_000:
        return (
            f"the folder may hold {limits.quota_mb} MB, and {usage.size / 1_000_000:.1f} MB are "
            "used: something in it has to become shorter first"
        )
    if entries > 0 and usage.entries + entries > MAX_ENTRIES:
        return f"the folder may hold {MAX_ENTRIES:,} files and folders, and that many there are"
    return ""
