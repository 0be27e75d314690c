"""The agenda in a file, and what its disk and its neighbours do to it."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from minibot.adapters.storage.agenda.file_lock import FileLock
from minibot.adapters.storage.agenda.file_log import FileLog
from minibot.adapters.storage.agenda.file_store import COMPACT_BYTES, FileAgenda
from minibot.core.errors import StaleEntry, StorageUnavailable
from tests.adapters.storage.agenda.samples import FileHome, a_job, by_id, changed


@pytest.fixture
def home(tmp_path: Path) -> FileHome:
    return FileHome(tmp_path)


class Disk:
    """Flushes, as long as it works."""

    def __init__(self) -> None:
        self.flushes = 0
        self.error = 0

    def flush(self, descriptor: int) -> None:
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        self.flushes += 1
        os.fdatasync(descriptor)


@asynccontextmanager
async def on(disk: Disk, home: FileHome) -> AsyncIterator[FileAgenda]:
    store = FileAgenda(FileLog(home.path, lock_timeout_ms=1000, flush=disk.flush))
    await store.load()
    yield store
    await store.close()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def content(path: Path) -> bytes:
    return path.read_bytes()


def replace_by(path: Path, change: Callable[[Path], object]) -> None:
    change(path)


async def test_file_and_folder_are_closed_to_others(home: FileHome) -> None:
    before = os.umask(0)
    try:
        async with home.open() as store:
            await store.write([a_job()])
            await store.compact()
    finally:
        os.umask(before)

    assert {file.name: mode(file) for file in home.path.parent.iterdir()} == {
        "tasks.log": 0o600,
        "tasks.log.lock": 0o600,
    }
    assert mode(home.path.parent) == 0o700


async def test_file_that_was_open_to_others_is_closed(home: FileHome) -> None:
    async with home.open() as store:
        await store.load()
    replace_by(home.path, lambda path: path.chmod(0o644))

    async with home.open() as store:
        await store.load()

    assert mode(home.path) == 0o600


async def test_writes_that_wait_together_share_a_flush(home: FileHome) -> None:
    disk = Disk()
    async with on(disk, home) as store:
        await asyncio.gather(*(store.write([a_job(f"j{number}")]) for number in range(100)))

    assert disk.flushes <= 3


async def test_every_write_alone_is_flushed(home: FileHome) -> None:
    disk = Disk()
    async with on(disk, home) as store:
        for number in range(10):
            await store.write([a_job(f"j{number}")])
            assert disk.flushes == number + 1


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
async def test_write_that_fails_is_not_there_and_later_ones_are(home: FileHome, error: int) -> None:
    disk = Disk()
    async with on(disk, home) as store, home.open() as other:
        await store.write([a_job("a")])
        before = content(home.path)
        await other.load()
        disk.error = error

        with pytest.raises(StorageUnavailable, match=r"tasks\.log"):
            await store.write([a_job("b"), changed(a_job("a"))])

        assert content(home.path) == before
        assert await other.refresh() == ([], [])
        disk.error = 0
        await store.write([a_job("b"), changed(a_job("a"))])
        assert by_id(await store.load()) == {"a": changed(a_job("a")), "b": a_job("b")}


async def test_compacting_makes_the_file_small(home: FileHome) -> None:
    async with home.open() as store:
        await store.write([a_job("a"), a_job("b")])
        small = home.path.stat().st_size
        job = a_job("c")
        await store.write([job])
        for _ in range(50):
            job = changed(job)
            await store.write([job])
        await store.write([], forget=["c"])

        await store.compact()

    assert home.path.stat().st_size == small


async def test_large_file_with_little_in_it_is_compacted_when_loaded(home: FileHome) -> None:
    async with home.open() as store:
        job = a_job(text="x" * 100_000)
        await store.write([job])
        while home.path.stat().st_size < COMPACT_BYTES:
            job = changed(job, "x" * 100_000)
            await store.write([job])

    async with home.open() as store:
        assert await store.load() == [job]
        assert home.path.stat().st_size < 110_000
        await store.write([changed(job)])
        assert await store.load() == [changed(job)]


async def test_compaction_that_is_not_possible_keeps_nobody_from_reading(home: FileHome) -> None:
    async with home.open() as store:
        job = a_job(text="x" * 100_000)
        await store.write([job])
        while home.path.stat().st_size < COMPACT_BYTES:
            job = changed(job, "x" * 100_000)
            await store.write([job])
    replace_by(home.path.with_name("tasks.log.new"), Path.mkdir)

    async with home.open() as store:
        assert await store.load() == [job]
        with pytest.raises(StorageUnavailable):
            await store.compact()
        await store.write([changed(job)])
        assert await store.refresh() == ([], [])

    async with home.open() as store:
        assert await store.load() == [changed(job)]


async def test_unfinished_new_file_is_of_no_matter(home: FileHome) -> None:
    async with home.open() as store:
        await store.write([a_job()])
    replace_by(home.path.with_name("tasks.log.new"), lambda path: path.write_bytes(b"half"))

    async with home.open() as store:
        await store.load()
        await store.compact()
        assert await store.load() == [a_job()]


async def test_file_that_vanishes_is_not_replaced_by_an_empty_one(home: FileHome) -> None:
    async with home.open() as store:
        await store.write([a_job()])
        replace_by(home.path, Path.unlink)

        for refused in (store.write([a_job("b")]), store.refresh(), store.load()):
            with pytest.raises(StorageUnavailable, match="vanished"):
                await refused
        assert not home.path.exists()


async def test_file_that_was_put_back_is_read_anew(home: FileHome) -> None:
    async with home.open() as store:
        await store.write([a_job("a"), a_job("b")])
        await store.write([changed(a_job("a"))])
        backup = content(home.path)
        await store.write([a_job("c")])
        await store.write([changed(a_job("a"), times=2)], forget=["b"])

        replace_by(home.path, lambda path: path.write_bytes(backup))
        entries, forgotten = await store.refresh()

        assert by_id(entries) == {"a": changed(a_job("a")), "b": a_job("b")}
        assert forgotten == ["c"]
        with pytest.raises(StaleEntry):
            await store.write([changed(a_job("a"), times=3)])


async def test_folder_in_place_of_the_file_is_reported(home: FileHome) -> None:
    replace_by(home.path, lambda path: path.mkdir(parents=True))

    async with home.open() as store:
        with pytest.raises(StorageUnavailable, match=r"tasks\.log"):
            await store.load()


async def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    replace_by(tmp_path / "data", lambda path: path.write_bytes(b"a file"))

    async with FileHome(tmp_path).open() as store:
        with pytest.raises(StorageUnavailable, match=r"tasks\.log"):
            await store.load()


async def test_lock_that_is_held_for_too_long_is_reported(home: FileHome) -> None:
    async with home.open(lock_timeout_ms=5) as store:
        await store.load()
        with FileLock(home.path, timeout_ms=0).held():
            with pytest.raises(StorageUnavailable, match="another process"):
                await store.write([a_job()])
            assert await store.refresh() == ([], [])
        await store.write([a_job()])

        assert await store.load() == [a_job()]


async def test_loop_goes_on_while_the_lock_is_held_elsewhere(home: FileHome) -> None:
    async with home.open(lock_timeout_ms=60_000) as store:
        await store.load()
        with FileLock(home.path, timeout_ms=0).held():
            writing = asyncio.create_task(store.write([a_job()]))
            for _ in range(1000):
                await asyncio.sleep(0)
            assert not writing.done()
        await writing

        assert await store.load() == [a_job()]


async def test_lock_file_that_is_removed_does_not_let_two_in(home: FileHome) -> None:
    async with home.open(lock_timeout_ms=60_000) as store:
        await store.load()
        lock = FileLock(home.path, timeout_ms=0)
        with lock.held():
            writing = asyncio.create_task(store.write([a_job()]))
            for _ in range(100):
                await asyncio.sleep(0)
            replace_by(home.path.with_name("tasks.log.lock"), Path.unlink)
        await writing

        assert home.path.with_name("tasks.log.lock").exists()
