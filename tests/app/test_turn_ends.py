"""Ends of turns while the storage fails: nobody's lane may be stuck, no stopped turn come back."""

import asyncio

import pytest

from minibot.adapters.storage import in_memory_storage
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.turns import TurnRunner
from minibot.core.errors import StorageUnavailable
from minibot.core.inbox import InboxState
from minibot.core.journal import StepRecord
from minibot.core.ports import CallOutcome
from tests.app.rig import Rig, nothing_to_withdraw, say_done
from tests.fakes import FakeClock, Gate


class UnreadableJournal:
    """A journal on a disk that cannot be read."""

    def __init__(self) -> None:
        self._journal = in_memory_storage(FakeClock()).journal

    async def steps(self, inbox_id: int) -> list[StepRecord]:
        raise StorageUnavailable

    async def add_step(self, inbox_id: int, step: StepRecord) -> None:
        await self._journal.add_step(inbox_id, step)

    async def start(self, inbox_id: int, step: int, call_id: str) -> None:
        await self._journal.start(inbox_id, step, call_id)

    async def finish(self, inbox_id: int, step: int, call_id: str, outcome: CallOutcome) -> None:
        await self._journal.finish(inbox_id, step, call_id, outcome)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def turns_of(rig: Rig, handle: Handler) -> TurnRunner:
    return TurnRunner(
        handle,
        recorder=rig.recorder,
        journal=UnreadableJournal(),
        running=rig.running,
        settings=rig.live,
        on_stopped=nothing_to_withdraw,
    )


async def test_a_message_is_given_up_though_its_journal_cannot_be_read(rig: Rig) -> None:
    item = await rig.take()
    await turns_of(rig, say_done).bury(item)
    assert rig.state(item.id) is InboxState.DEAD
    (said,) = await rig.storage.outbox.waiting()
    assert item.reference in said.part.text


async def test_an_apology_is_recorded_though_the_journal_cannot_be_read(rig: Rig) -> None:
    async def apologise(_context: TurnContext) -> Answer:
        return Answer(markdown="Sorry.", problem="refused")

    item = await rig.take()
    assert await turns_of(rig, apologise).run(item)
    assert rig.state(item.id) is InboxState.DONE


async def test_a_stopped_turn_stays_stopped_though_its_questions_cannot_be_ended(rig: Rig) -> None:
    gate = Gate()

    async def handle(_context: TurnContext) -> Answer:
        await gate.pass_through()
        return Answer(markdown="hi")

    async def full_disk(_inbox_id: int) -> None:
        raise StorageUnavailable

    item = await rig.take()
    turn = asyncio.create_task(rig.turns(handle, full_disk).run(item))
    await gate.reached.wait()
    assert rig.running.stop(item.conversation)
    assert await turn
    assert rig.state(item.id) is InboxState.CANCELLED
