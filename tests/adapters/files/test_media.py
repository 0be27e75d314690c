"""Media in the data folder: limits, names and leftovers."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest

from minibot.adapters.files.media import DRAFT, FolderMedia
from minibot.core.errors import MediaUnreadable
from minibot.core.llm import Picture
from minibot.core.ports import Write
from minibot.core.settings import Media
from tests.adapters.files.conftest import ANN, BOB, Live

MB = 1024**2
SMALL = Media(max_file_mb=2, quota_mb_per_owner=3)


@pytest.fixture
def media(tmp_path: Path, live: Live) -> FolderMedia:
    return FolderMedia(tmp_path, live)


async def keep(
    media: FolderMedia, key: str, size: int = 1, *, owner: str = ANN, suffix: str = ".jpg"
) -> Path:
    async def fill(write: Write) -> None:
        await write(b"x" * size)

    kept = await media.keep(owner, key, fill, suffix=suffix, limits=SMALL)
    return Path(kept.path)


def used(path: Path, days_ago: float) -> None:
    moment = (datetime.now(UTC) - timedelta(days=days_ago)).timestamp()
    os.utime(path, (moment, moment))


async def test_nobody_else_on_the_machine_can_read_it(media: FolderMedia, tmp_path: Path) -> None:
    path = await keep(media, "k")

    assert S_IMODE(path.stat().st_mode) == 0o600
    assert S_IMODE(path.parent.stat().st_mode) == 0o700
    assert S_IMODE((tmp_path / "media").stat().st_mode) == 0o700


@pytest.mark.parametrize("key", ["../../x", "/etc/passwd", "a\0b", "a" * 5_000, "\ud800", ""])
async def test_no_key_leads_anywhere(media: FolderMedia, tmp_path: Path, key: str) -> None:
    path = await keep(media, key)

    assert path.parent.parent == tmp_path / "media"
    assert path.name.isascii()
    assert await media.find(ANN, key) is not None


@pytest.mark.parametrize(
    ("suffix", "end"),
    [(".PDF", ".pdf"), ("", ""), ("./../x", ".x"), (".tar.gz", ".targz"), (".ж", "")],
)
async def test_of_an_ending_letters_and_digits_stay(
    media: FolderMedia, suffix: str, end: str
) -> None:
    assert "".join((await keep(media, "k", suffix=suffix)).suffixes) == end


async def test_what_was_used_longest_ago_makes_room(media: FolderMedia) -> None:
    first, second, third = [await keep(media, key, MB) for key in "abc"]
    other = await keep(media, "a", MB, owner=BOB)
    for path, days in ((first, 3), (second, 2), (third, 1)):
        used(path, days)
    await media.find(ANN, "a")

    await keep(media, "d", MB)

    assert [path.exists() for path in (first, second, third, other)] == [True, False, True, True]


async def test_what_could_never_fit_is_refused(media: FolderMedia) -> None:
    kept = await keep(media, "a", MB)

    with pytest.raises(MediaUnreadable, match="larger than all that may be kept"):
        await keep(media, "b", 4 * MB)

    assert kept.exists()
    assert sorted(path.name for path in kept.parent.iterdir()) == [kept.name, "owner"]


async def test_what_nobody_used_for_so_long_expires(media: FolderMedia) -> None:
    old, new = await keep(media, "old"), await keep(media, "new")
    used(old, 31)
    used(new, 29)
    draft = old.parent / f"{DRAFT}x"
    draft.touch()
    used(draft, 1)
    used(old.parent / "owner", 99)

    assert await media.purge(datetime.now(UTC)) == 1

    assert (old.exists(), new.exists(), draft.exists()) == (False, True, False)
    assert await media.owners(ANN) == [ANN]


async def test_a_draft_that_is_being_written_stays(media: FolderMedia) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def fill(write: Write) -> None:
        await write(b"one")
        begun.set()
        await may_end.wait()
        await write(b"two")

    task = asyncio.create_task(media.keep(ANN, "k", fill, limits=SMALL))
    await begun.wait()
    assert await media.purge(datetime.now(UTC)) == 0
    may_end.set()
    assert (await task).size == len(b"onetwo")


async def test_one_that_is_cancelled_leaves_nothing(media: FolderMedia, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def fill(write: Write) -> None:
        await write(b"one")
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(media.keep(ANN, "k", fill, limits=SMALL))
    await begun.wait()
    task.cancel()
    await asyncio.wait((task,))

    (folder,) = (tmp_path / "media").iterdir()
    assert [path.name for path in folder.iterdir()] == ["owner"]


async def test_only_files_of_ours_are_shown_again(media: FolderMedia, tmp_path: Path) -> None:
    path = await keep(media, "k")
    link = path.parent / "link.jpg"
    link.symlink_to("/etc/passwd")
    odd = [
        str(link),
        str(path.parent / "owner"),
        str(path.parent),
        f"{path.parent}/../{path.parent.name}/{path.name}",
        "media/x/y.jpg",
    ]

    pictures = [Picture(path=each, mime_type="image/jpeg") for each in odd]

    assert await media.present(pictures) == frozenset()


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, live: Live) -> None:
    (tmp_path / "media").write_text("in the way")

    with pytest.raises(MediaUnreadable, match="cannot be kept here"):
        await keep(FolderMedia(tmp_path, live), "k")
