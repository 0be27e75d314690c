import asyncio
from collections import defaultdict
from datetime import timedelta

import pytest

from minibot.app import dispatcher as dispatcher_module
from minibot.core.events import ChatRekeyed, SettingsChanged
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.ports import TurnResult
from tests.app.rig import Rig, cancel, in_background
from tests.app.worker import Worker, admit
from tests.fakes import make_arrival, make_chat, make_settings, settle, until


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def worker(rig: Rig) -> Worker:
    return Worker(rig)


async def test_conversation_is_served_in_order_one_at_a_time(rig: Rig, worker: Worker) -> None:
    first = worker.hold("a1")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "1", "a1", "a2", "a3")
        await first.reached.wait()
        await settle()
        assert worker.begun == ["a1"]
        first.open()
        await until(lambda: len(worker.ended) == 3)
    assert worker.ended == ["a1", "a2", "a3"]


async def test_conversations_do_not_wait_for_each_other(rig: Rig, worker: Worker) -> None:
    gate = worker.hold("a1")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "1", "a1", "a2")
        await admit(rig, "2", "b1", "b2")
        await until(lambda: worker.ended == ["b1", "b2"])
        gate.open()
        await until(lambda: worker.ended == ["b1", "b2", "a1", "a2"])


async def test_what_was_stored_before_the_start_is_found(rig: Rig, worker: Worker) -> None:
    await admit(rig, "1", "a1", "a2")
    await admit(rig, "2", "/stop", urgent=True)
    async with in_background(rig.dispatcher(worker.run).run):
        await until(lambda: sorted(worker.ended) == ["/stop", "a1", "a2"])


async def test_no_more_turns_at_once_than_allowed() -> None:
    rig = Rig(make_settings(runtime={"max_concurrent_turns": 3}))
    worker = Worker(rig)
    gates = [worker.hold(f"m{number}") for number in range(8)]
    async with in_background(rig.dispatcher(worker.run).run):
        for number in range(8):
            await admit(rig, str(number), f"m{number}")
        await settle()
        assert worker.begun == ["m0", "m1", "m2"]
        for gate in gates:
            gate.open()
        await until(lambda: len(worker.ended) == 8)
    assert worker.most == 3


async def test_raised_cap_is_used_at_once(rig: Rig) -> None:
    rig.live.replace(make_settings(runtime={"max_concurrent_turns": 1}))
    worker = Worker(rig)
    for text in ("a", "b"):
        worker.hold(text)
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "1", "a")
        await admit(rig, "2", "b")
        await settle()
        assert worker.begun == ["a"]
        rig.live.replace(make_settings(runtime={"max_concurrent_turns": 2}))
        rig.bus.publish(
            SettingsChanged(
                generation=2, changed_keys=("runtime.max_concurrent_turns",), restart_keys=()
            )
        )
        await settle()
        assert worker.begun == ["a", "b"]


async def test_head_of_the_line_is_waited_for_by_the_clock(rig: Rig, worker: Worker) -> None:
    failed = await rig.take("a1", text="a1")
    await rig.storage.inbox.postpone(failed.id, rig.clock.now() + timedelta(seconds=30), "odd")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "42", "a2")
        await admit(rig, "2", "b1")
        await rig.clock.advance(29)
        assert worker.begun == ["b1"], "a2 stays behind a1"
        await rig.clock.advance(1)
        await until(lambda: worker.ended == ["b1", "a1", "a2"])


async def test_urgent_message_passes_a_running_turn_and_a_full_house(rig: Rig) -> None:
    rig.live.replace(make_settings(runtime={"max_concurrent_turns": 1}))
    worker = Worker(rig)
    gate = worker.hold("slow")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "1", "slow")
        await gate.reached.wait()
        await admit(rig, "1", "/stop", urgent=True)
        await until(lambda: worker.ended == ["/stop"])
        gate.open()
        await until(lambda: worker.ended == ["/stop", "slow"])


async def test_urgent_message_that_is_gone_is_passed_over(rig: Rig, worker: Worker) -> None:
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await rig.take("gone", text="/stop", urgent=True)
        rig.bus.publish((await rig.storage.inbox.admit([make_arrival("x", urgent=True)]))[0])
        rig.rows.inbox.clear()
        await dispatcher.drained()
    assert worker.begun == []


@pytest.mark.parametrize("urgent", [False, True])
async def test_failing_storage_is_asked_again(rig: Rig, worker: Worker, urgent: bool) -> None:
    rig.faults.fail("inbox.claim_urgent" if urgent else "inbox.claim", times=2)
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "a1", urgent=urgent)
        await settle()
        assert worker.begun == []
        await rig.clock.advance(1)
        assert worker.begun == []
        await rig.clock.advance(1)
        await until(lambda: worker.ended == ["a1"])
        await dispatcher.drained()


