"""Urgent items that were put off: no lane waits for them, and they run at their time."""

from datetime import timedelta

import pytest

from minibot.app.pipeline import Answer, TurnContext
from minibot.app.recorder import WAITING_AT_MOST
from minibot.app.urgent import GONE_AFTER_SECONDS
from minibot.core.inbox import InboxState, crash_delay, retry_delay
from tests.app.rig import Rig, cancel, in_background
from tests.app.worker import Worker, admit
from tests.fakes import settle, until


@pytest.fixture
def rig() -> Rig:
    return Rig()


class Flaky:
    """A handler that does what a test says, and then answers."""

    def __init__(self, *steps: Exception | Answer) -> None:
        self.steps = list(steps)
        self.calls = 0

    async def __call__(self, context: TurnContext) -> Answer:
        self.calls += 1
        step = self.steps.pop(0) if self.steps else Answer()
        if isinstance(step, Exception):
            raise step
        return step


async def test_item_whose_handler_raised_runs_again_at_its_time(rig: Rig) -> None:
    handler = Flaky(LookupError("a bug"), LookupError("a bug"))
    async with in_background(rig.dispatcher(rig.turns(handler).run).run):
        await admit(rig, "1", "/now", urgent=True)
        await settle()
        assert handler.calls == 1
        await rig.clock.advance(1.9)
        assert handler.calls == 1
        await rig.clock.advance(0.1)
        assert handler.calls == 2
        await rig.clock.advance(4)
        assert handler.calls == 3
    assert rig.state(1) is InboxState.DONE


async def test_item_that_waits_for_a_model_runs_when_it_is_woken(rig: Rig) -> None:
    handler = Flaky(*[Answer(state=InboxState.WAITING, problem="no model")] * 3)
    async with in_background(rig.dispatcher(rig.turns(handler).run).run):
        await admit(rig, "1", "/now", urgent=True)
        await rig.clock.advance(60)
        assert handler.calls == 1
        for calls in (2, 3, 4):
            for event in await rig.storage.inbox.wake_waiting(9):
                rig.bus.publish(event)
            await settle()
            assert handler.calls == calls
    assert rig.state(1) is InboxState.DONE


async def test_item_that_nobody_wakes_runs_when_it_waited_long_enough(rig: Rig) -> None:
    handler = Flaky(Answer(state=InboxState.WAITING, problem="no model"))
    async with in_background(rig.dispatcher(rig.turns(handler).run).run):
        await admit(rig, "1", "/now", urgent=True)
        await rig.clock.advance(WAITING_AT_MOST.total_seconds() + 60)
    assert handler.calls == 2
    assert rig.state(1) is InboxState.DONE


async def test_item_that_was_put_off_before_the_start_runs_when_its_time_has_come(
    rig: Rig,
) -> None:
    failed = await rig.take("1", text="/now", urgent=True)
    await rig.storage.inbox.postpone(failed.id, rig.clock.now() + timedelta(seconds=300), "odd")
    worker = Worker(rig)
    async with in_background(rig.dispatcher(worker.run).run):
        await rig.clock.advance(299)
        assert worker.begun == []
        await rig.clock.advance(61)
        assert worker.ended == ["/now"]


async def test_no_item_is_put_off_for_longer_than_it_is_looked_for() -> None:
    longest = max(retry_delay(100), crash_delay(100), WAITING_AT_MOST)

    assert longest + timedelta(seconds=120) < timedelta(seconds=GONE_AFTER_SECONDS)


async def test_item_that_is_gone_is_not_looked_for_any_more(rig: Rig) -> None:
    worker = Worker(rig)
    async with in_background(rig.dispatcher(worker.run).run):
        failed = await rig.take("1", text="/now", urgent=True)
        later = rig.clock.now() + timedelta(seconds=30)
        await rig.storage.inbox.postpone(failed.id, later, "odd")
        (event,) = await rig.storage.inbox.open_conversations()
        rig.bus.publish(event)
        await settle()
        rig.rows.inbox.clear()
        await rig.clock.advance(GONE_AFTER_SECONDS + 60)
        asked = rig.faults.calls["inbox.claim_urgent"]
        await rig.clock.advance(3600)
        assert rig.faults.calls["inbox.claim_urgent"] == asked
        assert rig.clock.naps == []


async def test_drain_does_not_wait_for_what_is_put_off(rig: Rig) -> None:
    handler = Flaky(*[LookupError("a bug")] * 2)
    dispatcher = rig.dispatcher(rig.turns(handler).run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "/now", urgent=True)
        await until(lambda: handler.calls == 1)
        await dispatcher.drained()
        dispatcher.stop_claiming()
        await rig.clock.advance(60)
        await dispatcher.drained()
    assert handler.calls == 1
    assert rig.state(1) is InboxState.RETRY


async def test_drain_waits_for_what_was_woken(rig: Rig) -> None:
    worker = Worker(rig)
    gate = worker.hold("/now")
    failed = await rig.take("1", text="/now", urgent=True)
    await rig.storage.inbox.wait(failed.id, rig.clock.now() + timedelta(minutes=5), "no model")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await dispatcher.drained()
        (event,) = await rig.storage.inbox.wake_waiting(1)
        rig.bus.publish(event)
        async with in_background(dispatcher.drained) as (drained,):
            await gate.reached.wait()
            assert not drained.done()
            gate.open()
            await drained
    assert worker.ended == ["/now"]


async def test_shutdown_leaves_what_is_put_off_to_the_next_start(rig: Rig) -> None:
    handler = Flaky(LookupError("a bug"))
    dispatcher = rig.dispatcher(rig.turns(handler).run)
    async with in_background(dispatcher.run) as (running,):
        await admit(rig, "1", "/now", urgent=True)
        await settle()
        await cancel(running)
        assert rig.state(1) is InboxState.RETRY
    async with in_background(dispatcher.run):
        await rig.clock.advance(4)
    assert (handler.calls, rig.state(1)) == (2, InboxState.DONE)


async def test_item_is_looked_for_once_however_often_it_is_hinted_at(rig: Rig) -> None:
    failed = await rig.take("1", text="/now", urgent=True)
    await rig.storage.inbox.postpone(failed.id, rig.clock.now() + timedelta(seconds=300), "odd")
    (event,) = await rig.storage.inbox.open_conversations()
    worker = Worker(rig)
    async with in_background(rig.dispatcher(worker.run).run):
        for _ in range(50):
            rig.bus.publish(event)
            await settle()
        assert len(rig.clock.naps) == 1
        await rig.clock.advance(400)
    assert worker.begun == ["/now"]
