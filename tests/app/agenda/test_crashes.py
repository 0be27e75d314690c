"""Processes that die at any moment: what they promised is kept, and said once.

The one repeat there can be is that of a message which reached its chat, and whose process died
before it could note so.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.core.jobs import Job, JobKind, JobState, Notify, Recurrence, RecurrenceKind
from minibot.core.outbox import OutboxState
from minibot.core.ports import Entry
from minibot.core.tasks import TaskState
from tests.app.agenda.engine import Engine
from tests.app.agenda.planning import make_job, make_task, once
from tests.fakes import START


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


TWICE = Recurrence(
    kind=RecurrenceKind.RRULE, rule="FREQ=MINUTELY;COUNT=2", start=at(60), zone="UTC"
)
REMINDER = "⏰ water the plants"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What there is at first, and what must have come of it in the end."""

    entries: tuple[Entry, ...]
    said: tuple[str, ...]
    """The texts of all messages, however often one of them may have been sent."""
    runs: int = 0
    """Of the one job there may be."""
    tasks: int = 0


def question(notify: Notify) -> Job:
    return make_job("j1", kind=JobKind.LLM_PROMPT, recurrence=once(at(10)), notify=notify)


SCENES = {
    "reminder": Scene(entries=(make_job("j1", recurrence=once(at(10))),), said=(REMINDER,), runs=1),
    "two runs": Scene(
        entries=(make_job("j1", recurrence=TWICE, due=at(60)),), said=(REMINDER, REMINDER), runs=2
    ),
    "miss": Scene(
        entries=(make_job("j1", recurrence=TWICE, due=at(-9000)),),
        said=(
            REMINDER,
            REMINDER,
            "⏰ I was away on Wed 4 Mar, 02:36 and missed this: **water the plants**. "
            "Next: Wed 4 Mar, 05:07.",
        ),
        runs=2,
    ),
    "question": Scene(
        entries=(question(Notify.ALWAYS),), said=("did water the plants",), runs=1, tasks=1
    ),
    "quiet question": Scene(entries=(question(Notify.NEVER),), said=(), runs=1, tasks=1),
    "task": Scene(
        entries=(make_task("t1"),), said=("✅ **read the news**\n\ndid read the news",), tasks=1
    ),
    "chain": Scene(
        entries=(
            make_task("t1", description="a"),
            make_task("t2", description="b", parents=("t1",), state=TaskState.WAITING),
        ),
        said=("✅ **a**\n\ndid a", "✅ **b**\n\ndid b"),
        tasks=2,
    ),
    "fan": Scene(
        entries=tuple(make_task(f"t{n}", batch="b1", description=f"{n}") for n in range(3)),
        said=(
            "📋 All 3 tasks are over, 3 of them done.\n\n"
            "✅ **0**\ndid 0\n\n✅ **1**\ndid 1\n\n✅ **2**\ndid 2",
        ),
        tasks=3,
    ),
}


def is_over(engine: Engine) -> bool:
    """Say whether there is nothing left to do; not before what there is was read."""
    jobs, tasks = engine.agenda.jobs(), engine.agenda.tasks()
    return bool(jobs or tasks) and all(
        (*(job.state is JobState.DONE for job in jobs), *(task.reported for task in tasks))
    )


async def live_through(scene: Scene, moments: Sequence[int]) -> bool:
    """Die at these moments, then go on to the end; says whether each of them came."""
    engine = Engine()
    await engine.plant(*scene.entries)
    repeats = 0
    for moment in moments:
        if await engine.live(moment, is_over):
            check(engine, scene, repeats)
            return False
        repeats += len(unmarked(engine))
        engine = engine.successor()
    assert await engine.live(0, is_over)
    check(engine, scene, repeats)
    return True


def unmarked(engine: Engine) -> set[int]:
    """Name the parts that arrived and were not noted when the process died."""
    arrived = {part.id for part in engine.channel.sent}
    rows = engine.rig.rows.outbox.values()
    return arrived & {row.part.id for row in rows if row.part.state is OutboxState.SENDING}


def check(engine: Engine, scene: Scene, repeats: int) -> None:
    sent = {part.id: part.part.text for part in engine.channel.sent}
    assert sorted(sent.values()) == sorted(scene.said)
    assert len(engine.channel.sent) <= len(scene.said) + repeats
    for job in engine.agenda.jobs():
        assert (job.runs, job.failures, job.in_hand) == (scene.runs, 0, None)
    states = [task.state for task in engine.agenda.tasks()]
    assert states == [TaskState.SUCCEEDED] * scene.tasks


@pytest.mark.parametrize("scene", SCENES)
async def test_death_at_each_moment_of_a_life_loses_nothing(scene: str) -> None:
    moment = 1
    while await live_through(SCENES[scene], [moment]):
        moment += 1
    assert moment > 15


@pytest.mark.parametrize("scene", SCENES)
@given(moments=st.lists(st.integers(min_value=1, max_value=30), min_size=2, max_size=5))
@settings(max_examples=60, deadline=None)
def test_many_deaths_lose_nothing(scene: str, moments: list[int]) -> None:
    asyncio.run(live_through(SCENES[scene], moments))
