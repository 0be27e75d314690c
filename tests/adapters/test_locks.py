"""One minibot for a data folder and for a token, whatever happened to those before it."""

import os
import secrets
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from minibot.adapters.locks import hold_data_folder, hold_token
from minibot.core.errors import AlreadyRunning, ConfigurationError

HOLDER = """
import sys
from pathlib import Path
from minibot.adapters.locks import hold_data_folder, hold_token
kind, what = sys.argv[1:]
with hold_token(what) if kind == "token" else hold_data_folder(Path(what)):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(kind: str, what: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a lock until it is killed or its standard input ends."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLDER, kind, what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "data"


def lock_file(folder: Path) -> Path:
    return folder / "run" / "minibot.lock"


def test_the_folder_is_made_for_its_owner_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        with hold_data_folder(folder):
            modes = [
                stat.S_IMODE(path.stat().st_mode)
                for path in (folder, folder / "run", lock_file(folder))
            ]
            assert lock_file(folder).read_text() == f"{os.getpid()}\n"
    finally:
        os.umask(before)

    assert modes == [0o700, 0o700, 0o600]
    assert not lock_file(folder).exists()


def test_a_second_holder_is_refused_and_told_the_first(folder: Path) -> None:
    with other_process("folder", str(folder)) as first:
        with pytest.raises(AlreadyRunning) as caught, hold_data_folder(folder):
            pass

        assert str(folder) in str(caught.value)
        assert f"(pid {first.pid})" in str(caught.value)
        assert lock_file(folder).read_text() == f"{first.pid}\n"


def test_a_refused_holder_leaves_the_lock_to_the_first(folder: Path) -> None:
    with hold_data_folder(folder):
        for _ in range(3):
            with pytest.raises(AlreadyRunning), hold_data_folder(folder):
                pass


def test_a_killed_holder_leaves_nothing_in_the_way(folder: Path) -> None:
    with other_process("folder", str(folder)) as first:
        first.kill()
        first.wait()
        assert lock_file(folder).exists()

        with hold_data_folder(folder):
            assert lock_file(folder).read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", [b"", b"1\n", b"999999999\n", b"\xff" * 100])
def test_a_stale_file_is_used_again(folder: Path, content: bytes) -> None:
    lock_file(folder).parent.mkdir(parents=True)
    lock_file(folder).write_bytes(content)

    with hold_data_folder(folder):
        assert lock_file(folder).read_text() == f"{os.getpid()}\n"


def test_a_file_that_says_nothing_is_no_riddle(folder: Path) -> None:
    with hold_data_folder(folder):
        lock_file(folder).write_text("")
        with pytest.raises(AlreadyRunning, match="pid unknown"), hold_data_folder(folder):
            pass


def test_a_lock_is_that_of_the_file_that_is_there_now(folder: Path) -> None:
    with hold_data_folder(folder):
        lock_file(folder).unlink()
        with hold_data_folder(folder):
            pass


def test_the_lock_can_be_taken_again_and_again(folder: Path) -> None:
    for _ in range(3):
        with hold_data_folder(folder):
            pass


def test_a_folder_that_cannot_be_made_is_a_problem_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError) as caught, hold_data_folder(tmp_path / "file" / "data"):
        pass

    assert caught.value.problems[0].key == "runtime.data_dir"
    assert str(tmp_path / "file" / "data") in caught.value.problems[0].message


def test_a_token_is_held_by_one_process_until_that_ends() -> None:
    token = f"42:{secrets.token_hex(16)}"
    with other_process("token", token) as first:
        with pytest.raises(AlreadyRunning) as caught, hold_token(token):
            pass
        assert token not in str(caught.value)

        with hold_token(token + "x"):
            pass
        first.kill()
        first.wait()
        with hold_token(token):
            pass


def test_a_token_can_be_held_again_when_it_was_let_go() -> None:
    token = f"42:{secrets.token_hex(16)}"
    for _ in range(2):
        with hold_token(token):
            pass


def test_no_two_hold_a_folder_at_once_however_they_hurry(folder: Path) -> None:
    inside: list[int] = []
    held, crowds = Counter[int](), Counter[int]()

    def hurry(number: int) -> None:
        for _ in range(300):
            with suppress(AlreadyRunning), hold_data_folder(folder):
                inside.append(number)
                held[number] += 1
                crowds[len(inside)] += 1
                os.sched_yield()
                inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hurry, range(4)))

    assert held.total() >= 4
    assert set(crowds) == {1}
