"""Nothing outside the folder of an owner is read or written, whatever path and disk look like."""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from minibot.adapters.files.folders import FolderFiles
from minibot.adapters.files.paths import parse_file_path
from minibot.core.errors import ToolFailed
from tests.adapters.files.conftest import ANN, content_of
from tests.corpora.traversal import REFUSED, TAKEN, UNPACKED

SECRET = b"secret of the machine"
SWAPS = 10_000


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with a secret, where the paths of the corpus lead to as well."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(SECRET)
    return outside


def everything(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


@pytest.mark.parametrize("path", REFUSED + UNPACKED, ids=lambda path: repr(path)[:40])
async def test_hostile_path_is_refused_by_every_call(
    files: FolderFiles, tree: Path, tmp_path: Path, path: str
) -> None:
    for secret in (tree.parent / "secret.txt", tree.parents[1] / "secret.txt"):
        secret.write_bytes(SECRET)
    before = everything(tmp_path)

    for call in (
        files.write(ANN, path, b"x"),
        files.read(ANN, path),
        files.delete(ANN, path),
        files.copy_out(ANN, path),
    ):
        with pytest.raises(ToolFailed, match="cannot be used"):
            await call

    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "path", [path for path in REFUSED if path.strip("./")], ids=lambda path: repr(path)[:40]
)
async def test_hostile_folder_is_not_listed(files: FolderFiles, tree: Path, path: str) -> None:
    with pytest.raises(ToolFailed, match="cannot be used|there is no"):
        await files.paths(ANN, path)


@pytest.mark.parametrize("path", TAKEN, ids=lambda path: repr(path)[:40])
async def test_odd_name_is_but_a_name(files: FolderFiles, tree: Path, path: str) -> None:
    await files.write(ANN, path, b"x")

    assert await files.read(ANN, path) == b"x"
    assert (tree / Path(*parse_file_path(path))).read_bytes() == b"x"


@pytest.mark.parametrize("target", ["secret.txt", "new.txt"])
async def test_link_to_a_file_is_not_followed(
    files: FolderFiles, tree: Path, outside: Path, target: str
) -> None:
    (tree / "link").symlink_to(outside / target)

    for call in (
        files.read(ANN, "link"),
        files.copy_out(ANN, "link"),
        files.write(ANN, "link", b"x"),
    ):
        with pytest.raises(ToolFailed, match="no plain file"):
            await call

    assert everything(outside) == [str(outside / "secret.txt")]
    assert (outside / "secret.txt").read_bytes() == SECRET


async def test_link_to_a_folder_is_not_followed(
    files: FolderFiles, tree: Path, outside: Path
) -> None:
    (tree / "link").symlink_to(outside)
    await files.write(ANN, "a", b"")

    for call in (
        files.read(ANN, "link/secret.txt"),
        files.copy_out(ANN, "link/secret.txt"),
        files.write(ANN, "link/new.txt", b"x"),
        files.write(ANN, "link/deeper/new.txt", b"x"),
        files.delete(ANN, "link/secret.txt"),
        files.paths(ANN, "link"),
    ):
        with pytest.raises(ToolFailed, match="no folder|no plain"):
            await call

    assert await files.paths(ANN) == ["a"]
    assert everything(outside) == [str(outside / "secret.txt")]


async def test_deleting_a_link_leaves_what_it_leads_to(
    files: FolderFiles, tree: Path, outside: Path
) -> None:
    (tree / "link").symlink_to(outside / "secret.txt")

    await files.delete(ANN, "link")

    assert (outside / "secret.txt").read_bytes() == SECRET


async def test_clearing_follows_no_link(files: FolderFiles, tree: Path, outside: Path) -> None:
    (tree / "link").symlink_to(outside)
    (tree / "file").symlink_to(outside / "secret.txt")

    assert await files.clear(ANN) == 0

    assert (outside / "secret.txt").read_bytes() == SECRET


