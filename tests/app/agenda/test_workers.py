"""Tasks begin when they may, the most urgent first, and no more at a time than allowed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from minibot.app.agenda.strategies import Done
from minibot.app.agenda.workers import LOOK_SECONDS
from minibot.core.errors import ModelUnavailable, ToolFailed
from minibot.core.settings import Settings
from minibot.core.tasks import AGING, Task, TaskState
from tests.app.agenda.engine import Engine, Work
from tests.app.agenda.planning import make_task
from tests.fakes import START, make_settings


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def settings(workers: int, **tasks: Any) -> Settings:
    return make_settings(
        scheduler={"poll_interval_ms": 60_000}, tasks={"workers": workers, **tasks}
    )


def slow(engine: Engine, seconds: float = 2.0) -> Work:
    """Give a strategy that takes its time."""
    engine.work = Work(engine.clock, seconds=seconds)
    engine.strategies["llm_prompt"] = engine.work
    return engine.work


def waiting(task_id: str, *parents: str, **fields: Any) -> Task:
    state = TaskState.WAITING if parents else TaskState.QUEUED
    fields = {"description": task_id, "state": state, "parents": parents, **fields}
    return make_task(task_id, **fields)


def states(engine: Engine) -> dict[str, str]:
    return {task.id: task.state.value for task in engine.agenda.tasks()}


async def test_three_tasks_run_side_by_side() -> None:
    engine = Engine(settings=settings(4))
    work = slow(engine)
    await engine.plant(*map(waiting, ("a", "b", "c")))
    async with engine.running():
        assert sorted(work.begun) == ["a", "b", "c"]
        await engine.advance(2)
        assert set(states(engine).values()) == {"succeeded"}
    assert work.most == 3


async def test_one_worker_does_one_task_after_the_other() -> None:
    engine = Engine(settings=settings(1))
    work = slow(engine)
    await engine.plant(*map(waiting, ("a", "b", "c")))
    async with engine.running():
        for done in (1, 2, 3):
            await engine.advance(2)
            assert len(work.ended) == done
    assert work.begun == ["a", "b", "c"]
    assert work.most == 1


async def test_number_of_workers_follows_the_settings() -> None:
    engine = Engine(settings=settings(1))
    work = slow(engine, 60)
    await engine.plant(*map(waiting, ("a", "b", "c")))
    async with engine.running():
        assert work.begun == ["a"]
        engine.rig.live.replace(settings(2))
        await engine.advance(LOOK_SECONDS)
        assert work.begun == ["a", "b"]
        engine.rig.live.replace(settings(1))
        await engine.advance(56)
        assert work.ended == ["a"]
        assert work.begun == ["a", "b"], "the second one is still at it"
        await engine.advance(4)
        assert work.begun == ["a", "b", "c"]


async def test_chain_runs_in_its_order() -> None:
    engine = Engine(settings=settings(4))
    work = slow(engine)
    await engine.plant(waiting("run", "write"), waiting("write", "setup"), waiting("setup"))
    async with engine.running():
        assert work.begun == ["setup"]
        await engine.advance(2)
        assert work.begun == ["setup", "write"]
        await engine.advance(4)
    assert work.ended == ["setup", "write", "run"]
    assert work.most == 1


async def test_diamond_joins_when_both_sides_are_done() -> None:
    engine = Engine(settings=settings(4))
    work = slow(engine)
    await engine.plant(
        waiting("top"), waiting("left", "top"), waiting("right", "top"),
        waiting("end", "left", "right"),
    )  # fmt: skip
    async with engine.running():
        await engine.advance(2)
        assert sorted(work.begun) == ["left", "right", "top"]
        await engine.advance(2)
        assert work.begun[-1] == "end"
        await engine.advance(2)
        assert set(states(engine).values()) == {"succeeded"}


async def test_failed_parent_keeps_all_that_follows_from_beginning() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["a"] = [ToolFailed("no such page")]
    await engine.plant(waiting("a"), waiting("b", "a"), waiting("c", "b"))
    async with engine.running():
        assert states(engine) == {"a": "failed", "b": "blocked", "c": "blocked"}
        assert engine.said() == ["⚠️ I could not do this: **a**\n\nno such page"]
    assert engine.work.begun == ["a"]


def fan(number: int) -> Sequence[Task]:
    return [waiting(f"t{n:02}", batch="b1", created_at=at(n / 100)) for n in range(number)]


async def test_fan_of_twenty_is_told_of_in_one_report() -> None:
    engine = Engine(settings=settings(4))
    work = slow(engine)
    await engine.plant(*fan(20))
    async with engine.running():
        await engine.advance(8)
        assert engine.said() == []
        await engine.advance(2)
        (report,) = engine.said()
        await engine.advance(120)
        assert len(engine.said()) == 1
        assert all(task.reported for task in engine.agenda.tasks())
    assert work.most == 4
    assert report.startswith("📋 All 20 tasks are over, 20 of them done.")
    places = [report.index(f"did t{n:02}") for n in range(20)]
    assert places == sorted(places)


async def test_joined_report_tells_of_failures_too() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["t01"] = [ToolFailed("no such page")]
    await engine.plant(*fan(3), waiting("t99", "t01", batch="b1", created_at=at(1)))
    async with engine.running():
        (report,) = engine.said()
    assert report.startswith("📋 All 4 tasks are over, 2 of them done.")
    assert "⚠️ **t01**\nno such page" in report
    assert "🚫 **t99**\nit needed 't01', which failed" in report


async def test_fan_whose_last_task_is_cancelled_is_told_of_all_the_same() -> None:
    engine = Engine(settings=settings(1))
    await engine.plant(*fan(2), waiting("t99", batch="b1", not_before=at(3600)))
    async with engine.running():
        assert engine.said() == []
        await engine.agenda.change_task("t99", lambda task: task.cancelled(engine.clock.now()))
        await engine.advance(60)
        (report,) = engine.said()
    assert report.startswith("📋 All 3 tasks are over, 2 of them done.")


async def test_task_of_a_fan_that_runs_again_by_hand_is_told_of_again() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["t01"] = [ToolFailed("no such page")]
    await engine.plant(*fan(2))
    async with engine.running():
        await engine.advance(1)
        await engine.agenda.change_task("t01", lambda task: task.again(engine.clock.now()))
        await engine.advance(1)
        first, second = engine.said()
    assert "1 of them done" in first
    assert "2 of them done" in second


async def test_task_that_runs_again_by_hand_does_run() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["a"] = [ToolFailed("no such page")]
    await engine.plant(waiting("a"))
    async with engine.running():
        await engine.advance(1)
        await engine.agenda.change_task("a", lambda task: task.again(engine.clock.now()))
        await engine.advance(1)
        assert engine.said()[1:] == ["✅ **a**\n\ndid a"]
        assert states(engine) == {"a": "succeeded"}


async def test_urgent_tasks_go_first_but_nobody_waits_for_ever() -> None:
    engine = Engine(settings=settings(1))
    work = slow(engine)
    old = START - 5 * AGING
    await engine.plant(
        waiting("low", priority=1), waiting("high", priority=9),
        waiting("old", priority=5, created_at=old),
        waiting("middle", priority=5),
    )  # fmt: skip
    async with engine.running():
        await engine.advance(8)
    assert work.begun == ["old", "high", "middle", "low"]


async def test_failure_that_may_pass_is_tried_again_further_and_further_apart() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["a"] = [ToolFailed("no net", transient=True)] * 2
    await engine.plant(waiting("a"))
    async with engine.running():
        assert (states(engine), engine.said()) == ({"a": "queued"}, [])
        await engine.advance(9.999)
        assert len(engine.work.begun) == 1
        await engine.advance(0.001)
        assert len(engine.work.begun) == 2
        await engine.advance(20)
        assert len(engine.work.begun) == 3
        assert engine.said() == ["✅ **a**\n\ndid a"]
        assert engine.task("a").attempts == 3


async def test_failure_that_does_not_pass_is_told_when_all_tries_are_used_up() -> None:
    engine = Engine(settings=settings(4, retry_limit=2))
    engine.work.steps["a"] = [ToolFailed("no net", transient=True)] * 3
    await engine.plant(waiting("a"))
    async with engine.running():
        await engine.advance(10 + 20)
        assert engine.said() == ["⚠️ I could not do this after 3 tries: **a**\n\nno net"]
        assert states(engine) == {"a": "failed"}
        await engine.advance(3600)
        assert len(engine.work.begun) == 3


async def test_cancelled_task_is_stopped_without_a_word() -> None:
    engine = Engine(settings=settings(1))
    work = slow(engine, 600)
    await engine.plant(waiting("a"), waiting("b"))
    async with engine.running():
        await engine.advance(5)
        await engine.agenda.change_task("a", lambda task: task.cancelled(engine.clock.now()))
        await engine.advance(1)
        assert work.ended == ["a"]
        assert work.begun == ["a", "b"]
        assert (states(engine)["a"], engine.said()) == ("cancelled", [])


async def test_task_cancelled_before_its_turn_began_is_not_begun() -> None:
    engine = Engine(settings=settings(1))
    await engine.plant(waiting("a"))
    gate = engine.faults.hold_before("inbox.claim_urgent")
    async with engine.running():
        await gate.reached.wait()
        await engine.agenda.change_task("a", lambda task: task.cancelled(engine.clock.now()))
        gate.open()
        await engine.advance(60)
        assert (engine.work.begun, engine.said()) == ([], [])
        assert states(engine) == {"a": "cancelled"}


async def test_task_waits_for_a_model_without_a_word() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["a"] = [ModelUnavailable(), ModelUnavailable()]
    await engine.plant(waiting("a"))
    async with engine.running():
        await engine.advance(120)
        assert (states(engine), engine.said()) == ({"a": "running"}, [])
        for _ in range(2):
            for event in await engine.rig.storage.inbox.wake_waiting(9):
                engine.rig.bus.publish(event)
            await engine.advance(1)
        assert engine.said() == ["✅ **a**\n\ndid a"]
        assert engine.task("a").attempts == 1
    assert engine.troubles == []


async def test_broken_strategy_is_tried_again_and_then_given_up() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["a"] = [LookupError("a bug")] * 5
    await engine.plant(waiting("a"), waiting("b", "a"))
    async with engine.running():
        await engine.advance(2 + 4 + 8 + 16 + 60)
        assert states(engine) == {"a": "failed", "b": "blocked"}
        assert len(engine.work.begun) == 5
        (said,) = engine.said()
    assert "Something is broken on my side" in said
    assert engine.task("a").problem == "LookupError: a bug"


@pytest.mark.parametrize("call", ["agenda.write", "inbox.admit", "outcomes.find"])
async def test_failing_storage_delays_a_task_and_loses_none(call: str) -> None:
    engine = Engine(settings=settings(4))
    await engine.plant(waiting("a"))
    engine.faults.fail(call, times=3)
    async with engine.running():
        await engine.advance(63)
        assert engine.said() == ["✅ **a**\n\ndid a"]
        assert engine.task("a").reported
    assert engine.work.begun == ["a"]


async def test_result_that_cannot_be_recorded_is_kept_and_not_worked_out_anew() -> None:
    engine = Engine(settings=settings(4))
    work = slow(engine)
    await engine.plant(waiting("a"))
    async with engine.running():
        engine.faults.fail("agenda.write", times=2)
        await engine.advance(3.9)
        assert (states(engine), engine.said()) == ({"a": "running"}, [])
        await engine.advance(0.2)
        assert engine.said() == ["✅ **a**\n\ndid a"]
    assert work.begun == ["a"]


async def test_result_of_a_parent_may_be_what_strangers_wrote() -> None:
    engine = Engine(settings=settings(4))
    engine.work.steps["a"] = [Done(text="a page", untrusted=True)]
    await engine.plant(waiting("a"))
    async with engine.running():
        assert (engine.task("a").result, engine.task("a").untrusted) == ("a page", True)


async def test_task_that_another_process_began_goes_on_and_counts_among_the_workers() -> None:
    engine = Engine(settings=settings(2))
    work = slow(engine)
    stuck = waiting("elsewhere").started(START)
    await engine.plant(waiting("elsewhere"), waiting("a"), waiting("b"))
    await engine.plant(stuck)
    async with engine.running():
        assert sorted(work.begun) == ["a", "elsewhere"]
