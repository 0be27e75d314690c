"""What is over is forgotten in time, and what is stuck is told of."""

from datetime import datetime, timedelta

import pytest

from minibot.app.agenda.upkeep import JOBS_KEPT, Upkeep, stuck_tasks
from minibot.core.events import TroubleNoticed
from minibot.core.jobs import JobState
from minibot.core.tasks import TaskState
from tests.app.agenda.engine import Engine
from tests.app.agenda.planning import make_job, make_task
from tests.app.rig import overheard
from tests.fakes import START, make_settings, settle

DAY = timedelta(days=1)
EXPIRY = 7 * DAY


@pytest.fixture
async def engine() -> Engine:
    engine = Engine(
        settings=make_settings(tasks={"result_expiry_days": 7, "stuck_after_seconds": 600})
    )
    await engine.start()
    return engine


@pytest.fixture
def upkeep(engine: Engine) -> Upkeep:
    return Upkeep(engine.agenda, bus=engine.rig.bus, settings=engine.rig.live, clock=engine.clock)


def ago(age: timedelta) -> datetime:
    return START - age


async def test_entries_that_were_over_long_ago_are_forgotten_for_good(
    engine: Engine, upkeep: Upkeep
) -> None:
    bit = timedelta(seconds=1)
    await engine.agenda.add(
        make_job("j1", state=JobState.DONE, due=None, updated_at=ago(JOBS_KEPT + bit)),
        make_job("j2", state=JobState.DONE, due=None, updated_at=ago(JOBS_KEPT)),
        make_job("j3", updated_at=ago(JOBS_KEPT * 2)),
        make_task("t1", state=TaskState.SUCCEEDED, updated_at=ago(EXPIRY + bit)),
        make_task("t2", state=TaskState.FAILED, updated_at=ago(EXPIRY)),
        make_task("t3", updated_at=ago(EXPIRY * 2)),
    )

    await upkeep.tidy()

    successor = engine.successor()
    await successor.start()
    for agenda in (engine.agenda, successor.agenda):
        assert {job.id for job in agenda.jobs()} == {"j2", "j3"}
        assert {task.id for task in agenda.tasks()} == {"t2", "t3"}
    assert engine.faults.calls["agenda.compact"] == 1


async def test_what_others_will_ask_for_is_kept(engine: Engine, upkeep: Upkeep) -> None:
    old = {"state": TaskState.SUCCEEDED, "updated_at": ago(EXPIRY * 2)}
    await engine.agenda.add(
        make_task("parent", **old),
        make_task("child", parents=("parent",), state=TaskState.WAITING),
        make_task("sister", batch="b1", **old),
        make_task("brother", batch="b1"),
        make_task("nobody", batch="b2", **old),
    )

    await upkeep.tidy()

    assert {task.id for task in engine.agenda.tasks()} == {
        "parent",
        "child",
        "sister",
        "brother",
    }


async def test_nothing_is_written_when_nothing_is_old(engine: Engine, upkeep: Upkeep) -> None:
    await engine.agenda.add(make_job("j1"))
    before = engine.faults.calls["agenda.write"]

    await upkeep.tidy()

    assert engine.faults.calls["agenda.write"] == before


async def test_task_without_a_sign_of_progress_is_told_of(engine: Engine, upkeep: Upkeep) -> None:
    await engine.agenda.add(
        make_task("t1", state=TaskState.RUNNING, updated_at=ago(timedelta(seconds=601))),
        make_task("t2", state=TaskState.RUNNING, updated_at=ago(timedelta(seconds=600))),
        make_task("t3", updated_at=ago(DAY)),
    )
    async with overheard(engine.rig.bus, TroubleNoticed) as told:
        await upkeep.find_stuck()
        await settle()

    (trouble,) = told
    assert isinstance(trouble, TroubleNoticed)
    assert trouble.topic == "stuck t1"
    assert "The task t1 of telegram:42 has been at work for 10 minutes" in trouble.text
    found = stuck_tasks(engine.agenda, engine.rig.live, engine.clock)
    assert [task.id for task in found] == ["t1"]


async def test_task_that_makes_progress_is_not_stuck(engine: Engine, upkeep: Upkeep) -> None:
    await engine.agenda.add(make_task("t1", state=TaskState.RUNNING, updated_at=ago(DAY)))

    await engine.agenda.change_task("t1", lambda task: task.progressed("half", START))

    assert stuck_tasks(engine.agenda, engine.rig.live, engine.clock) == []
