"""Every way to save a file is noticed, once, and nothing else is."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from minibot.adapters.config.watcher import ConfigFile, system_events
from minibot.core.errors import ConfigurationError

BEFORE = '[runtime]\nenvironment = "before"\n'
AFTER = '[runtime]\nenvironment = "after"\n'

Save = Callable[[Path, str], None]


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def renamed_over(path: Path, text: str) -> None:
    new = path.with_name(".config.toml.new")
    new.write_text(text)
    new.replace(path)


def moved_away_first(path: Path, text: str) -> None:
    path.rename(path.with_name("config.toml~"))
    path.write_text(text)
    path.with_name("config.toml~").unlink()


def deleted_and_created(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def in_pieces(path: Path, text: str) -> None:
    with path.open("w") as stream:
        for char in text:
            stream.write(char)
            stream.flush()


def take_away(path: Path) -> str:
    text = path.read_text()
    path.unlink()
    return text


def relinked(path: Path, target: str) -> None:
    new = path.with_name("new-link")
    new.symlink_to(target)
    new.replace(path)


SAVES = [in_place, renamed_over, moved_away_first, deleted_and_created, in_pieces]

NEVER = 60.0
"""Seconds between looks that no event causes: what is noticed was an event."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(BEFORE)
    return path


class Followed:
    """A file that is watched by the operating system alone, and what its changes brought."""

    def __init__(self, path: Path) -> None:
        self.watches = asyncio.Queue[frozenset[Path]]()
        self.words = asyncio.Queue[str]()
        self._file = ConfigFile(path, {}, watch=self._watch)
        self._file.load()

    async def _watch(self, directories: frozenset[Path]) -> AsyncGenerator[object, None]:
        async with aclosing(system_events(directories, timeout=NEVER)) as events:
            # The step that follows registers with the system before it waits.
            self.watches.put_nowait(directories)
            async for event in events:
                yield event

    async def follow(self) -> None:
        async for _ in self._file.changes():
            self.words.put_nowait(self._file.load().settings.runtime.environment)

    async def noticed(self) -> str:
        return await asyncio.wait_for(self.words.get(), timeout=2)

    async def watched(self) -> frozenset[Path]:
        return await asyncio.wait_for(self.watches.get(), timeout=2)


@asynccontextmanager
async def following(path: Path) -> AsyncIterator[Followed]:
    followed = Followed(path)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(followed.follow())
        await followed.watched()
        yield followed
        task.cancel()


@pytest.mark.parametrize("save", SAVES)
async def test_a_save_is_noticed_again_and_again(path: Path, save: Save) -> None:
    async with following(path) as followed:
        for text, word in ((AFTER, "after"), (BEFORE, "before"), (AFTER, "after")):
            save(path, text)
            assert await followed.noticed() == word


async def test_a_swapped_link_to_a_directory_is_noticed(tmp_path: Path) -> None:
    for version, text in (("..1", BEFORE), ("..2", AFTER)):
        (tmp_path / version).mkdir()
        in_place(tmp_path / version / "config.toml", text)
    path = tmp_path / "config.toml"
    relinked(tmp_path / "..data", "..1")
    relinked(path, "..data/config.toml")
    async with following(path) as followed:
        for version, word in (("..2", "after"), ("..1", "before")):
            relinked(tmp_path / "..data", version)
            assert await followed.noticed() == word
            await followed.watched()


@pytest.mark.parametrize("save", SAVES)
async def test_a_save_behind_a_link_is_noticed(tmp_path: Path, save: Save) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "seen").mkdir()
    target = tmp_path / "real" / "config.toml"
    in_place(target, BEFORE)
    path = tmp_path / "seen" / "config.toml"
    relinked(path, "../real/config.toml")
    async with following(path) as followed:
        for text, word in ((AFTER, "after"), (BEFORE, "before")):
            save(target, text)
            assert await followed.noticed() == word


async def test_a_link_to_another_directory_is_followed(tmp_path: Path) -> None:
    for name, text in (("one", BEFORE), ("two", AFTER)):
        (tmp_path / name).mkdir()
        in_place(tmp_path / name / "config.toml", text)
    path = tmp_path / "config.toml"
    relinked(path, "one/config.toml")
    async with following(path) as followed:
        relinked(path, "two/config.toml")
        assert await followed.noticed() == "after"
        assert tmp_path / "two" in await followed.watched()
        in_place(tmp_path / "two" / "config.toml", BEFORE)
        assert await followed.noticed() == "before"


@pytest.mark.parametrize("save", [in_place, renamed_over])
async def test_a_save_of_the_variables_is_noticed(path: Path, save: Save) -> None:
    in_place(path, '[runtime]\nenvironment = "${WHERE:-nowhere}"\n')
    async with following(path) as followed:
        for where in ("here", "there"):
            save(path.with_name(".env"), f"WHERE={where}\n")
            assert await followed.noticed() == where


