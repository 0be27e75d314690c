"""Writing a file can be taken back, for as long as what it held before is kept."""

import os
import re
from pathlib import Path

import pytest

from minibot.adapters.files.folders import FolderFiles
from minibot.core.errors import ToolFailed
from tests.adapters.files.conftest import ANN, BOB, Live

VERSION = re.compile(r"[0-9a-f]{32}")


def versions_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if VERSION.fullmatch(path.name)]


def make_newer_than_now(paths: list[Path]) -> None:
    assert paths
    for path in paths:
        os.utime(path, (path.stat().st_mtime + 3_600,) * 2)


async def test_new_file_is_taken_back(files: FolderFiles) -> None:
    ticket = await files.write(ANN, "a/b", b"x")

    assert await files.take_back(ANN, ticket) == "a/b"

    assert await files.paths(ANN) == []


async def test_replaced_file_is_taken_back(files: FolderFiles, live: Live) -> None:
    before = bytes(range(256)) * 2_000
    await files.write(ANN, "a", before)
    ticket = await files.write(ANN, "a", b"x")

    await files.take_back(ANN, ticket)

    assert await files.read(ANN, "a") == before


async def test_taking_back_works_step_by_step(files: FolderFiles) -> None:
    tickets = [await files.write(ANN, "a", text) for text in (b"1", b"2", b"3")]

    await files.take_back(ANN, tickets[2])
    assert await files.read(ANN, "a") == b"2"
    await files.take_back(ANN, tickets[1])
    assert await files.read(ANN, "a") == b"1"
    await files.take_back(ANN, tickets[0])
    assert await files.paths(ANN) == []


@pytest.mark.parametrize("ticket_at", [0, 1])
async def test_changed_since_is_left_alone(files: FolderFiles, ticket_at: int) -> None:
    tickets = [await files.write(ANN, "a", text) for text in (b"1", b"2", b"3")]

    with pytest.raises(ToolFailed, match="was changed since"):
        await files.take_back(ANN, tickets[ticket_at])

    assert await files.read(ANN, "a") == b"3"


async def test_ticket_of_somebody_else_does_nothing(files: FolderFiles) -> None:
    await files.write(ANN, "a", b"1")
    ticket = await files.write(ANN, "a", b"2")
    await files.write(BOB, "a", b"2")

    with pytest.raises(ToolFailed, match="not kept any more"):
        await files.take_back(BOB, ticket)

    assert await files.read(BOB, "a") == b"2"


@pytest.mark.parametrize(
    "ticket",
    [
        "",
        "[]",
        "{}",
        '{"path": "../a", "version": "", "digest": ""}',
        '{"path": "a", "version": "../tree/a", "digest": "DIGEST"}',
    ],
)
async def test_made_up_ticket_is_refused(files: FolderFiles, ticket: str) -> None:
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # of "x"
    await files.write(ANN, "a", b"x")

    with pytest.raises(ToolFailed, match="taken back|cannot be used|no version"):
        await files.take_back(ANN, ticket.replace("DIGEST", digest))

    assert await files.read(ANN, "a") == b"x"


async def test_versions_make_room_for_newer_ones(files: FolderFiles, live: Live) -> None:
    live.limit(quota_mb=1, max_file_bytes=200_000)
    tickets = [await files.write(ANN, "a", bytes([n]) * 100_000) for n in range(5)]

    await files.take_back(ANN, tickets[4])
    await files.take_back(ANN, tickets[3])
    with pytest.raises(ToolFailed, match="not kept any more"):
        await files.take_back(ANN, tickets[2])

    assert (await files.read(ANN, "a"))[0] == 2


async def test_newest_versions_stay_when_the_clock_was_put_back(
    files: FolderFiles, live: Live, tmp_path: Path
) -> None:
    live.limit(quota_mb=1, max_file_bytes=200_000)
    tickets = [await files.write(ANN, "a", bytes([n]) * 100_000) for n in range(2)]
    make_newer_than_now(versions_in(tmp_path))
    tickets += [await files.write(ANN, "a", bytes([n]) * 100_000) for n in range(2, 5)]

    await files.take_back(ANN, tickets[4])
    await files.take_back(ANN, tickets[3])

    assert (await files.read(ANN, "a"))[0] == 2
