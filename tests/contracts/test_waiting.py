"""What every inbox must do with what no model could answer."""

from datetime import datetime, timedelta

from minibot.adapters.storage import Storage
from tests.contracts.storages import (
    Home,
    a_chat,
    admit_and_take,
    an_arrival,
    finish,
    take,
)


async def test_item_waiting_for_a_model_is_as_if_never_claimed_and_blocks_its_line(
    storage: Storage, home: Home
) -> None:
    accepted = await storage.inbox.admit([an_arrival("1"), an_arrival("2")])
    until = home.clock.now() + timedelta(minutes=10)

    await storage.inbox.wait((await take(storage)).id, until, "no model answers")

    assert await storage.inbox.claim("telegram:42") == until
    assert await storage.inbox.open_conversations() == accepted[:1]
    home.clock.advance(600)
    again = await take(storage)
    assert (again.message.id, again.attempts) == ("id-1", 1)
    await finish(storage, again)
    assert (await take(storage)).message.id == "id-2"


async def make_wait(storage: Storage, home: Home, key: str, chat_id: str) -> int:
    """Have an item wait for an hour."""
    item = await admit_and_take(storage, key, a_chat(chat_id))
    until = home.clock.now() + timedelta(hours=1)
    await storage.inbox.wait(item.id, until, "no model answers")
    return item.id


async def test_oldest_waiting_items_are_woken_each_once(storage: Storage, home: Home) -> None:
    ids = [await make_wait(storage, home, str(n), str(n)) for n in range(5)]

    first = await storage.inbox.wake_waiting(2)
    rest = await storage.inbox.wake_waiting(9)

    assert [(event.inbox_id, event.conversation, event.urgent) for event in first] == [
        (ids[0], "telegram:0", False),
        (ids[1], "telegram:1", False),
    ]
    assert all(event.item is None for event in first)
    assert [event.inbox_id for event in rest] == ids[2:]
    assert await storage.inbox.wake_waiting(9) == []
    assert (await take(storage, "telegram:0")).attempts == 1


async def test_woken_item_that_waits_again_is_woken_again(storage: Storage, home: Home) -> None:
    id_ = await make_wait(storage, home, "1", "42")
    await storage.inbox.wake_waiting(1)
    item = await take(storage)
    await storage.inbox.wait(item.id, home.clock.now() + timedelta(hours=1), "still none")

    assert [event.inbox_id for event in await storage.inbox.wake_waiting(1)] == [id_]
    assert (await take(storage)).attempts == 1


async def test_nothing_but_what_waits_is_woken(storage: Storage, home: Home) -> None:
    later = home.clock.now() + timedelta(hours=1)
    await storage.inbox.admit([an_arrival("new", a_chat("1"))])
    await storage.inbox.postpone(
        (await admit_and_take(storage, "failed", a_chat("2"))).id, later, "x"
    )
    await admit_and_take(storage, "running", a_chat("3"))
    await make_wait(storage, home, "due", "4")
    home.clock.advance(3600)

    assert await storage.inbox.wake_waiting(9) == []
    await make_wait(storage, home, "waiting", "5")
    assert await storage.inbox.wake_waiting(0) == []
    assert await storage.inbox.wake_waiting(-1) == []
    assert len(await storage.inbox.wake_waiting(10**9)) == 1


async def test_what_waits_in_a_conversation_is_cancelled(storage: Storage, home: Home) -> None:
    await make_wait(storage, home, "1", "42")
    await make_wait(storage, home, "2", "43")
    await storage.inbox.admit([an_arrival("3")])

    assert await storage.inbox.cancel_waiting("telegram:42") == 1

    assert await storage.inbox.cancel_waiting("telegram:42") == 0
    assert await storage.inbox.cancel_waiting("nonsense") == 0
    assert (await take(storage)).message.id == "id-3"
    assert await storage.inbox.admit([an_arrival("1")]) == []
    woken = await storage.inbox.wake_waiting(9)
    assert [event.conversation for event in woken] == ["telegram:43"]


async def test_running_item_is_not_cancelled_as_one_that_waits(
    storage: Storage, home: Home
) -> None:
    await make_wait(storage, home, "1", "42")
    await storage.inbox.wake_waiting(1)
    item = await take(storage)

    assert await storage.inbox.cancel_waiting(item.conversation) == 0
    await finish(storage, item)


async def test_urgent_item_that_waits_is_woken_and_cancelled_as_such(
    storage: Storage, home: Home
) -> None:
    (event,) = await storage.inbox.admit([an_arrival("1", urgent=True)])
    for _ in range(2):
        assert await storage.inbox.claim_urgent(event.inbox_id) is not None
        await storage.inbox.wait(
            event.inbox_id, home.clock.now() + timedelta(hours=1), "no model answers"
        )
        assert await storage.inbox.wake_waiting(1) == [event]

    assert await storage.inbox.cancel_waiting(event.conversation) == 1
    assert await storage.inbox.claim_urgent(event.inbox_id) is None


async def test_next_process_finds_what_waits(home: Home) -> None:
    async with home.open() as storage:
        id_ = await make_wait(storage, home, "1", "42")
    async with home.open() as storage:
        assert (await storage.inbox.recover()).requeued == 0
        assert [event.inbox_id for event in await storage.inbox.open_conversations()] == [id_]
        assert isinstance(await storage.inbox.claim("telegram:42"), datetime)
        assert [event.inbox_id for event in await storage.inbox.wake_waiting(1)] == [id_]
        assert (await take(storage)).crashes == 0


async def test_what_waits_moves_with_its_chat(storage: Storage, home: Home) -> None:
    await make_wait(storage, home, "1", "-1")
    await storage.outbox.move_chat(a_chat("-1"), "-100")

    (event,) = await storage.inbox.wake_waiting(1)

    assert event.conversation == "telegram:-100"
    assert await storage.inbox.cancel_waiting("telegram:-1") == 1


async def test_urgent_item_that_was_put_off_cannot_be_claimed_before_its_time(
    storage: Storage, home: Home
) -> None:
    (event,) = await storage.inbox.admit([an_arrival("1", urgent=True)])
    assert await storage.inbox.claim_urgent(event.inbox_id) is not None
    until = home.clock.now() + timedelta(seconds=10)

    await storage.inbox.postpone(event.inbox_id, until, "odd")

    home.clock.advance(9.999)
    assert await storage.inbox.claim_urgent(event.inbox_id) is None
    assert await storage.inbox.open_conversations() == [event]
    home.clock.advance(0.001)
    item = await storage.inbox.claim_urgent(event.inbox_id)
    assert item is not None
    assert item.attempts == 2


async def test_urgent_item_waiting_for_a_model_runs_at_its_own_time_if_nobody_wakes_it(
    storage: Storage, home: Home
) -> None:
    (event,) = await storage.inbox.admit([an_arrival("1", urgent=True)])
    assert await storage.inbox.claim_urgent(event.inbox_id) is not None
    await storage.inbox.wait(event.inbox_id, home.clock.now() + timedelta(minutes=5), "no model")

    assert await storage.inbox.claim_urgent(event.inbox_id) is None
    home.clock.advance(300)

    assert await storage.inbox.claim_urgent(event.inbox_id) is not None
