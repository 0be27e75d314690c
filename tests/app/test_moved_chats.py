import asyncio

import pytest

from minibot.core.errors import ChatMoved, SendFailed
from minibot.core.events import ChatRekeyed, TroubleNoticed
from tests.app.rig import Rig, in_background, overheard
from tests.fakes import Gate, make_chat, settle

OLD = make_chat("-1")


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_move_is_remembered_told_and_gives_what_waits(rig: Rig) -> None:
    await rig.enqueue("a", "b", chat=OLD)
    async with overheard(rig.bus, ChatRekeyed, TroubleNoticed) as events:
        moved = await rig.moved_chats.move(OLD, "-1001")
        await settle()
    assert [(part.part.text, part.chat.chat_id) for part in moved] == [
        ("a", "-1001"),
        ("b", "-1001"),
    ]
    assert rig.moved_chats.new_by_old() == {"telegram:-1": "telegram:-1001"}
    rekeyed, trouble = events
    assert rekeyed == ChatRekeyed(old=OLD, new_chat_id="-1001")
    assert isinstance(trouble, TroubleNoticed)
    assert "allowed_chat_ids" in trouble.text


async def test_moves_of_earlier_processes_are_loaded(rig: Rig) -> None:
    await rig.storage.outbox.move_chat(OLD, "-1001")
    assert rig.moved_chats.new_by_old() == {}
    await rig.moved_chats.load()
    assert rig.moved_chats.new_by_old() == {"telegram:-1": "telegram:-1001"}


async def test_delivery_goes_on_under_the_new_id_in_order(rig: Rig) -> None:
    rig.channel.fail("-1", ChatMoved("-1001"))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", "c", chat=OLD))
        await rig.delivery.settled()
        assert rig.delivery.is_free(OLD)
    assert rig.channel.said("-1001") == ["a", "b", "c"]
    assert rig.part_states() == ["sent"] * 3


async def test_topic_of_a_moved_chat_is_kept(rig: Rig) -> None:
    rig.channel.fail("-1", ChatMoved("-1001"))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", chat=make_chat("-1", "17")))
        await rig.delivery.settled()
    assert [part.chat for part in rig.channel.sent] == [make_chat("-1001", "17")]


async def test_part_on_its_way_while_the_chat_is_moved_by_others_is_not_lost(rig: Rig) -> None:
    sending = Gate()
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.channel.fail("-1", sending)
        rig.channel.fail("-1001", SendFailed("not yet"))
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=OLD))
        await sending.reached.wait()
        rig.delivery.hand_over(await rig.moved_chats.move(OLD, "-1001"))
        await settle()
        sending.refuse(ChatMoved("-1001"))
        await rig.clock.advance(10)
        await rig.delivery.settled()
    assert sorted(rig.channel.said("-1001")) == ["a", "b"]
    assert rig.part_states() == ["sent", "sent"]


async def test_storage_failing_at_the_move_loses_nothing(rig: Rig) -> None:
    rig.channel.fail("-1", *(ChatMoved("-1001") for _ in range(3)))
    rig.faults.fail("outbox.move_chat")
    rig.faults.fail("outbox.release")
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=OLD))
        await rig.clock.advance(2)
        await rig.delivery.settled()
    assert rig.channel.said("-1001") == ["a", "b"]


async def test_cancelled_in_the_middle_of_a_move_loses_nothing(rig: Rig) -> None:
    rig.channel.fail("-1", ChatMoved("-1001"))
    gate = rig.faults.hold_after("outbox.move_chat")
    async with in_background(rig.channels.run, rig.delivery.run) as (_, running):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=OLD))
        await gate.reached.wait()
        running.cancel()
        await settle()
        gate.open()
        await asyncio.wait((running,))
    async with in_background(rig.channels.run, rig.delivery.run):
        await rig.delivery.settled()
    assert rig.channel.said("-1001") == ["a", "b"]