async def test_storage_that_fails_at_the_start_is_asked_again(rig: Rig, worker: Worker) -> None:
    await admit(rig, "1", "a1")
    rig.faults.fail("inbox.open_conversations")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        drained = asyncio.create_task(dispatcher.drained())
        await settle()
        assert not drained.done()
        await rig.clock.advance(1)
        await drained
    assert worker.ended == ["a1"]


async def test_too_many_hints_lead_to_reading_the_inbox(rig: Rig, worker: Worker) -> None:
    gate = rig.faults.hold_before("inbox.open_conversations")
    async with in_background(rig.dispatcher(worker.run).run):
        await gate.reached.wait()
        hint = (await rig.storage.inbox.admit([make_arrival("a1", "a1", make_chat("1"))]))[0]
        for _ in range(dispatcher_module.CAPACITY + 1):
            rig.bus.publish(hint)
        await rig.storage.inbox.admit([make_arrival("b1", "b1", make_chat("2"))])
        gate.open()
        await until(lambda: sorted(worker.ended) == ["a1", "b1"])
    assert rig.faults.calls["inbox.open_conversations"] == 2


async def test_chat_with_a_new_id_is_looked_for(rig: Rig, worker: Worker) -> None:
    gate = worker.hold("a1")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "-1", "a1", "a2")
        await gate.reached.wait()
        await rig.storage.outbox.move_chat(make_chat("-1"), "-1001")
        rig.bus.publish(ChatRekeyed(old=make_chat("-1"), new_chat_id="-1001"))
        await settle()
        assert worker.begun == ["a1"], "under its new name it is still the same conversation"
        gate.open()
        await until(lambda: worker.ended == ["a1", "a2"])


async def test_drained_waits_for_turns_and_for_what_was_only_hinted_at(
    rig: Rig, worker: Worker
) -> None:
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    drained = asyncio.create_task(dispatcher.drained())
    await settle()
    assert not drained.done(), "nobody has looked yet"
    async with in_background(dispatcher.run):
        await drained
        await admit(rig, "1", "a1")  # published, not yet read from the queue
        drained = asyncio.create_task(dispatcher.drained())
        await gate.reached.wait()
        await settle()
        assert not drained.done()
        gate.open()
        await drained
    assert worker.ended == ["a1"]


async def test_drained_waits_for_a_hint_nobody_has_read(rig: Rig, worker: Worker) -> None:
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "a1")
        await dispatcher.drained()
        assert worker.ended == ["a1"]


async def test_message_that_comes_as_its_lane_is_about_to_end_is_seen(
    rig: Rig, worker: Worker
) -> None:
    first = worker.hold("a1")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "1", "a1")
        await first.reached.wait()
        nothing_found = rig.faults.hold_after("inbox.claim")
        first.open()
        await nothing_found.reached.wait()
        await admit(rig, "1", "a2")
        await settle()
        nothing_found.open()
        await until(lambda: worker.ended == ["a1", "a2"])


async def test_drained_waits_while_the_inbox_is_being_read_again(rig: Rig, worker: Worker) -> None:
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await dispatcher.drained()
        await rig.storage.inbox.admit([make_arrival("a1", "a1", make_chat("1"))])
        gate = rig.faults.hold_before("inbox.open_conversations")
        rig.bus.publish(ChatRekeyed(old=make_chat("-9"), new_chat_id="-99"))
        await gate.reached.wait()
        drained = asyncio.create_task(dispatcher.drained())
        await settle()
        assert not drained.done()
        gate.open()
        await drained
    assert worker.ended == ["a1"]


async def test_drained_waits_for_urgent_ones(rig: Rig, worker: Worker) -> None:
    gate = worker.hold("/stop")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "/stop", urgent=True)
        await gate.reached.wait()
        drained = asyncio.create_task(dispatcher.drained())
        await settle()
        assert not drained.done()
        gate.open()
        await drained


