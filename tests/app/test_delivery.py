import asyncio
from dataclasses import replace

import pytest

from minibot.core.errors import ChatClosed, SendFailed, SendRefused, SlowDown
from minibot.core.events import PartDead, PartDelivered
from tests.app.rig import Rig, cancel, in_background, overheard
from tests.fakes import Gate, make_chat, make_settings, settle, until

ANN = make_chat("1")
BOB = make_chat("2")


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_parts_of_a_chat_arrive_in_order_whatever_else_waits(rig: Rig) -> None:
    slow = Gate()
    rig.channel.fail("1", slow)
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await slow.reached.wait()
        rig.delivery.hand_over(await rig.enqueue("c", chat=ANN))
        rig.delivery.hand_over(await rig.enqueue("x", "y", chat=BOB))
        await until(lambda: rig.channel.said() == ["x", "y"])
        slow.open()
        await rig.delivery.settled()
    assert rig.channel.said("1") == ["a", "b", "c"]
    assert rig.part_states() == ["sent"] * 5


async def test_topics_of_one_chat_share_its_order(rig: Rig) -> None:
    async with in_background(rig.channels.run, rig.delivery.run):
        first = await rig.enqueue("a", chat=make_chat("-100", "5"))
        second = await rig.enqueue("b", chat=make_chat("-100", "6"))
        rig.channel.fail("-100", SlowDown(3))
        rig.delivery.hand_over(first)
        rig.delivery.hand_over(second)
        await settle()
        assert rig.channel.said() == []
        await rig.clock.advance(10)
    assert rig.channel.said() == ["a", "b"]


async def test_what_was_stored_before_the_start_is_delivered(rig: Rig) -> None:
    await rig.enqueue("a", "b", chat=ANN)
    async with in_background(rig.channels.run, rig.delivery.run):
        await rig.delivery.settled()
    assert rig.channel.said() == ["a", "b"]


async def test_parts_handed_over_before_the_start_fall_in_with_those_that_wait(rig: Rig) -> None:
    await rig.enqueue("a", chat=ANN)
    (later,) = await rig.enqueue("b", chat=ANN)
    await rig.enqueue("c", chat=ANN)
    rig.delivery.hand_over([later])
    assert not rig.delivery.is_free(BOB), "not running yet"
    async with in_background(rig.channels.run, rig.delivery.run):
        await rig.delivery.settled()
        assert rig.delivery.is_free(ANN)
    assert rig.channel.said() == ["a", "b", "c"]


async def test_delivered_part_is_told_with_its_attempts(rig: Rig) -> None:
    rig.channel.fail("1", SendFailed("reset"))
    async with (
        in_background(rig.channels.run, rig.delivery.run),
        overheard(rig.bus, PartDelivered, PartDead) as events,
    ):
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        await rig.clock.advance(1)
        await settle()
    assert events == [PartDelivered(part_id=1, conversation="telegram:1", attempts=2)]


async def test_slow_down_is_obeyed_by_its_chat_alone(rig: Rig) -> None:
    rig.channel.fail("1", SlowDown(30))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await settle()
        assert rig.part_states() == ["retry", "pending"]
        assert not rig.delivery.is_free(ANN)
        rig.delivery.hand_over(await rig.enqueue("x", chat=BOB))
        await rig.clock.advance(29)
        assert rig.channel.said() == ["x"]
        await rig.clock.advance(1)
        assert rig.channel.said("1") == ["a"]
        await rig.clock.advance(1)
        assert rig.channel.said("1") == ["a", "b"], "carefully, for a while"


async def test_chat_that_was_slowed_down_is_not_free_when_its_queue_is_empty(rig: Rig) -> None:
    rig.channel.fail("1", SlowDown(5))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        await rig.clock.advance(5)
        await rig.delivery.settled()
        assert rig.channel.said() == ["a"]
        assert not rig.delivery.is_free(ANN)
        await rig.clock.advance(1)
        assert rig.delivery.is_free(ANN)


async def test_refused_part_is_given_up_and_the_next_goes_on(rig: Rig) -> None:
    rig.channel.fail("1", SendRefused("too long"))
    async with (
        in_background(rig.channels.run, rig.delivery.run),
        overheard(rig.bus, PartDead) as events,
    ):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await rig.delivery.settled()
        await settle()
    assert rig.channel.said() == ["b"]
    assert rig.part_states() == ["dead", "sent"]
    assert events == [PartDead(part_id=1, conversation="telegram:1", problem="too long")]


