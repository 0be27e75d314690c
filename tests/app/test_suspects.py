"""What the dispatcher does with messages that were in hand when a process died."""

import pytest

from minibot.adapters.storage import Rows, in_memory_storage
from minibot.core.inbox import InboxItem, InboxState
from tests.app.rig import Rig, in_background
from tests.app.worker import Worker, admit
from tests.fakes import FakeClock, make_arrival, make_chat, settle, until


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def worker(rig: Rig) -> Worker:
    return Worker(rig)


async def crashed(deaths: int, *, clock: FakeClock, rows: Rows, text: str) -> None:
    """Leave a message that so many processes died with."""
    chat = make_chat(f"chat of {text}")
    await in_memory_storage(clock, rows=rows).inbox.admit([make_arrival(text, text, chat)])
    for _ in range(deaths):
        storage = in_memory_storage(clock, rows=rows)
        await storage.inbox.recover()
        await clock.advance(60)
        assert isinstance(await storage.inbox.claim(chat.key), InboxItem)


async def test_suspect_of_a_crash_runs_with_nothing_else(rig: Rig, worker: Worker) -> None:
    await crashed(2, clock=rig.clock, rows=rig.rows, text="suspect")
    await rig.storage.inbox.recover()
    neighbour, suspect = worker.hold("neighbour"), worker.hold("suspect")
    async with in_background(rig.dispatcher(worker.run).run):
        await admit(rig, "1", "neighbour")
        await neighbour.reached.wait()
        await rig.clock.advance(60)
        assert worker.begun == ["neighbour"]
        (waiting,) = [row for row in rig.rows.inbox.values() if row.arrival.key == "suspect"]
        assert waiting.state is InboxState.RECEIVED, "not held, so no crash counts against it"
        await admit(rig, "2", "late")
        neighbour.open()
        await suspect.reached.wait()
        await settle()
        assert worker.begun == ["neighbour", "suspect"]
        assert waiting.attempts == 3
        suspect.open()
        await until(lambda: worker.ended == ["neighbour", "suspect", "late"])


async def test_suspect_stays_in_the_inbox_when_the_end_comes_first(
    rig: Rig, worker: Worker
) -> None:
    await crashed(2, clock=rig.clock, rows=rig.rows, text="suspect")
    await rig.storage.inbox.recover()
    neighbour = worker.hold("neighbour")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        await admit(rig, "1", "neighbour")
        await neighbour.reached.wait()
        await rig.clock.advance(60)
        dispatcher.stop_claiming()
        neighbour.open()
        await dispatcher.drained()
    assert worker.begun == ["neighbour"]
    assert rig.rows.inbox[1].state is InboxState.RECEIVED


async def test_suspect_is_put_back_however_often_the_storage_fails(
    rig: Rig, worker: Worker
) -> None:
    await crashed(2, clock=rig.clock, rows=rig.rows, text="suspect")
    await rig.storage.inbox.recover()
    rig.faults.fail("inbox.release", times=3)
    async with in_background(rig.dispatcher(worker.run).run):
        await rig.clock.advance(60)
        await until(lambda: worker.ended == ["suspect"])