async def test_after_stop_nothing_begins_and_what_runs_ends(rig: Rig, worker: Worker) -> None:
    gate = worker.hold("a1")
    failed = await rig.take("c1", text="c1", chat=make_chat("3"))
    await rig.storage.inbox.postpone(failed.id, rig.clock.now() + timedelta(seconds=30), "odd")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "a1", "a2")
        await gate.reached.wait()
        dispatcher.stop_claiming()
        await admit(rig, "2", "b1")
        await admit(rig, "2", "/stop", urgent=True)
        drained = asyncio.create_task(dispatcher.drained())
        await settle()
        assert not drained.done()
        gate.open()
        await drained
        await rig.clock.advance(60)
    assert worker.begun == ["a1"]
    waiting = [row.state for row in rig.rows.inbox.values() if row.arrival.key != "a1"]
    assert waiting == [InboxState.RETRY, *[InboxState.RECEIVED] * 3]


async def test_after_stop_those_who_wait_for_a_slot_begin_nothing(rig: Rig) -> None:
    rig.live.replace(make_settings(runtime={"max_concurrent_turns": 1}))
    worker = Worker(rig)
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "a1")
        await admit(rig, "2", "b1")
        await gate.reached.wait()
        dispatcher.stop_claiming()
        gate.open()
        await dispatcher.drained()
    assert worker.begun == ["a1"]


async def test_after_stop_a_failing_storage_is_not_asked_for_ever(rig: Rig, worker: Worker) -> None:
    rig.faults.fail("inbox.claim", times=100)
    rig.faults.fail("inbox.claim_urgent", times=100)
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "a1")
        await admit(rig, "1", "/stop", urgent=True)
        await settle()
        dispatcher.stop_claiming()
        drained = asyncio.create_task(dispatcher.drained())
        await rig.clock.advance(1)
        await drained
    assert worker.begun == []


async def test_cancelled_dispatcher_gives_running_items_back(rig: Rig, worker: Worker) -> None:
    for text in ("a1", "/stop"):
        worker.hold(text)
    async with in_background(rig.dispatcher(worker.run).run) as (running,):
        await admit(rig, "1", "a1", "a2")
        await admit(rig, "1", "/stop", urgent=True)
        await until(lambda: len(worker.running) == 2)
        await cancel(running)
    rows = list(rig.rows.inbox.values())
    assert [row.state for row in rows] == [InboxState.RECEIVED] * 3
    assert [row.attempts for row in rows] == [0, 0, 0]


async def test_dispatcher_that_was_cancelled_can_run_again(rig: Rig, worker: Worker) -> None:
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run) as (running,):
        await admit(rig, "1", "a1")
        await gate.reached.wait()
        await cancel(running)
    del worker.gates["a1"]
    async with in_background(dispatcher.run):
        await dispatcher.drained()
    assert worker.ended == ["a1"]


async def test_nothing_is_claimed_twice_nor_out_of_order(rig: Rig) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    at_work: set[str] = set()

    async def run(item: InboxItem) -> bool:
        assert item.conversation not in at_work
        at_work.add(item.conversation)
        seen[item.conversation].append(int(item.message.text))
        await settle(item.id % 5)
        at_work.discard(item.conversation)
        await rig.storage.ledger.finish(
            TurnResult(item=item, state=InboxState.DONE), claim_first=False
        )
        return True

    rig.live.replace(make_settings(runtime={"max_concurrent_turns": 7}))
    dispatcher = rig.dispatcher(run)
    async with in_background(dispatcher.run):
        for number in range(20):
            await rig.admit(
                [
                    make_arrival(f"{chat}/{number}", str(number), make_chat(str(chat)))
                    for chat in range(50)
                ]
            )
            await settle(number % 7)
        await dispatcher.drained()
    assert len(seen) == 50
    assert all(numbers == list(range(20)) for numbers in seen.values())


async def test_bug_in_a_turn_reaches_whoever_runs_the_dispatcher(rig: Rig) -> None:
    async def run(_item: InboxItem) -> bool:
        raise LookupError("a bug")

    await admit(rig, "1", "a1")
    with pytest.RaisesGroup(LookupError):
        await rig.dispatcher(run).run()


async def test_letting_go_twice_or_of_what_nobody_serves_changes_nothing(
    rig: Rig, worker: Worker
) -> None:
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    await admit(rig, "1", "a1", "a2", "a3")
    item = await rig.storage.inbox.claim("telegram:1")
    assert isinstance(item, InboxItem)
    dispatcher.let_go(item)
    await rig.storage.inbox.release(item.id)
    async with in_background(dispatcher.run):
        await gate.reached.wait()
        await rig.storage.inbox.set_aside(item.id)
        dispatcher.let_go(item)
        dispatcher.let_go(item)
        await until(lambda: worker.ended == ["a2", "a3"])
        gate.open()
        await until(lambda: worker.ended == ["a2", "a3", "a1"])
        await dispatcher.drained()
    assert worker.most == 2
