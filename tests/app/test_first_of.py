"""Waiting for whatever comes first."""

import asyncio

import pytest

from minibot.app.first_of import first_of
from tests.app.rig import cancel
from tests.fakes import settle


async def test_the_others_are_ended_when_the_first_came() -> None:
    first, other = asyncio.Event(), Ending()
    waiting = asyncio.create_task(first_of(first.wait(), other.wait()))
    await settle()
    assert not waiting.done()
    first.set()
    await waiting
    assert other.ended


async def test_all_are_ended_when_nobody_waits_any_more() -> None:
    one, other = Ending(), Ending()
    waiting = asyncio.create_task(first_of(one.wait(), other.wait()))
    await settle()
    await cancel(waiting)
    assert (one.ended, other.ended) == (True, True)


class Ending:
    """Waits for ever, and notes its end."""

    ended = False

    async def wait(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()
        self.ended = True
