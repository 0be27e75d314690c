"""A data folder, settings that change, and the files in it."""

from pathlib import Path
from typing import Any

import pytest

from minibot.adapters.files.folders import FolderFiles
from minibot.core.messages import OutgoingFile
from minibot.core.settings import Settings
from tests.fakes import make_settings

ANN = "telegram:111"
ANN_IN_GROUP = "telegram:111@-1002"
BOB = "telegram:1112"


class Live:
    """Settings in force, for a test to change."""

    def __init__(self) -> None:
        self.current: Settings = make_settings()

    def limit(self, **files: Any) -> None:
        self.current = make_settings(tools={"files": files})


def content_of(file: OutgoingFile) -> bytes:
    return Path(file.path).read_bytes()


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture
def live() -> Live:
    return Live()


@pytest.fixture
def files(tmp_path: Path, live: Live) -> FolderFiles:
    return FolderFiles(tmp_path / "data", live)


@pytest.fixture
async def tree(files: FolderFiles, tmp_path: Path) -> Path:
    """What Ann sees, as a folder on the disk with nothing in it."""
    await files.write(ANN, "seed", b"")
    await files.delete(ANN, "seed")
    (tree,) = (tmp_path / "data" / "files").glob("*/tree")
    return tree
