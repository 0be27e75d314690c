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


async def test_notes_with_a_database_of_their_own_follow_too_and_are_kept_small(
    tmp_path: Path,
) -> None:
    own = tmp_path / "notes.db"
    tools = {"kv_memory": {"enabled": True, "sqlite_url": f"sqlite+aiosqlite:///{own}"}}
    settings = make_settings(runtime={"data_dir": tmp_path}, tools=tools)
    old = make_chat("-100")
    async with open_stores(LiveSettings(settings), FakeClock()) as stores:
        note = Note(
            owner="telegram:42@-100", title="tea", data="green", created_at=START, updated_at=START
        )
        await stores.notes.save(note)
        for follow in stores.follow_moved_chat:
            await follow(old, "-200")
        assert await stores.notes.get("telegram:42@-200", "tea") is not None
        log = own.with_name("notes.db-wal")
        before = log.stat().st_size
        for each in stores.maintenance:
            await each.checkpoint()
        assert (before > 0, log.stat().st_size) == (True, 0)
