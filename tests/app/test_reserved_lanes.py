"""Lanes that are held for what is being stored; see `Dispatcher.reserve`."""

import asyncio
from dataclasses import replace

import pytest

from minibot.core.inbox import InboxItem, InboxState
from minibot.core.ports import TurnResult
from tests.app.rig import Rig, cancel, in_background
from tests.app.worker import Worker, admit
from tests.fakes import make_settings, settle, until


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def worker(rig: Rig) -> Worker:
    return Worker(rig)


async def test_lanes_are_reserved_while_there_is_room_and_nobody_is_there(rig: Rig) -> None:
    rig.live.replace(make_settings(runtime={"max_concurrent_turns": 2}))
    worker = Worker(rig)
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    assert not dispatcher.reserve(["telegram:1"]), "not running yet"
    async with in_background(dispatcher.run):
        await admit(rig, "1", "a1")
        await gate.reached.wait()
        reserved = dispatcher.reserve(["telegram:1", "telegram:2", "telegram:2", "telegram:3"])
        assert list(reserved) == ["telegram:2"]
        drained = asyncio.create_task(dispatcher.drained())
        gate.open()
        await settle()
        assert not drained.done(), "something may arrive for the reserved lane"
        dispatcher.begin(reserved, [])
        await drained
        dispatcher.stop_claiming()
        assert not dispatcher.reserve(["telegram:1"])


async def test_claim_for_a_dispatcher_that_died_meanwhile_is_put_back(
    rig: Rig, worker: Worker
) -> None:
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run) as (running,):
        reserved = dispatcher.reserve(["telegram:42"])
        await cancel(running)
    item = await rig.take(text="a1")
    dispatcher.begin(reserved, [item])
    async with in_background(dispatcher.run):
        await dispatcher.drained()
    assert worker.ended == ["a1"]


async def test_claim_for_a_dispatcher_that_came_back_meanwhile_is_put_back(
    rig: Rig, worker: Worker
) -> None:
    rig.live.replace(make_settings(runtime={"max_concurrent_turns": 1}))
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run) as (running,):
        reserved = dispatcher.reserve(["telegram:42"])
        await cancel(running)
    item = await rig.take(text="a1")
    async with in_background(dispatcher.run):
        await settle()
        dispatcher.begin(reserved, [item])
        await dispatcher.drained()
    assert worker.ended == ["a1"]


async def test_suspect_claimed_for_a_reserved_lane_still_runs_alone(
    rig: Rig, worker: Worker
) -> None:
    gate = worker.hold("b1")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "2", "b1")
        await gate.reached.wait()
        reserved = dispatcher.reserve(["telegram:42"])
        item = await rig.take(text="a1")
        rig.rows.inbox[item.id].crashes = 2
        dispatcher.begin(reserved, [replace(item, crashes=2)])
        await settle()
        assert worker.begun == ["b1"]
        gate.open()
        await until(lambda: worker.ended == ["b1", "a1"])


async def test_reserved_lane_asks_again_for_a_message_that_went_back(rig: Rig) -> None:
    runs: list[int] = []

    async def run(item: InboxItem) -> bool:
        runs.append(item.attempts)
        if len(runs) == 1:
            await rig.storage.inbox.postpone(item.id, rig.clock.now(), "a bug")
            return False
        await rig.storage.ledger.finish(
            TurnResult(item=item, state=InboxState.DONE), claim_first=False
        )
        return True

    dispatcher = rig.dispatcher(run)
    async with in_background(dispatcher.run):
        reserved = dispatcher.reserve(["telegram:42"])
        dispatcher.begin(reserved, [await rig.take(text="a1")])
        await dispatcher.drained()
    assert runs == [1, 2]
