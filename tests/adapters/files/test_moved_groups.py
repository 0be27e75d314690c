"""Folders of groups whose id changed."""

import pytest

from minibot.adapters.files.folders import FolderFiles
from minibot.core.errors import ToolFailed
from minibot.core.messages import ChatRef
from tests.adapters.files.conftest import ANN, ANN_IN_GROUP


async def test_folders_of_a_group_follow_it_to_its_new_id(files: FolderFiles) -> None:
    await files.write(ANN, "a", b"ann")
    ticket = await files.write(ANN_IN_GROUP, "a", b"group")
    person, _, chat_id = ANN_IN_GROUP.partition("@")
    old = ChatRef(channel=person.partition(":")[0], chat_id=chat_id)

    await files.move_chat(old, "-100777")

    moved = f"{person}@-100777"
    assert await files.read(moved, "a") == b"group"
    assert await files.read(ANN, "a") == b"ann"
    assert sorted(await files.owners(person)) == sorted({ANN, moved})
    with pytest.raises(ToolFailed):
        await files.read(ANN_IN_GROUP, "a")
    await files.take_back(moved, ticket)
    assert await files.paths(moved) == []


async def test_a_folder_that_is_there_already_is_nobodys_to_replace(files: FolderFiles) -> None:
    person, _, chat_id = ANN_IN_GROUP.partition("@")
    moved = f"{person}@-100777"
    await files.write(ANN_IN_GROUP, "a", b"old")
    await files.write(moved, "a", b"new")

    await files.move_chat(ChatRef(channel="telegram", chat_id=chat_id), "-100777")

    assert await files.read(moved, "a") == b"new"
    assert await files.read(ANN_IN_GROUP, "a") == b"old"