async def test_closed_chat_takes_all_that_waits_with_it(rig: Rig) -> None:
    rig.channel.fail("1", ChatClosed("blocked"))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", "c", chat=ANN))
        rig.delivery.hand_over(await rig.enqueue("x", chat=BOB))
        await rig.delivery.settled()
        assert rig.part_states() == ["dead", "dead", "dead", "sent"]
        rig.delivery.hand_over(await rig.enqueue("d", chat=ANN))
        await rig.delivery.settled()
    assert rig.channel.said("1") == ["d"], "a chat that is open again is written to again"


async def test_closed_chat_stays_buried_over_a_failing_storage(rig: Rig) -> None:
    rig.channel.fail("1", ChatClosed("blocked"), ChatClosed("blocked"))
    rig.faults.fail("outbox.bury")
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await rig.clock.advance(1)
    assert rig.part_states() == ["dead", "dead"]


async def test_failed_part_is_tried_again_later_each_time(rig: Rig) -> None:
    rig.channel.fail("1", *(SendFailed("reset") for _ in range(4)))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        tries = []
        for _ in range(15):
            await settle()
            tries.append(len(rig.channel.tried))
            await rig.clock.advance(1)
    assert tries == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]
    assert rig.channel.said() == ["a", "b"]


async def test_failing_part_is_given_up_after_a_day(rig: Rig) -> None:
    rig.channel.fail("1", SendFailed("reset"), SendFailed("reset"), SendFailed("at last"))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        await settle()
    await rig.clock.advance(24 * 3600)
    async with in_background(rig.channels.run, rig.delivery.run):
        await rig.delivery.settled()
        assert rig.part_states() == ["retry"], "a day is not over before it is over"
        await rig.clock.advance(2)
    assert rig.part_states() == ["dead"]
    assert rig.rows.outbox[1].problem == "could not be delivered for a day: at last"


async def test_part_that_breaks_its_channel_holds_up_no_other_chat(rig: Rig) -> None:
    rig.channel.fail("1", LookupError("a bug"))
    slow = Gate()
    rig.channel.fail("2", slow)
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("x", chat=BOB))
        await slow.reached.wait()
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        await settle()
        slow.open()
        await rig.clock.advance(1)
    assert [each.part.text for each in rig.channel.tried] == ["x", "a", "a"]
    assert rig.channel.said() == ["x", "a"]


async def test_storage_failing_at_the_claim_loses_nothing(rig: Rig) -> None:
    rig.faults.fail("outbox.claim", times=2)
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await rig.delivery.settled()
        assert rig.channel.said() == []
        await rig.clock.advance(2)
    assert rig.channel.said() == ["a", "b"]


async def test_storage_failing_behind_a_delivery_repeats_the_record_only(rig: Rig) -> None:
    rig.faults.fail("outbox.mark_sent", times=2)
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await rig.clock.advance(1)
        assert rig.channel.said() == ["a"]
        assert rig.part_states() == ["sending", "pending"]
        await rig.clock.advance(1)
        await rig.delivery.settled()
    assert rig.channel.said() == ["a", "b"]
    assert rig.part_states() == ["sent", "sent"]


async def test_storage_failing_at_the_postponing_sends_again_without_a_claim(rig: Rig) -> None:
    rig.channel.fail("1", SendFailed("reset"))
    rig.faults.fail("outbox.postpone")
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        await rig.clock.advance(1)
    assert rig.channel.said() == ["a"]
    assert rig.faults.calls["outbox.claim"] == 1


async def test_storage_failing_at_the_start_is_for_the_supervisor(rig: Rig) -> None:
    await rig.enqueue("a", chat=ANN)
    rig.faults.fail("outbox.waiting")

    async def supervised() -> None:
        await rig.supervisor.keep("delivery", rig.delivery.run)

    async with in_background(rig.channels.run, supervised):
        assert rig.channel.said() == []
        await rig.clock.advance(1)
        await rig.delivery.settled()
    assert rig.channel.said() == ["a"]


