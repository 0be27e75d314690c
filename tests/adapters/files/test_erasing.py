"""What is left of an owner that was erased: nothing."""

from pathlib import Path

from minibot.adapters.files.folders import FolderFiles
from minibot.core.messages import OutgoingFile
from tests.adapters.files.conftest import ANN, ANN_IN_GROUP, BOB


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def is_there(file: OutgoingFile) -> bool:
    return Path(file.path).exists()


async def test_copies_that_were_made_for_sending_go_too(files: FolderFiles) -> None:
    await files.write(ANN, "a", b"secret")
    sent = await files.copy_out(ANN, "a")
    export = await files.hand_out(ANN, "export.zip", b"all")
    others = [await files.hand_out(owner, "export.zip", b"theirs") for owner in (BOB, ANN_IN_GROUP)]

    assert await files.clear(ANN) == 1

    left = [path.read_bytes() for path in files_below(Path(export.path).parents[1])]
    assert left == [b"theirs", b"theirs"]
    assert not any(is_there(each) for each in (sent, export))
    assert all(is_there(each) for each in others)