@pytest.mark.parametrize("level", ["tree", "home", "files"])
async def test_folder_of_the_owner_is_no_link(
    files: FolderFiles, tree: Path, outside: Path, level: str
) -> None:
    folder = {"tree": tree, "home": tree.parent, "files": tree.parents[1]}[level]
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(outside)

    for call in (files.read(ANN, "secret.txt"), files.write(ANN, "new.txt", b"x")):
        with pytest.raises(ToolFailed):
            await call

    assert everything(outside) == [str(outside / "secret.txt")]


async def test_second_name_of_a_file_is_not_read_or_written(
    files: FolderFiles, tree: Path, outside: Path
) -> None:
    os.link(outside / "secret.txt", tree / "hard")

    for call in (
        files.read(ANN, "hard"),
        files.copy_out(ANN, "hard"),
        files.write(ANN, "hard", b"x"),
    ):
        with pytest.raises(ToolFailed, match="no plain file"):
            await call

    assert (outside / "secret.txt").read_bytes() == SECRET


async def test_pipe_and_socket_are_not_waited_for(files: FolderFiles, tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(tree)  # the path of a socket may be 108 bytes long
    listening.bind("socket")
    os.chdir(here)

    for name in ("pipe", "socket"):
        for call in (files.read(ANN, name), files.write(ANN, name, b"x")):
            with pytest.raises(ToolFailed, match="no plain file|cannot be used"):
                await call
    assert await files.paths(ANN) == []
    listening.close()


async def test_device_is_not_opened(files: FolderFiles, tree: Path) -> None:
    try:
        os.mknod(tree / "zero", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        (tree / "zero").symlink_to("/dev/zero")

    for call in (files.read(ANN, "zero"), files.write(ANN, "zero", b"x")):
        with pytest.raises(ToolFailed, match="no plain file|cannot be used"):
            await call


class Swapper:
    """Puts a link and the real thing in each other's place, as fast as it can."""

    def __init__(self, name: Path, target: Path) -> None:
        self._name = name
        self._target = target
        self._aside = name.parents[1] / "aside"
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Swapper":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.join()

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        swap = self._swap_folder if self._target.is_dir() else self._swap_file
        for _ in range(SWAPS // 2):
            swap()

    def _swap_folder(self) -> None:
        """Leave the name free in between, which whoever writes may use to make a new folder."""
        with suppress(OSError):
            os.rename(self._name, self._aside)
        with suppress(OSError):
            os.symlink(self._target, self._name)
        with suppress(OSError):
            os.unlink(self._name)
        with suppress(OSError):
            os.rename(self._aside, self._name)

    def _swap_file(self) -> None:
        os.symlink(self._target, self._aside)
        os.replace(self._aside, self._name)
        self._aside.write_bytes(b"own")
        os.replace(self._aside, self._name)


async def test_folder_swapped_for_a_link_lets_nothing_out(
    files: FolderFiles, tree: Path, outside: Path
) -> None:
    await files.write(ANN, "sub/secret.txt", b"own")
    read: set[bytes] = set()
    refused = 0

    with Swapper(tree / "sub", outside) as swapper:
        while swapper.busy:
            try:
                read.add(await files.read(ANN, "sub/secret.txt"))
                read.add(content_of(await files.copy_out(ANN, "sub/secret.txt")))
                await files.write(ANN, "sub/new.txt", b"x")
                await files.paths(ANN)
                await files.delete(ANN, "sub/new.txt")
            except ToolFailed:
                refused += 1

    assert read == {b"own"}
    assert refused > 0
    assert everything(outside) == [str(outside / "secret.txt")]
    assert (outside / "secret.txt").read_bytes() == SECRET


async def test_file_swapped_for_a_link_lets_nothing_out(
    files: FolderFiles, tree: Path, outside: Path
) -> None:
    await files.write(ANN, "file", b"own")
    read: set[bytes] = set()
    refused = 0

    with Swapper(tree / "file", outside / "secret.txt") as swapper:
        while swapper.busy:
            try:
                read.add(await files.read(ANN, "file"))
                ticket = await files.write(ANN, "file", b"own")
                await files.take_back(ANN, ticket)
            except ToolFailed:
                refused += 1

    assert read == {b"own"}
    assert refused > 0
    assert (outside / "secret.txt").read_bytes() == SECRET
    assert all(path.read_bytes() != SECRET for path in tree.parent.glob("versions/*"))