async def test_part_somebody_else_took_is_passed_over(rig: Rig) -> None:
    async with in_background(rig.channels.run, rig.delivery.run):
        parts = await rig.enqueue("a", "b", chat=ANN)
        await rig.storage.outbox.claim(parts[0].id)
        rig.delivery.hand_over(parts)
        await rig.delivery.settled()
    assert rig.channel.said() == ["b"]


async def test_part_recorded_as_being_sent_is_sent_without_a_claim(rig: Rig) -> None:
    (part,) = await rig.enqueue("a", chat=ANN)
    claimed = await rig.storage.outbox.claim(part.id)
    assert claimed is not None
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over([claimed])
        await rig.delivery.settled()
    assert rig.channel.said() == ["a"]
    assert rig.faults.calls["outbox.claim"] == 1


async def test_channel_that_is_off_keeps_its_parts_until_it_is_on_again(rig: Rig) -> None:
    def switch(enabled: bool) -> None:
        telegram = rig.live.current.channels.telegram.model_copy(update={"enabled": enabled})
        channels = rig.live.current.channels.model_copy(update={"telegram": telegram})
        rig.live.replace(rig.live.current.model_copy(update={"channels": channels}))
        rig.channels.follow_settings()

    rig.live.replace(make_settings())
    async with in_background(rig.channels.run, rig.delivery.run):
        switch(enabled=False)
        await settle()
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await rig.delivery.settled()
        await rig.clock.advance(90)
        assert rig.part_states() == ["pending", "pending"]
        switch(enabled=True)
        await rig.clock.advance(1)
        await rig.delivery.settled()
    assert rig.channel.said() == ["a", "b"]


async def test_settled_waits_for_the_start_and_for_what_is_on_its_way(rig: Rig) -> None:
    slow = Gate()
    rig.channel.fail("1", slow)
    settled = asyncio.create_task(rig.delivery.settled())
    await settle()
    assert not settled.done()
    async with in_background(rig.channels.run, rig.delivery.run):
        await settled
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        settled = asyncio.create_task(rig.delivery.settled())
        await slow.reached.wait()
        await settle()
        assert not settled.done()
        slow.open()
        await settled


async def test_settled_does_not_wait_for_a_chat_that_must_wait_itself(rig: Rig) -> None:
    rig.channel.fail("1", SlowDown(3600))
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", chat=ANN))
        await rig.delivery.settled()
    assert rig.channel.said() == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["claim", "mark_sent", "postpone", "bury"])
async def test_cancelled_in_the_middle_of_a_record_it_goes_on_where_it_stopped(
    rig: Rig, call: str, moment: str
) -> None:
    if call == "postpone":
        rig.channel.fail("1", SendFailed("reset"))
    if call == "bury":
        rig.channel.fail("1", SendRefused("no"))
    hold = rig.faults.hold_before if moment == "before" else rig.faults.hold_after
    gate = hold(f"outbox.{call}")
    async with in_background(rig.channels.run, rig.delivery.run) as (_, running):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await gate.reached.wait()
        running.cancel()
        await settle()
        gate.open()
        await cancel(running)
    async with in_background(rig.channels.run, rig.delivery.run):
        await rig.clock.advance(1)
        await rig.delivery.settled()
    assert rig.channel.said() == (["b"] if call == "bury" else ["a", "b"])
    assert set(rig.part_states()) <= {"sent", "dead"}


async def test_part_whose_sending_was_cut_short_is_sent_again(rig: Rig) -> None:
    rig.channel.fail("1", Gate())
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over(await rig.enqueue("a", "b", chat=ANN))
        await settle()
    assert rig.part_states() == ["sending", "pending"]
    async with in_background(rig.channels.run, rig.delivery.run):
        await rig.delivery.settled()
    assert rig.channel.said() == ["a", "b"]


async def test_part_waits_for_its_own_moment(rig: Rig) -> None:
    (part,) = await rig.enqueue("a", chat=ANN)
    claimed = await rig.storage.outbox.claim(part.id)
    assert claimed is not None
    later = rig.clock.now().replace(minute=59)
    await rig.storage.outbox.postpone(part.id, later, "later")
    async with in_background(rig.channels.run, rig.delivery.run):
        rig.delivery.hand_over([replace(part, not_before=later)])
        await rig.clock.advance((later - rig.clock.now()).total_seconds() - 1)
        assert rig.channel.said() == []
        await rig.clock.advance(1)
        assert rig.channel.said() == ["a"]
