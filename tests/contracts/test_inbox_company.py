"""Items that are taken together, and end together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from minibot.adapters.storage import Storage
from minibot.core.errors import IllegalTransition
from minibot.core.inbox import SOLO_AFTER_CRASHES, InboxItem, InboxState
from minibot.core.ports import TurnResult
from tests.contracts.storages import (
    START,
    Home,
    a_chat,
    admit_and_take,
    an_arrival,
    said,
    take,
)


def all_(_last: InboxItem, _item: InboxItem) -> bool:
    return True


async def test_what_stands_behind_an_item_is_taken_as_far_as_it_is_wanted(
    storage: Storage,
) -> None:
    head = await admit_and_take(storage, "1")
    texts = ["one", "two", "other", "three"]
    await storage.inbox.admit([an_arrival(f"b{text}", text=text) for text in texts])
    seen: list[tuple[str, str]] = []

    def wanted(last: InboxItem, item: InboxItem) -> bool:
        seen.append((last.message.text, item.message.text))
        return item.message.text != "other"

    taken = await storage.inbox.claim_behind(head, wanted)

    assert [item.message.text for item in taken] == ["one", "two"]
    assert [item.attempts for item in taken] == [1, 1]
    assert seen == [("hello", "one"), ("one", "two"), ("two", "other")]
    assert await storage.inbox.claim("telegram:42") is None, "the line is busy"


async def test_neither_other_chats_nor_urgent_items_stand_behind_it(storage: Storage) -> None:
    head = await admit_and_take(storage, "1")
    await storage.inbox.admit(
        [
            an_arrival("2", a_chat("43")),
            an_arrival("3", a_chat("42", "5")),
            an_arrival("4", urgent=True),
            an_arrival("5", text="mine"),
        ]
    )

    taken = await storage.inbox.claim_behind(head, all_)

    assert [item.message.text for item in taken] == ["mine"]
    assert await storage.inbox.claim_behind(taken[-1], all_) == []


async def test_what_may_not_run_yet_ends_it(storage: Storage, home: Home) -> None:
    late = await admit_and_take(storage, "1")
    await storage.inbox.admit([an_arrival("2")])
    await storage.inbox.postpone(late.id, home.clock.now() + timedelta(minutes=1), "not now")
    before = replace(late, id=late.id - 1)

    assert await storage.inbox.claim_behind(before, all_) == []


async def test_what_killed_processes_is_taken_alone(home: Home) -> None:
    for _ in range(SOLO_AFTER_CRASHES):
        async with home.open() as dying:
            await dying.inbox.recover()
            if not await dying.inbox.open_conversations():
                await dying.inbox.admit([an_arrival("1"), an_arrival("2")])
            head = await take(dying)
            assert len(await dying.inbox.claim_behind(head, all_)) == 1
    async with home.open() as storage:
        await storage.inbox.recover()
        home.clock.advance(60)
        head = await take(storage)

        assert await storage.inbox.claim_behind(head, all_) == []


async def test_those_taken_end_with_the_item_or_not_at_all(storage: Storage) -> None:
    head = await admit_and_take(storage, "1")
    await storage.inbox.admit([an_arrival("2"), an_arrival("3")])
    also = tuple(item.id for item in await storage.inbox.claim_behind(head, all_))
    entries = (said("hello"),)
    await storage.inbox.release(also[-1])
    result = TurnResult(item=head, state=InboxState.DONE, entries=entries, also=also)
    with pytest.raises(IllegalTransition):
        await storage.ledger.finish(result, claim_first=False)
    assert await storage.history.recent(head.conversation, 9) == []

    await storage.ledger.finish(replace(result, also=also[:1]), claim_first=False)

    left = await take(storage)
    assert (left.id, left.attempts) == (also[-1], 1)
    for inbox_id in (head.id, also[0]):
        with pytest.raises(IllegalTransition):
            await storage.inbox.release(inbox_id)


async def test_those_taken_come_back_when_the_process_dies(home: Home) -> None:
    async with home.open() as dying, home.open() as next_one:
        head = await admit_and_take(dying, "1")
        await dying.inbox.admit([an_arrival("2")])
        (behind,) = await dying.inbox.claim_behind(head, all_)

        assert (await next_one.inbox.recover()).requeued == 2
        again = await take(next_one)
        (also,) = await next_one.inbox.claim_behind(again, all_)
        assert (again.id, also.id) == (head.id, behind.id)
        assert also.received_at == START
