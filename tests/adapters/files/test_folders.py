"""What everybody may count on who uses the port `Files`."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest

from minibot.adapters.files.folders import FolderFiles
from minibot.core.errors import ToolFailed
from tests.adapters.files.conftest import ANN, ANN_IN_GROUP, BOB, Live, content_of, names_in

DAY = timedelta(hours=25)


def moment(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


async def test_written_is_read(files: FolderFiles) -> None:
    await files.write(ANN, "notes/today.md", b"milk")

    assert await files.read(ANN, "notes/today.md") == b"milk"
    assert await files.read(ANN, "./notes/./today.md") == b"milk"


async def test_writing_again_replaces(files: FolderFiles) -> None:
    await files.write(ANN, "a", b"a long content")
    await files.write(ANN, "a", b"short")

    assert await files.read(ANN, "a") == b"short"


async def test_composed_and_decomposed_names_are_one(files: FolderFiles) -> None:
    await files.write(ANN, "u\u0308.txt", b"x")

    assert await files.read(ANN, "\u00fc.txt") == b"x"
    assert await files.paths(ANN) == ["\u00fc.txt"]


async def test_owners_see_their_own_only(files: FolderFiles) -> None:
    await files.write(ANN, "a", b"ann")
    await files.write(BOB, "a", b"bob")
    await files.write(ANN_IN_GROUP, "a", b"group")

    assert await files.read(ANN, "a") == b"ann"
    assert await files.read(BOB, "a") == b"bob"
    assert await files.read(ANN_IN_GROUP, "a") == b"group"


@pytest.mark.parametrize("owner", ["../evil", "/", "a/b", "telegram:1/../..", "\0", "ü" * 300, ""])
async def test_owner_names_no_other_folder(files: FolderFiles, tmp_path: Path, owner: str) -> None:
    await files.write(owner, "a", b"x")

    assert await files.read(owner, "a") == b"x"
    assert names_in(tmp_path) == ["data"]
    assert len(names_in(tmp_path / "data" / "files")) == 1


async def test_paths_name_everything_in_order(files: FolderFiles) -> None:
    for path in ("b/x/1", "b/2", "a"):
        await files.write(ANN, path, b"")

    assert await files.paths(ANN) == ["a", "b/", "b/2", "b/x/", "b/x/1"]
    assert await files.paths(ANN, "b/x") == ["b/x/1"]
    assert await files.paths(ANN, "b/x/") == ["b/x/1"]


async def test_nobody_has_nothing(files: FolderFiles) -> None:
    assert await files.paths(ANN) == []
    assert await files.owners(ANN) == []
    assert await files.clear(ANN) == 0


@pytest.mark.parametrize("path", ["missing", "folder/missing", "file/below", "missing/"])
async def test_what_is_not_there_is_told(files: FolderFiles, path: str) -> None:
    await files.write(ANN, "folder/x", b"")
    await files.write(ANN, "file", b"")

    for call in (files.read(ANN, path), files.delete(ANN, path), files.copy_out(ANN, path)):
        with pytest.raises(ToolFailed, match="missing|no folder|names a folder"):
            await call


async def test_folder_is_no_file(files: FolderFiles) -> None:
    await files.write(ANN, "folder/x", b"")

    for call in (files.read(ANN, "folder"), files.write(ANN, "folder", b"")):
        with pytest.raises(ToolFailed, match="is a folder"):
            await call
    with pytest.raises(ToolFailed, match="no folder"):
        await files.write(ANN, "folder/x/y", b"")
    with pytest.raises(ToolFailed, match="no folder"):
        await files.paths(ANN, "folder/x")


@pytest.mark.parametrize("second", ["readme.TXT", "ＲＥＡＤＭＥ.txt", "README.txt"])
async def test_name_that_looks_like_another_is_refused(files: FolderFiles, second: str) -> None:
    await files.write(ANN, "Readme.txt", b"first")

    with pytest.raises(ToolFailed, match='there is "Readme.txt" already'):
        await files.write(ANN, second, b"second")

    assert await files.read(ANN, "Readme.txt") == b"first"


async def test_folder_that_looks_like_another_is_refused(files: FolderFiles) -> None:
    await files.write(ANN, "Notes/a", b"")

    with pytest.raises(ToolFailed, match='there is "Notes" already'):
        await files.write(ANN, "notes/b", b"")


async def test_deleting_leaves_no_empty_folders(files: FolderFiles) -> None:
    await files.write(ANN, "a/b/c/1", b"")
    await files.write(ANN, "a/2", b"")

    await files.delete(ANN, "a/b/c/1")

    assert await files.paths(ANN) == ["a/", "a/2"]


async def test_file_may_not_be_too_large(files: FolderFiles, live: Live) -> None:
    live.limit(max_file_bytes=2_000)
    await files.write(ANN, "a", b"x" * 2_000)

    with pytest.raises(ToolFailed, match="a file may have 2,000 bytes; these are 2,001"):
        await files.write(ANN, "b", b"x" * 2_001)
    live.limit(max_file_bytes=1_999)
    with pytest.raises(ToolFailed, match="larger than 1,999 bytes"):
        await files.read(ANN, "a")


async def test_quota_counts_what_is_replaced(files: FolderFiles, live: Live) -> None:
    live.limit(quota_mb=1, max_file_bytes=1_000_000)
    await files.write(ANN, "a", b"x" * 600_000)

    with pytest.raises(ToolFailed, match="may hold 1 MB, and 0.6 MB are used"):
        await files.write(ANN, "d/b", b"x" * 400_001)
    assert await files.paths(ANN) == ["a"]
    await files.write(ANN, "a", b"x" * 1_000_000)
    with pytest.raises(ToolFailed, match="may hold 1 MB"):
        await files.write(ANN, "b", b"x")
    await files.write(ANN, "a", b"")
    await files.write(ANN, "b", b"x" * 1_000_000)
    await files.write(BOB, "b", b"x" * 1_000_000)


async def test_quota_is_counted_from_the_disk(
    files: FolderFiles, live: Live, tmp_path: Path, tree: Path
) -> None:
    live.limit(quota_mb=1)
    (tree / "by hand").write_bytes(b"x" * 900_000)

    with pytest.raises(ToolFailed, match="may hold 1 MB"):
        await FolderFiles(tmp_path / "data", live).write(ANN, "a", b"x" * 200_000)
    await files.delete(ANN, "by hand")
    await files.write(ANN, "a", b"x" * 200_000)


async def test_room_made_by_hand_is_seen(files: FolderFiles, live: Live, tree: Path) -> None:
    live.limit(quota_mb=1)
    await files.write(ANN, "a", b"x" * 900_000)
    (tree / "a").unlink()

    await files.write(ANN, "b", b"x" * 900_000)


async def test_number_of_files_is_limited(files: FolderFiles, tree: Path) -> None:
    for number in range(9_999):
        (tree / f"{number}").touch()
    await files.write(ANN, "last", b"")

    with pytest.raises(ToolFailed, match="may hold 10,000 files"):
        await files.write(ANN, "one more", b"")
    await files.write(ANN, "last", b"may still be changed")
    assert len(await files.paths(ANN)) == 10_000


async def test_only_the_owner_of_the_process_may_look(files: FolderFiles, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await files.write(ANN, "a/b", b"x")
        await files.write(ANN, "a/b", b"y")
        await files.copy_out(ANN, "a/b")
    finally:
        os.umask(before)

    found = [
        (path, S_IMODE(path.stat().st_mode))
        for top in ("files", "outgoing")
        for path in (tmp_path / "data" / top, *(tmp_path / "data" / top).rglob("*"))
    ]
    assert {mode for path, mode in found if path.is_dir()} == {0o700}
    assert {mode for path, mode in found if path.is_file()} == {0o600}


async def test_copy_stays_as_it_was(files: FolderFiles, tmp_path: Path) -> None:
    await files.write(ANN, "d/report.pdf", b"agreed")
    copy = await files.copy_out(ANN, "d/report.pdf")

    await files.write(ANN, "d/report.pdf", b"changed")

    assert content_of(copy) == b"agreed"
    assert os.path.isabs(copy.path)
    assert (copy.name, copy.mime_type) == ("report.pdf", "application/pdf")
    assert (tmp_path / "data" / "outgoing") in Path(copy.path).parents


async def test_what_was_in_no_folder_is_handed_out(files: FolderFiles) -> None:
    first = await files.hand_out(ANN, "export.zip", b"1" * 5_000_000)
    second = await files.hand_out(ANN, "export.zip", b"2")

    assert len(content_of(first)) == 5_000_000
    assert content_of(second) == b"2"
    assert first.name == second.name == "export.zip"


@pytest.mark.parametrize("name", ["../x", "a/b", "", "x\0", "/x"])
async def test_handed_out_name_leads_nowhere(files: FolderFiles, name: str) -> None:
    with pytest.raises(ToolFailed):
        await files.hand_out(ANN, name, b"")


async def test_old_copies_are_purged(files: FolderFiles, tmp_path: Path) -> None:
    await files.write(ANN, "a", b"")
    copy = await files.copy_out(ANN, "a")
    made = moment(Path(copy.path).parent)

    assert await files.purge(made + DAY - timedelta(minutes=1)) == 0
    assert content_of(copy) == b""
    assert await files.purge(made + DAY + timedelta(minutes=1)) == 1
    assert names_in(tmp_path / "data" / "outgoing") == []
    assert await files.paths(ANN) == ["a"]


async def test_old_versions_and_leftovers_are_purged(files: FolderFiles, tree: Path) -> None:
    await files.write(ANN, "a", b"1")
    ticket = await files.write(ANN, "a", b"2")
    (tree.parent / "drafts" / "left").touch()
    (tree.parent.parent / ".gone-left" / "tree").mkdir(parents=True)

    await files.purge(moment(tree / "a") + DAY + timedelta(minutes=1))

    assert names_in(tree.parent / "drafts") + names_in(tree.parent / "versions") == []
    assert names_in(tree.parent.parent) == [tree.parent.name]
    with pytest.raises(ToolFailed, match="not kept any more"):
        await files.take_back(ANN, ticket)


async def test_purging_an_empty_data_folder(files: FolderFiles) -> None:
    assert await files.purge(datetime.now(UTC)) == 0


async def test_owners_of_a_person(files: FolderFiles, tmp_path: Path, live: Live) -> None:
    for owner in (ANN, ANN_IN_GROUP, BOB):
        await files.write(owner, "a", b"")

    again = FolderFiles(tmp_path / "data", live)

    assert sorted(await again.owners(ANN)) == [ANN, ANN_IN_GROUP]
    assert await again.owners(BOB) == [BOB]


async def test_clearing_deletes_everything_of_one_owner(files: FolderFiles, tmp_path: Path) -> None:
    for path in ("a", "b/c", "b/d"):
        await files.write(ANN, path, b"x")
        await files.write(ANN, path, b"y")
    await files.write(ANN_IN_GROUP, "a", b"group")

    assert await files.clear(ANN) == 3

    assert await files.owners(ANN) == [ANN_IN_GROUP]
    assert await files.paths(ANN) == []
    assert len(names_in(tmp_path / "data" / "files")) == 1
    await files.write(ANN, "a", b"anew")
    assert await files.read(ANN, "a") == b"anew"


async def test_writers_at_once_leave_one_whole_content(files: FolderFiles) -> None:
    contents = [bytes([number]) * 50_000 for number in range(20)]

    await asyncio.gather(*(files.write(ANN, "a", content) for content in contents))

    assert await files.read(ANN, "a") in contents


async def test_full_disk_is_told_and_changes_nothing(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    await files.write(ANN, "a", b"before")
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ToolFailed, match="the disk is full"):
        await files.write(ANN, "a", b"after")
    monkeypatch.setattr(os, "write", real)

    assert await files.read(ANN, "a") == b"before"
    assert await files.paths(ANN) == ["a"]
