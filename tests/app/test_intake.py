import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from minibot.app.dispatcher import Dispatcher
from minibot.app.intake import Intake
from minibot.core.errors import StorageUnavailable
from minibot.core.events import MessageAccepted
from minibot.core.messages import Arrival
from minibot.core.outbox import Draft
from tests.app.rig import Rig, cancel, in_background, overheard
from tests.app.worker import Worker
from tests.fakes import make_arrival, make_chat, settle, until


@pytest.fixture
def rig() -> Rig:
    return Rig()


def door(
    rig: Rig, dispatcher: Dispatcher | None = None, busy: list[tuple[str, str]] | None = None
) -> Intake:
    async def tell(drafts: Sequence[Draft]) -> None:
        await rig.storage.outbox.enqueue(drafts)

    return Intake(
        rig.storage.inbox,
        rig.bus,
        dispatcher=dispatcher or rig.dispatcher(Worker(rig).run),
        tell=tell,
        crash_points=rig.crash_points,
        on_busy=lambda where, message: None if busy is None else busy.append((where, message.text)),
        chat_texts=rig.chats.chat_texts,
    )


def unreadable(key: str) -> Arrival:
    return replace(make_arrival(key), message=None, problem="no such field")


async def test_stored_messages_are_announced_in_order(rig: Rig) -> None:
    async with overheard(rig.bus, MessageAccepted) as events:
        await door(rig).receive([make_arrival("1"), make_arrival("2", "/stop", urgent=True)])
        await settle()
    assert events == [
        MessageAccepted(inbox_id=1, conversation="telegram:42", urgent=False),
        MessageAccepted(inbox_id=2, conversation="telegram:42", urgent=True),
    ]


async def test_same_delivery_twice_is_announced_once(rig: Rig) -> None:
    async with overheard(rig.bus, MessageAccepted) as events:
        for _ in range(2):
            await door(rig).receive([make_arrival("1")])
        await settle()
    assert len(events) == 1


async def test_full_disk_announces_nothing_and_is_the_channels_to_repeat(rig: Rig) -> None:
    rig.faults.fail("inbox.admit")
    async with overheard(rig.bus, MessageAccepted) as events:
        with pytest.raises(StorageUnavailable):
            await door(rig).receive([make_arrival("1")])
        await settle()
        assert events == []
        await door(rig).receive([make_arrival("1")])
        await settle()
    assert len(events) == 1


async def test_channel_may_confirm_only_what_is_on_the_disk(rig: Rig) -> None:
    gate = rig.faults.hold_before("inbox.secure")
    async with overheard(rig.bus, MessageAccepted) as events:
        receiving = asyncio.create_task(door(rig).receive([make_arrival("1")]))
        await gate.reached.wait()
        await settle()
        assert len(events) == 1, "work begins before"
        assert not receiving.done()
        gate.open()
        await receiving


async def test_disk_that_fails_late_has_the_channel_repeat_what_is_known(rig: Rig) -> None:
    rig.faults.fail("inbox.secure")
    async with overheard(rig.bus, MessageAccepted) as events:
        with pytest.raises(StorageUnavailable):
            await door(rig).receive([make_arrival("1")])
        await door(rig).receive([make_arrival("1")])
        await settle()
    assert len(events) == 1


async def test_unreadable_message_is_apologised_for_once_and_holds_up_no_other(rig: Rig) -> None:
    async with overheard(rig.bus, MessageAccepted) as events:
        for _ in range(2):
            await door(rig).receive([unreadable("1"), make_arrival("2")])
        await settle()
    assert [event.inbox_id for event in events if isinstance(event, MessageAccepted)] == [2]
    (apology,) = await rig.storage.outbox.waiting()
    assert "reference 1000-1" in apology.part.text
    assert [item.problem for item in await rig.storage.dead_letters.dead()] == ["no such field"]


async def test_apology_for_an_unreadable_message_is_in_the_language_of_the_chat(rig: Rig) -> None:
    await rig.chats.change("telegram:42", language="de")
    await door(rig).receive([unreadable("1")])
    (apology,) = await rig.storage.outbox.waiting()
    assert apology.part.text == (
        "⚠️ Ich habe etwas von dir bekommen, das ich nicht lesen kann. (Kennung 1000-1)"
    )


async def test_cancelled_while_it_stores_it_announces_all_the_same(rig: Rig) -> None:
    gate = rig.faults.hold_after("inbox.admit")
    async with overheard(rig.bus, MessageAccepted) as events:
        receiving = asyncio.create_task(door(rig).receive([make_arrival("1")]))
        await gate.reached.wait()
        receiving.cancel()
        await settle()
        gate.open()
        await cancel(receiving)
        assert receiving.cancelled()
        await settle()
    assert len(events) == 1


async def test_idle_lane_is_given_its_message_in_the_transaction_that_stores_it(rig: Rig) -> None:
    worker = Worker(rig)
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await door(rig, dispatcher).receive([make_arrival("a1", "a1", make_chat("1"))])
        await until(lambda: worker.ended == ["a1"])
        await dispatcher.drained()
    assert rig.faults.calls["inbox.claim"] == 0


async def test_batch_is_served_in_order_whichever_lanes_were_ready(rig: Rig) -> None:
    worker = Worker(rig)
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    intake = door(rig, dispatcher)
    async with in_background(dispatcher.run):
        await intake.receive(
            [
                make_arrival(text, text, make_chat(text[0]), urgent=text == "a/stop")
                for text in ("a1", "b1", "a2", "a/stop", "b2")
            ]
        )
        await gate.reached.wait()
        await intake.receive([make_arrival("a3", "a3", make_chat("a"))])
        await until(lambda: sorted(worker.ended) == ["a/stop", "b1", "b2"])
        gate.open()
        await dispatcher.drained()
    assert [text for text in worker.ended if text[0] == "a"] == ["a/stop", "a1", "a2", "a3"]
    assert [text for text in worker.ended if text[0] == "b"] == ["b1", "b2"]


async def test_full_disk_leaves_the_lanes_that_were_ready_free(rig: Rig) -> None:
    worker = Worker(rig)
    dispatcher = rig.dispatcher(worker.run)
    rig.faults.fail("inbox.admit")
    async with in_background(dispatcher.run):
        with pytest.raises(StorageUnavailable):
            await door(rig, dispatcher).receive([make_arrival("a1", "a1")])
        await dispatcher.drained()
        await door(rig, dispatcher).receive([make_arrival("a1", "a1")])
        await dispatcher.drained()
    assert worker.ended == ["a1"]


async def test_what_finds_its_conversation_busy_is_told_once(rig: Rig) -> None:
    worker = Worker(rig)
    gate = worker.hold("first")
    dispatcher, busy = rig.dispatcher(worker.run), list[tuple[str, str]]()
    intake = door(rig, dispatcher, busy)
    async with in_background(dispatcher.run):
        await intake.receive([make_arrival("1", "first")])
        await gate.reached.wait()
        for _ in range(2):
            await intake.receive([make_arrival("2", "second")])
        gate.open()
        await until(lambda: worker.ended == ["first", "second"])
    assert busy == [("telegram:42", "second")]