async def test_what_was_never_loaded_can_be_watched(path: Path) -> None:
    script = Scripted()
    file = ConfigFile(path, {}, watch=script.watch)
    async with aclosing(file.changes()) as changes:
        waiting = asyncio.ensure_future(anext(changes))
        await script.stir()
        assert not waiting.done()
        in_place(path, AFTER)
        await asyncio.gather(script.stir_once(), waiting)


async def test_a_save_before_the_watch_begins_is_noticed(path: Path) -> None:
    file = ConfigFile(path, {}, look_every=NEVER)
    file.load()
    in_place(path, AFTER)
    async with aclosing(file.changes()) as changes:
        await asyncio.wait_for(anext(changes), timeout=2)


class Scripted:
    """A watch whose events are given by the test, one by one."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[None] = asyncio.Queue()
        self._asked = asyncio.Event()

    async def watch(self, directories: frozenset[Path]) -> AsyncGenerator[object, None]:
        while True:
            self._asked.set()
            await self._events.get()
            yield directories

    async def stir_once(self) -> None:
        """Cause an event."""
        await self._asked.wait()
        self._asked.clear()
        self._events.put_nowait(None)

    async def stir(self) -> None:
        """Cause an event, and wait until everything that follows from it is over."""
        await self.stir_once()
        await asyncio.wait_for(self._asked.wait(), timeout=2)


@asynccontextmanager
async def scripted(path: Path) -> AsyncIterator[tuple[Scripted, list[str]]]:
    """Give the words that each change brought, and the watch that stirs them up."""
    script, words = Scripted(), list[str]()
    file = ConfigFile(path, {}, watch=script.watch)
    file.load()

    async def follow() -> None:
        async for _ in file.changes():
            try:
                words.append(file.load().settings.runtime.environment)
            except ConfigurationError as error:
                words.append(error.problems[0].message)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(follow())
        yield script, words
        task.cancel()


async def test_what_leaves_the_content_as_it_is_is_no_change(path: Path) -> None:
    async with scripted(path) as (script, words):
        os.utime(path)
        await script.stir()
        renamed_over(path, BEFORE)
        await script.stir()
        in_place(path.with_name("unrelated"), "x")
        await script.stir()
        assert words == []
        in_place(path, AFTER)
        await script.stir()
        assert words == ["after"]


async def test_an_invalid_save_is_noticed_once(path: Path) -> None:
    async with scripted(path) as (script, words):
        in_place(path, "[runtime")
        for _ in range(3):
            await script.stir()
        assert len(words) == 1
        assert "not valid TOML" in words[0]
        in_place(path, AFTER)
        await script.stir()
        assert words[1:] == ["after"]


async def test_a_file_that_is_gone_is_noticed_once_and_so_is_its_return(path: Path) -> None:
    async with scripted(path) as (script, words):
        text = take_away(path)
        for _ in range(2):
            await script.stir()
        in_place(path, text)
        await script.stir()
        assert words == ["does not exist; `minibot init` writes one", "before"]


async def test_a_file_that_is_gone_for_a_moment_only_is_no_change(path: Path) -> None:
    async with scripted(path) as (script, words):
        text = take_away(path)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(script.stir())
            asyncio.get_running_loop().call_later(0.2, in_place, path, text)
        assert words == []


async def test_it_looks_for_itself_when_the_system_does_not_watch(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    attempts = 0

    def at_its_limit(directories: frozenset[Path]) -> AsyncGenerator[object, None]:
        nonlocal attempts
        attempts += 1
        raise OSError(28, "inotify watch limit reached")

    file = ConfigFile(path, {}, look_every=0.05, watch=at_its_limit)
    file.load()
    with caplog.at_level(logging.INFO):
        async with aclosing(file.changes()) as changes:
            for text in (AFTER, BEFORE, AFTER):
                in_place(path, text)
                await asyncio.wait_for(anext(changes), timeout=2)
    assert attempts > 1
    assert [record.message for record in caplog.records] == ["config.watch.fallback"]


def test_cancelling_leaves_no_thread_behind(path: Path) -> None:
    before = set(threading.enumerate())
    started: set[threading.Thread] = set()

    async def watch_and_be_cancelled() -> None:
        file = ConfigFile(path, {})
        file.load()
        seen = asyncio.Event()

        async def watch() -> None:
            async for _ in file.changes():
                seen.set()

        task = asyncio.create_task(watch())
        for text in (AFTER, BEFORE):
            in_place(path, text)
            await asyncio.wait_for(seen.wait(), timeout=2)
            seen.clear()
        started.update(set(threading.enumerate()) - before)
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        assert task.cancelled()

    asyncio.run(watch_and_be_cancelled())
    assert started
    for thread in started:
        thread.join(timeout=2)
        assert not thread.is_alive()
