"""What every storage tells of what came of an item, up to the delivery of what was said."""

import pytest

from minibot.adapters.storage import Storage
from minibot.core.inbox import InboxItem, InboxState, Outcome
from minibot.core.messages import ChatRef, Part
from minibot.core.outbox import Draft, OutgoingPart
from minibot.core.ports import TurnResult
from tests.contracts.storages import (
    Home,
    a_chat,
    admit_and_take,
    an_arrival,
    finish,
    take,
    unreadable,
)


async def find(storage: Storage, key: str = "1") -> Outcome:
    found = await storage.outcomes.find("telegram", "1000", key)
    assert found is not None
    return found


async def answer(storage: Storage, item: InboxItem, *texts: str) -> list[OutgoingPart]:
    """End an item with these parts, named as the recorder names them."""
    drafts = tuple(
        Draft(
            key=f"inbox:{item.id}:{number}",
            chat=item.message.chat,
            part=Part(text=text),
            inbox_id=item.id,
        )
        for number, text in enumerate(texts)
    )
    result = TurnResult(item=item, state=InboxState.DONE, drafts=drafts)
    return await storage.ledger.finish(result, claim_first=False)


async def send(storage: Storage, part: OutgoingPart) -> None:
    assert await storage.outbox.claim(part.id) is not None
    await storage.outbox.mark_sent(part.id, "message")


async def test_what_was_never_admitted_is_unknown(storage: Storage) -> None:
    await storage.inbox.admit([an_arrival("1")])

    assert await storage.outcomes.find("telegram", "1000", "2") is None
    assert await storage.outcomes.find("telegram", "1001", "1") is None
    assert await storage.outcomes.find("console", "1000", "1") is None


async def test_item_that_was_not_answered_is_open(storage: Storage, home: Home) -> None:
    (event,) = await storage.inbox.admit([an_arrival("1")])

    received = await find(storage)
    item = await take(storage)
    processing = await find(storage)
    await storage.inbox.postpone(item.id, home.clock.now(), "odd")
    postponed = await find(storage)
    await storage.inbox.wait((await take(storage)).id, home.clock.now(), "no model")
    waiting = await find(storage)

    seen = (received, processing, postponed, waiting)
    assert {outcome.inbox_id for outcome in seen} == {event.inbox_id}
    assert [outcome.state.value for outcome in seen] == [
        "received",
        "processing",
        "retry",
        "waiting",
    ]
    assert [outcome.problem for outcome in seen] == ["", "", "odd", "no model"]
    assert not any(outcome.over or outcome.well for outcome in seen)


async def test_item_is_over_when_all_its_parts_have_arrived(storage: Storage) -> None:
    parts = await answer(storage, await admit_and_take(storage, "1"), "one", "two")

    for part, left in zip(parts, (2, 1), strict=True):
        outcome = await find(storage)
        assert (outcome.state, outcome.undelivered, outcome.over) == (InboxState.DONE, left, False)
        await send(storage, part)

    assert (await find(storage)).well


async def test_part_that_is_being_sent_or_tried_again_is_on_its_way(
    storage: Storage, home: Home
) -> None:
    (part,) = await answer(storage, await admit_and_take(storage, "1"), "one")

    await storage.outbox.claim(part.id)
    assert (await find(storage)).undelivered == 1
    await storage.outbox.postpone(part.id, home.clock.now(), "no net")
    assert (await find(storage)).undelivered == 1


async def test_part_that_was_given_up_is_lost(storage: Storage) -> None:
    one, two = await answer(storage, await admit_and_take(storage, "1"), "one", "two")
    await storage.outbox.claim(one.id)
    await storage.outbox.bury(one.id, "blocked")
    assert not (await find(storage)).over

    await send(storage, two)

    outcome = await find(storage)
    assert (outcome.undelivered, outcome.lost) == (0, 1)
    assert outcome.over
    assert not outcome.well


async def test_answer_without_words_is_well(storage: Storage) -> None:
    await finish(storage, await admit_and_take(storage, "1"))

    assert (await find(storage)).well


@pytest.mark.parametrize("state", [InboxState.IGNORED, InboxState.CANCELLED, InboxState.DEAD])
async def test_what_ended_otherwise_is_over_and_says_why(
    storage: Storage, state: InboxState
) -> None:
    await finish(storage, await admit_and_take(storage, "1"), state, "not wanted")

    outcome = await find(storage)
    assert (outcome.state, outcome.problem) == (state, "not wanted")
    assert outcome.over
    assert not outcome.well


async def test_parts_of_other_items_do_not_count(storage: Storage) -> None:
    """Among twelve there are numbers that begin alike."""
    items = [await admit_and_take(storage, str(n), a_chat(str(n))) for n in range(12)]
    for item in items[1:]:
        await answer(storage, item, "one")
    await finish(storage, items[0])

    assert (await find(storage, "0")).undelivered == 0
    assert (await find(storage, "11")).undelivered == 1


async def test_item_is_found_after_its_chat_moved(storage: Storage) -> None:
    (part,) = await answer(storage, await admit_and_take(storage, "1", a_chat("-1")), "one")
    old = ChatRef(channel="telegram", chat_id="-1")

    await storage.outbox.move_chat(old, "-1001")

    assert (await find(storage)).undelivered == 1
    await send(storage, part)
    assert (await find(storage)).well


async def test_next_process_finds_the_same(home: Home) -> None:
    async with home.open() as storage:
        await answer(storage, await admit_and_take(storage, "1"), "one")
    async with home.open() as storage:
        assert (await find(storage)).undelivered == 1


async def test_contents_are_found_while_they_are_kept(storage: Storage) -> None:
    arrival = an_arrival("1", text="grüße 👋")
    await storage.inbox.admit([arrival, unreadable("2")])
    item = await take(storage)
    assert await storage.outcomes.contents(item.id) == arrival.message
    await finish(storage, item)
    assert await storage.outcomes.contents(item.id) == arrival.message
    assert await storage.outcomes.contents(item.id + 1) is None
    assert await storage.outcomes.contents(999) is None
