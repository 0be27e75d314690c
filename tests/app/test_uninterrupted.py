import asyncio

import pytest

from minibot.app.uninterrupted import uninterrupted
from tests.fakes import Gate, settle


async def test_result_and_error_come_through() -> None:
    async def work() -> int:
        return 7

    async def broken() -> int:
        raise LookupError

    assert await uninterrupted(work()) == 7
    with pytest.raises(LookupError):
        await uninterrupted(broken())


async def test_cancellation_comes_behind_the_end_of_the_work_however_often() -> None:
    gate, ended = Gate(), asyncio.Event()

    async def work() -> None:
        await gate.pass_through()
        ended.set()

    caller = asyncio.create_task(uninterrupted(work()))
    await gate.reached.wait()
    for _ in range(3):
        caller.cancel()
        await settle(3)
        assert not caller.done()
    gate.open()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended.is_set()


async def test_cancellation_is_not_lost_when_the_work_fails() -> None:
    gate = Gate()
    caller = asyncio.create_task(uninterrupted(gate.pass_through()))
    await gate.reached.wait()
    caller.cancel()
    await settle(3)
    gate.refuse(LookupError("full"))
    with pytest.raises(asyncio.CancelledError) as caught:
        await caller
    assert isinstance(caught.value.__cause__, LookupError)


async def test_work_that_is_cancelled_itself_ends_its_caller() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await uninterrupted(work())
