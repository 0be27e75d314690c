import asyncio

import pytest

from minibot.app.running_turns import RunningTurns, TurnStopped
from minibot.core.messages import ChatRef
from tests.app.rig import cancel
from tests.fakes import Gate, settle


async def working(gate: Gate) -> str:
    await gate.pass_through()
    return "done"


async def test_result_comes_back_and_nothing_stays_registered() -> None:
    running = RunningTurns()
    gate = Gate()
    turn = asyncio.create_task(running.run("c", working(gate)))
    await gate.reached.wait()
    assert len(running) == 1
    gate.open()
    assert await turn == "done"
    assert len(running) == 0
    assert not running.stop("c")


async def test_error_comes_through_and_nothing_stays_registered() -> None:
    async def broken() -> None:
        raise LookupError

    running = RunningTurns()
    with pytest.raises(LookupError):
        await running.run("c", broken())
    assert len(running) == 0


async def test_stop_ends_the_turn_of_its_conversation_only() -> None:
    running = RunningTurns()
    gates = {name: Gate() for name in "ab"}
    turns = {
        name: asyncio.create_task(running.run(name, working(gate))) for name, gate in gates.items()
    }
    await settle()
    assert running.stop("a")
    with pytest.raises(TurnStopped):
        await turns["a"]
    gates["b"].open()
    assert await turns["b"] == "done"
    assert len(running) == 0


async def test_stop_says_when_there_is_nothing_to_stop() -> None:
    assert not RunningTurns().stop("c")


async def test_next_turn_of_a_stopped_conversation_runs() -> None:
    running = RunningTurns()
    gate = Gate()
    turn = asyncio.create_task(running.run("c", working(gate)))
    await gate.reached.wait()
    running.stop("c")
    with pytest.raises(TurnStopped):
        await turn
    gate.open()
    assert await running.run("c", working(gate)) == "done"


async def test_turn_that_ends_in_spite_of_the_stop_has_its_result_used() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return "done all the same"
        return "never"

    running = RunningTurns()
    turn = asyncio.create_task(running.run("c", stubborn()))
    await settle()
    assert running.stop("c")
    assert await turn == "done all the same"
    assert len(running) == 0


async def test_cancelled_from_outside_cancels_the_work_and_waits_for_it() -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await settle()
            ended = True

    running = RunningTurns()
    turn = asyncio.create_task(running.run("c", work()))
    await settle()
    await cancel(turn)
    assert ended
    assert turn.cancelled()
    assert len(running) == 0


async def test_impatient_cancelling_leaves_no_work_behind() -> None:
    gate = Gate()

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await gate.pass_through()

    running = RunningTurns()
    turn = asyncio.create_task(running.run("c", work()))
    await settle()
    turn.cancel()
    await gate.reached.wait()
    await cancel(turn)
    assert turn.cancelled()
    assert len(running) == 0
    assert len(asyncio.all_tasks()) == 1


async def test_shutdown_wins_over_a_stop_at_the_same_moment() -> None:
    running = RunningTurns()
    turn = asyncio.create_task(running.run("c", working(Gate())))
    await settle()
    running.stop("c")
    await cancel(turn)
    assert turn.cancelled(), "given back, not recorded as stopped"
    assert len(running) == 0


async def test_two_of_one_name_end_without_harm() -> None:
    running = RunningTurns()
    first, second = Gate(), Gate()
    turns = [asyncio.create_task(running.run("c", working(gate))) for gate in (first, second)]
    await settle()
    first.open()
    assert await turns[0] == "done"
    assert running.stop("c")
    with pytest.raises(TurnStopped):
        await turns[1]
    assert len(running) == 0


async def test_turns_of_a_chat_with_a_new_id_go_by_it() -> None:
    running = RunningTurns()
    names = ("telegram:-1", "telegram:-1:17", "telegram:-11", "work:1")
    gates = [Gate() for _ in names]
    turns = [
        asyncio.create_task(running.run(name, working(gate)))
        for name, gate in zip(names, gates, strict=True)
    ]
    await settle()
    await running.move_chat(ChatRef(channel="telegram", chat_id="-1"), "-100")
    assert not running.stop("telegram:-1")
    assert running.stop("telegram:-100")
    assert running.stop("telegram:-100:17")
    for gate in gates[2:]:
        gate.open()
    for turn in turns[:2]:
        with pytest.raises(TurnStopped):
            await turn
    assert [await turn for turn in turns[2:]] == ["done", "done"]
    assert len(running) == 0
