"""What everybody may count on who uses the port `MediaStore`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from minibot.adapters.files.media import FolderMedia
from minibot.core.errors import MediaUnreadable, SendFailed
from minibot.core.llm import Picture
from minibot.core.ports import Fill, MediaStore, Write
from minibot.core.settings import Media, Settings
from tests.app.media import FakeMediaStore
from tests.fakes import make_settings

ANN, ANN_IN_GROUP, BOB = "telegram:1", "telegram:1@-100", "telegram:11"


@dataclass
class Fixed:
    current: Settings = field(default_factory=make_settings)


def folder(path: Path) -> MediaStore:
    return FolderMedia(path, Fixed())


def fake(path: Path) -> MediaStore:
    return FakeMediaStore()


@pytest.fixture(params=[folder, fake])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    make: Callable[[Path], MediaStore] = request.param
    return make(tmp_path)


def filled(*pieces: bytes, failure: Exception | None = None) -> Fill:
    async def fill(write: Write) -> None:
        for piece in pieces:
            await write(piece)
        if failure is not None:
            raise failure

    return fill


async def keep(store: MediaStore, owner: str, key: str, *pieces: bytes) -> Picture:
    kept = await store.keep(owner, key, filled(*pieces), suffix=".jpg", limits=Media())
    assert kept.size == sum(map(len, pieces))
    return Picture(path=kept.path, mime_type="image/jpeg")


async def test_what_is_kept_is_found_by_its_owner_alone(store: MediaStore) -> None:
    kept = await keep(store, ANN, "k", b"one", b"two")

    found = await store.find(ANN, "k")
    assert found is not None
    assert (found.path, found.size) == (kept.path, 6)
    assert await store.find(BOB, "k") is None
    assert await store.find(ANN_IN_GROUP, "k") is None
    assert await store.find(ANN, "other") is None


async def test_a_file_is_there_whole_or_not_at_all(store: MediaStore) -> None:
    for failure in (SendFailed("x"), MediaUnreadable("y")):
        with pytest.raises(type(failure)):
            await store.keep(ANN, "k", filled(b"half", failure=failure), limits=Media())
        assert await store.find(ANN, "k") is None


async def test_keeping_again_replaces(store: MediaStore) -> None:
    await keep(store, ANN, "k", b"long ago")
    await keep(store, ANN, "k", b"now")

    found = await store.find(ANN, "k")
    assert found is not None
    assert found.size == 3


async def test_pictures_are_present_while_they_are_kept(store: MediaStore) -> None:
    first, second = await keep(store, ANN, "1", b"x"), await keep(store, BOB, "2", b"y")
    passwd = Picture(path="/etc/passwd", mime_type="image/jpeg")

    assert await store.present([first, second, passwd]) == {first, second}
    await store.discard(ANN, "1")
    await store.discard(ANN, "1")
    assert await store.present([first, second]) == {second}


async def test_everything_of_a_person_can_be_deleted(store: MediaStore) -> None:
    for owner in (ANN, ANN_IN_GROUP, BOB):
        await keep(store, owner, "k", b"x")
    await keep(store, ANN, "k2", b"x")

    assert sorted(await store.owners(ANN)) == [ANN, ANN_IN_GROUP]
    assert await store.clear(ANN) == 2
    assert await store.clear(ANN) == 0
    assert await store.owners(ANN) == [ANN_IN_GROUP]
    assert await store.find(BOB, "k") is not None
