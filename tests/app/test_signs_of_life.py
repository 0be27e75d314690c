"""What a person sees while an answer is being written: typing, drafts, a message that grows."""

import asyncio

import pytest

from minibot.app.pipeline import Answer, Handler, Middleware, TurnContext, compose
from minibot.app.signs_of_life import SOON_SECONDS
from tests.app.rig import Rig, cancel, in_background, say_done, signs_of_life
from tests.app.turn_context import make_context
from tests.fakes import Gate, make_chat, settle


async def through(middleware: Middleware, context: TurnContext, handler: Handler) -> Answer:
    return await compose(handler, [middleware])(context)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def waiting(gate: Gate) -> Handler:
    async def handle(_context: TurnContext) -> Answer:
        await gate.pass_through()
        return Answer(markdown="done")

    return handle


async def test_quick_answer_needs_no_sign_of_life(rig: Rig) -> None:
    async with in_background(rig.channels.run, rig.delivery.run):
        await through(signs_of_life(rig), make_context(), say_done)
    assert rig.channel.typing == []
    assert rig.clock.naps == []


async def test_typing_is_shown_after_a_moment_and_kept_up(rig: Rig) -> None:
    gate = Gate()
    async with in_background(rig.channels.run, rig.delivery.run):
        typing = signs_of_life(rig)
        turn = asyncio.create_task(through(typing, make_context(), waiting(gate)))
        await gate.reached.wait()
        await settle()
        assert rig.channel.typing == []
        await rig.clock.advance(SOON_SECONDS)
        assert rig.channel.typing == [make_chat()]
        await rig.clock.advance(3.9)
        assert len(rig.channel.typing) == 1
        await rig.clock.advance(0.1)
        assert len(rig.channel.typing) == 2
        await rig.clock.advance(8)
        assert len(rig.channel.typing) == 4
        gate.open()
        assert (await turn).markdown == "done"
        await rig.clock.advance(60)
    assert len(rig.channel.typing) == 4


async def test_typing_ends_with_a_failure_and_with_a_cancellation(rig: Rig) -> None:
    failing, cancelled = Gate(), Gate()
    async with in_background(rig.channels.run, rig.delivery.run):
        typing = signs_of_life(rig)
        turns = [
            asyncio.create_task(through(typing, make_context(), waiting(gate)))
            for gate in (failing, cancelled)
        ]
        await settle()
        failing.refuse(LookupError())
        with pytest.raises(LookupError):
            await turns[0]
        await cancel(turns[1])
    assert rig.clock.naps == []


async def test_typing_waits_for_a_channel_that_is_off(rig: Rig) -> None:
    gate = Gate()
    typing = signs_of_life(rig)
    turn = asyncio.create_task(through(typing, make_context(), waiting(gate)))
    await rig.clock.advance(5)
    assert rig.channel.typing == []
    gate.open()
    await turn
