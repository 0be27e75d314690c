"""What every undo log must do."""

from datetime import datetime, timedelta

import pytest

from minibot.adapters.storage import Storage
from minibot.core.approvals import Refusal
from tests.contracts.storages import START, Home, a_chat, an_arrival, an_undoable

END = an_undoable().expires_at


async def test_undoable_is_taken_once_and_whole(storage: Storage) -> None:
    await storage.undo_log.add(an_undoable())

    assert await storage.undo_log.take("t", "7", START) == an_undoable()
    assert await storage.undo_log.take("t", "7", START) is Refusal.DECIDED


async def test_it_is_known_what_was_taken(storage: Storage) -> None:
    await storage.undo_log.add(an_undoable())
    assert not await storage.undo_log.taken("t")
    await storage.undo_log.take("t", "7", START)
    assert await storage.undo_log.taken("t")
    await storage.undo_log.put_back("t")
    assert not await storage.undo_log.taken("t")
    assert not await storage.undo_log.taken("never there")


async def test_only_its_person_may_take_it(storage: Storage) -> None:
    await storage.undo_log.add(an_undoable())

    assert await storage.undo_log.take("t", "8", START) is Refusal.NOT_YOURS
    assert await storage.undo_log.take("t", "", START) is Refusal.NOT_YOURS
    assert await storage.undo_log.take("t", "7", START) == an_undoable()
    assert await storage.undo_log.take("t", "8", START) is Refusal.NOT_YOURS


async def test_it_can_be_taken_until_its_time_is_over(storage: Storage) -> None:
    await storage.undo_log.add(an_undoable("a"))
    await storage.undo_log.add(an_undoable("b"))

    late = await storage.undo_log.take("a", "7", END)
    in_time = await storage.undo_log.take("b", "7", END - timedelta(microseconds=1))

    assert late is Refusal.EXPIRED
    assert in_time == an_undoable("b")


async def test_what_nobody_added_is_unknown(storage: Storage) -> None:
    assert await storage.undo_log.take("t", "7", START) is Refusal.UNKNOWN
    assert await storage.undo_log.take("\ud83d", "7", START) is Refusal.UNKNOWN
    await storage.undo_log.put_back("t")
    assert await storage.undo_log.take("t", "7", START) is Refusal.UNKNOWN


async def test_what_was_put_back_can_be_taken_again(storage: Storage) -> None:
    await storage.undo_log.add(an_undoable())
    await storage.undo_log.take("t", "7", START)

    await storage.undo_log.put_back("t")

    assert await storage.undo_log.take("t", "7", START) == an_undoable()


async def test_moment_without_a_zone_is_refused(storage: Storage) -> None:
    await storage.undo_log.add(an_undoable())

    with pytest.raises(ValueError, match="time zone"):
        await storage.undo_log.take("t", "7", datetime(2026, 1, 1))


async def test_next_process_knows_what_was_taken(home: Home) -> None:
    async with home.open() as dying, home.open() as next_one:
        await dying.undo_log.add(an_undoable("a"))
        await dying.undo_log.add(an_undoable("b"))
        await dying.undo_log.take("a", "7", START)

        assert await next_one.undo_log.take("a", "7", START) is Refusal.DECIDED
        assert await next_one.undo_log.take("b", "7", START) == an_undoable("b")


async def test_owner_in_a_chat_that_moves_is_renamed(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1", a_chat("-1"))])
    owners = ["telegram:7@-1", "telegram:7@-11", "telegram:7", "console:7@-1", "telegram:-1"]
    for owner in owners:
        await storage.undo_log.add(an_undoable(owner, owner=owner))

    await storage.outbox.move_chat(a_chat("-1"), "-100")

    taken = [await storage.undo_log.take(owner, "7", START) for owner in owners]
    renamed = ["telegram:7@-100", *owners[1:]]
    assert taken == [
        an_undoable(token, owner=owner) for token, owner in zip(owners, renamed, strict=True)
    ]
