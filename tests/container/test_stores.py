"""Opening what the settings name."""

from pathlib import Path

import pytest

from minibot.app.live_settings import LiveSettings
from minibot.container.stores import open_stores
from minibot.core.notes import Note
from tests.fakes import START, FakeClock, make_chat, make_settings


@pytest.mark.parametrize("backend", ["sqlalchemy", "in_memory"])
async def test_notes_of_a_group_follow_it_to_its_new_id(tmp_path: Path, backend: str) -> None:
    settings = make_settings(runtime={"data_dir": tmp_path}, memory={"backend": backend})
    old, group = make_chat("-100"), "telegram:42@-100"
    async with open_stores(LiveSettings(settings), FakeClock()) as stores:
        for owner in (group, "telegram:42"):
            note = Note(owner=owner, title="tea", data=owner, created_at=START, updated_at=START)
            await stores.notes.save(note)
        await stores.storage.outbox.move_chat(old, "-200")
        for follow in stores.follow_moved_chat:
            await follow(old, "-200")
        moved = await stores.notes.get("telegram:42@-200", "tea")
        assert moved is not None
        assert moved.data == group
        assert await stores.notes.get(group, "tea") is None
        assert await stores.notes.get("telegram:42", "tea") is not None
