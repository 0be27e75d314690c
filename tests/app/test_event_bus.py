import asyncio
import logging

import pytest

from minibot.app.event_bus import EventBus, Resync, WhenFull
from minibot.core.events import Event, MessageAccepted, SettingsRejected, TroubleNoticed
from tests.fakes import settle


def accepted(number: int) -> MessageAccepted:
    return MessageAccepted(inbox_id=number, conversation="telegram:1", urgent=False)


async def take(subscription: object, wanted: int) -> list[Event]:
    found = []
    async for event in subscription:  # type: ignore[attr-defined]  # any subscription
        found.append(event)
        if len(found) == wanted:
            break
    return found


async def test_subscriber_gets_its_types_in_order() -> None:
    bus = EventBus()
    with bus.subscribe(
        "s", MessageAccepted, TroubleNoticed, capacity=9, when_full=WhenFull.DROP_OLDEST
    ) as events:
        trouble = TroubleNoticed(topic="t", text="x")
        for event in (accepted(1), SettingsRejected(problems=()), trouble, accepted(2)):
            bus.publish(event)
        assert await take(events, 3) == [accepted(1), trouble, accepted(2)]


async def test_base_type_stands_for_all_derived_ones() -> None:
    bus = EventBus()
    with bus.subscribe("s", Event, capacity=9, when_full=WhenFull.DROP_OLDEST) as events:
        bus.publish(accepted(1))
        bus.publish(SettingsRejected(problems=()))
        assert await take(events, 2) == [accepted(1), SettingsRejected(problems=())]


async def test_every_subscriber_gets_its_own_copy() -> None:
    bus = EventBus()
    with (
        bus.subscribe("a", MessageAccepted, capacity=2, when_full=WhenFull.DROP_OLDEST) as first,
        bus.subscribe("b", MessageAccepted, capacity=2, when_full=WhenFull.DROP_OLDEST) as second,
    ):
        bus.publish(accepted(1))
        assert await take(first, 1) == await take(second, 1) == [accepted(1)]


async def test_full_watcher_forgets_the_oldest_and_counts_it() -> None:
    bus = EventBus()
    with bus.subscribe("s", MessageAccepted, capacity=2, when_full=WhenFull.DROP_OLDEST) as events:
        for number in range(5):
            bus.publish(accepted(number))
        assert events.stats().dropped == 3
        assert await take(events, 2) == [accepted(3), accepted(4)]


async def test_full_worker_is_told_to_resync_and_goes_on_behind_it() -> None:
    bus = EventBus()
    with bus.subscribe("s", MessageAccepted, capacity=2, when_full=WhenFull.RESYNC) as events:
        for number in range(4):
            bus.publish(accepted(number))
        assert await take(events, 2) == [Resync(), accepted(3)]
        assert events.stats().dropped == 3


async def test_counters_tell_depth_delivered_and_latency() -> None:
    bus = EventBus()
    with bus.subscribe("s", MessageAccepted, capacity=9, when_full=WhenFull.RESYNC) as events:
        (empty,) = bus.stats()
        assert (empty.name, empty.depth, empty.delivered) == ("s", 0, 0)
        assert (empty.mean_latency_seconds, empty.max_latency_seconds) == (0.0, 0.0)
        for number in range(3):
            bus.publish(accepted(number))
        await take(events, 2)
        (stats,) = bus.stats()
    assert (stats.depth, stats.delivered, stats.dropped) == (1, 2, 0)
    assert 0 < stats.mean_latency_seconds <= stats.max_latency_seconds < 10


async def test_sleeping_subscriber_is_woken() -> None:
    bus = EventBus()
    with bus.subscribe("s", MessageAccepted, capacity=9, when_full=WhenFull.RESYNC) as events:
        waiting = asyncio.create_task(take(events, 2))
        await settle()
        bus.publish(accepted(1))
        await settle()
        assert not waiting.done()
        bus.publish(accepted(2))
        assert await waiting == [accepted(1), accepted(2)]


async def test_subscriber_may_publish_into_its_own_full_queue() -> None:
    bus = EventBus()
    with bus.subscribe("s", MessageAccepted, capacity=1, when_full=WhenFull.RESYNC) as events:
        bus.publish(accepted(0))
        seen = 0
        async for _ in events:
            seen += 1
            if seen == 50:
                break
            bus.publish(accepted(1))
            bus.publish(accepted(2))
    assert seen == 50


async def test_subscription_ends_with_its_block() -> None:
    bus = EventBus()
    with (
        pytest.raises(LookupError),
        bus.subscribe("s", MessageAccepted, capacity=1, when_full=WhenFull.RESYNC) as events,
    ):
        raise LookupError
    bus.publish(accepted(1))
    assert bus.stats() == []
    assert events.stats().depth == 0


async def test_subscription_without_room_is_refused() -> None:
    bus = EventBus()
    with (
        pytest.raises(ValueError, match="at least one"),
        bus.subscribe("s", MessageAccepted, capacity=0, when_full=WhenFull.RESYNC),
    ):
        pass
    assert bus.stats() == []


def test_every_event_is_logged_at_debug_whether_heard_or_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = EventBus()

    with caplog.at_level(logging.INFO, logger="minibot.app.event_bus"):
        bus.publish(Resync())
    with caplog.at_level(logging.DEBUG, logger="minibot.app.event_bus"):
        bus.publish(Resync())

    (line,) = caplog.records
    assert (line.__dict__["event_type"], line.__dict__["event_id"]) == ("Resync", 2)


async def test_subscriber_is_not_woken_for_what_it_does_not_want() -> None:
    bus = EventBus()
    with bus.subscribe(
        "s",
        MessageAccepted,
        capacity=1,
        when_full=WhenFull.RESYNC,
        wanted=lambda event: event == accepted(2),
    ) as events:
        for number in range(4):
            bus.publish(accepted(number))
        assert await take(events, 1) == [accepted(2)]
        assert (events.stats().depth, events.stats().dropped) == (0, 0)
