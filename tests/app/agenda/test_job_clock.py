"""Jobs fire when they are due: once, in order, and whatever the clock and the storage do."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from minibot.app.agenda.job_clock import BATCH
from minibot.core.jobs import Job, JobKind, JobState, Misfire, Recurrence, RecurrenceKind
from minibot.core.tasks import TaskState
from tests.app.agenda.engine import Engine
from tests.app.agenda.planning import cron, make_job, once
from tests.fakes import START, Gate, make_chat, make_settings, until

HOUR, DAY = 3600.0, 86_400.0


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def every(seconds: float) -> Recurrence:
    return Recurrence(kind=RecurrenceKind.EVERY, rule=str(int(seconds)), start=START, zone="UTC")


def repeating(seconds: float, **fields: Any) -> Job:
    return make_job("j1", recurrence=every(seconds), due=at(seconds), **fields)


@pytest.fixture
def engine() -> Engine:
    return Engine()


async def test_reminders_are_said_at_their_moments_in_order(engine: Engine) -> None:
    await engine.plant(
        *(make_job(f"j{n}", text=f"no {n}", recurrence=once(at(n))) for n in (30, 10, 20))
    )
    async with engine.running():
        await engine.advance(9.999)
        assert engine.said() == []
        await engine.advance(0.001)
        assert engine.said() == ["⏰ no 10"]
        await engine.advance(10)
        assert engine.said() == ["⏰ no 10", "⏰ no 20"]
        await engine.advance(10)
        assert engine.said() == ["⏰ no 10", "⏰ no 20", "⏰ no 30"]
        assert all(job.state is JobState.DONE for job in engine.agenda.jobs())


async def test_job_that_is_added_while_the_clock_sleeps_is_heard_of(engine: Engine) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(50))))
    async with engine.running():
        await engine.agenda.add(make_job("j2", text="sooner", recurrence=once(at(5))))
        await engine.advance(5)
        assert engine.said() == ["⏰ sooner"]


async def test_one_shot_that_was_put_forward_is_said_once(engine: Engine) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(60))))
    async with engine.running():
        await engine.agenda.change_job("j1", lambda job: job.rescheduled(at(10), at(0)))
        await engine.advance(120)
        assert len(engine.said()) == 1
        assert engine.job("j1").state is JobState.DONE


async def test_job_of_another_process_is_heard_of_at_the_next_look() -> None:
    engine = Engine(settings=make_settings(scheduler={"poll_interval_ms": 500}))
    async with engine.running():
        await engine.plant(make_job("j1", recurrence=once(at(0.1))))
        await engine.advance(0.5)
        assert engine.said() == ["⏰ water the plants"]


async def test_job_that_another_process_cancelled_is_not_said(engine: Engine) -> None:
    job = make_job("j1", recurrence=once(at(10)))
    await engine.plant(job)
    async with engine.running():
        await engine.plant(job.cancelled(at(0)))
        await engine.advance(60)
        assert engine.said() == []
        assert engine.job("j1").state is JobState.CANCELLED


async def test_a_thousand_due_at_once_are_all_said_once_in_few_writes(engine: Engine) -> None:
    await engine.plant(
        *(
            make_job(f"j{n}", text=f"no {n}", recurrence=once(at(10)), chat=make_chat(str(n)))
            for n in range(1000)
        )
    )
    async with engine.running():
        writes = engine.faults.calls["inbox.admit"]
        await engine.clock.advance(10)
        await until(lambda: len(engine.said()) == 1000, passes=200_000)
        assert engine.faults.calls["inbox.admit"] - writes == -(-1000 // BATCH)
        await until(lambda: all(job.state is JobState.DONE for job in engine.agenda.jobs()))
        await engine.advance(120)
    assert sorted(engine.said()) == sorted(f"⏰ no {n}" for n in range(1000))


async def test_clock_that_is_put_forward_fires_what_that_makes_due_once(engine: Engine) -> None:
    await engine.plant(repeating(HOUR), make_job("j2", text="once", recurrence=once(at(10 * HOUR))))
    async with engine.running():
        await engine.clock.jump(timedelta(hours=24))
        assert len(engine.said()) == 2
        await engine.clock.jump(timedelta(hours=-24))
        await engine.advance(3 * HOUR)
        assert len(engine.said()) == 2, "those hours have been"
        assert engine.job("j1").runs == 0
        assert engine.job("j2").runs == 1


async def test_clock_that_is_put_back_fires_nothing_twice(engine: Engine) -> None:
    await engine.plant(repeating(HOUR))
    async with engine.running():
        await engine.advance(HOUR)
        assert len(engine.said()) == 1
        await engine.clock.jump(timedelta(hours=-24))
        await engine.advance(1.5 * HOUR)
        assert len(engine.said()) == 1
        await engine.clock.jump(timedelta(hours=24))
        assert len(engine.said()) == 2
        await engine.advance(HOUR)
        assert engine.job("j1").runs == 3


async def test_runs_missed_within_the_grace_make_one_that_says_when_it_was_due(
    engine: Engine,
) -> None:
    await engine.plant(repeating(60))
    await engine.clock.advance(50 * 60)
    async with engine.running():
        assert engine.said() == ["⏰ water the plants\n(was due Wed 4 Mar, 05:07; I was away)"]
        await engine.advance(60)
        assert len(engine.said()) == 2
        assert engine.job("j1").runs == 2


async def test_runs_missed_by_more_are_skipped_and_told_once(engine: Engine) -> None:
    await engine.plant(repeating(1800))
    await engine.clock.advance(50 * 1800)
    async with engine.running():
        (told,) = engine.said()
        assert told == (
            "⏰ I was away on Wed 4 Mar, 05:36 and missed this: **water the plants**. "
            "Next: Thu 5 Mar, 06:36."
        )
        await engine.advance(1800)
        assert engine.said() == [told, "⏰ water the plants"]
        assert engine.job("j1").runs == 1


async def test_misses_of_a_whole_outage_are_told_apart_and_once(engine: Engine) -> None:
    await engine.plant(
        *(
            make_job(f"j{n}", text=f"no {n}", recurrence=cron("0 6 * * *"), due=at(HOUR + n))
            for n in range(BATCH + 9)
        )
    )
    await engine.clock.advance(10 * HOUR)
    async with engine.running():
        await until(lambda: len(engine.said()) == BATCH + 9, passes=100_000)
        await engine.advance(120)
    assert len(set(engine.said())) == len(engine.said()) == BATCH + 9


@pytest.mark.parametrize("late", [10.0, 2 * HOUR, 30 * DAY])
async def test_one_shot_is_said_however_late(engine: Engine, late: float) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    await engine.clock.advance(10 + late)
    async with engine.running():
        (said,) = engine.said()
        assert said.startswith("⏰ water the plants")
        assert ("was due" in said) is (late > 60)


@pytest.mark.parametrize(("late", "runs"), [(HOUR, 1), (HOUR + 1, 0)])
async def test_one_shot_that_is_to_be_skipped_is_skipped_behind_the_grace(
    engine: Engine, late: float, runs: int
) -> None:
    job = make_job("j1", recurrence=once(at(10)), misfire=Misfire.SKIP_AND_TELL)
    await engine.plant(job)
    await engine.clock.advance(10 + late)
    async with engine.running():
        (said,) = engine.said()
        assert ("missed this" in said) is not runs
        assert "Next" not in said
        assert engine.job("j1").runs == runs
        assert engine.job("j1").state is JobState.DONE


async def test_job_in_hand_does_not_overlap_with_its_next_run(engine: Engine) -> None:
    gate = Gate()
    engine.channel.fail("42", gate)
    await engine.plant(repeating(60))
    async with engine.running():
        await engine.advance(60)
        await gate.reached.wait()
        await engine.advance(600)
        assert len(engine.channel.tried) == 1
        assert engine.job("j1").in_hand == at(60)
        gate.open()
        await until(lambda: len(engine.said()) == 2)
        assert engine.said()[1].endswith("(was due Wed 4 Mar, 05:08; I was away)")
        await engine.advance(60)
        assert engine.job("j1").runs == 3


async def test_job_that_is_paused_while_it_runs_stays_paused(engine: Engine) -> None:
    gate = Gate()
    engine.channel.fail("42", gate)
    await engine.plant(repeating(60))
    async with engine.running():
        await engine.advance(60)
        await engine.agenda.change_job("j1", lambda job: job.paused(engine.clock.now()))
        gate.open()
        await engine.advance(600)
        assert len(engine.said()) == 1
        job = engine.job("j1")
        assert (job.state, job.runs, job.in_hand) == (JobState.PAUSED, 1, None)


async def test_job_that_is_cancelled_before_it_is_said_is_not_said(engine: Engine) -> None:
    gate = engine.faults.hold_before("inbox.claim_urgent")
    await engine.plant(repeating(60))
    async with engine.running():
        await engine.advance(60)
        await engine.agenda.change_job("j1", lambda job: job.cancelled(engine.clock.now()))
        gate.open()
        await engine.advance(600)
        assert engine.said() == []
        assert engine.job("j1").state is JobState.CANCELLED
        assert engine.troubles == []


@pytest.mark.parametrize("call", ["agenda.write", "agenda.refresh", "inbox.admit"])
async def test_failing_storage_delays_a_reminder_and_loses_none(engine: Engine, call: str) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        engine.faults.fail(call, times=3)
        await engine.advance(12)
        assert engine.said() == []
        await engine.advance(3)
        assert engine.said() == ["⏰ water the plants"]
        await engine.advance(60)
        assert engine.job("j1").state is JobState.DONE


async def test_miss_that_cannot_be_told_now_is_told_later(engine: Engine) -> None:
    await engine.plant(repeating(HOUR))
    await engine.clock.advance(10 * HOUR)
    engine.faults.fail("outbox.enqueue", times=2)
    async with engine.running():
        assert engine.job("j1").due == at(HOUR)
        await engine.advance(2)
        assert len(engine.said()) == 1
        assert engine.job("j1").due == at(11 * HOUR)


async def test_job_changed_by_another_process_at_the_last_moment_goes_by_that(
    engine: Engine,
) -> None:
    jobs = [make_job(f"j{n}", text=f"no {n}", recurrence=once(at(10))) for n in range(3)]
    await engine.plant(*jobs)
    async with engine.running():
        gate = engine.faults.hold_before("agenda.write")
        await engine.clock.advance(10)
        await gate.reached.wait()
        await engine.plant(jobs[1].cancelled(at(9)), jobs[2].rescheduled(at(30), at(9)))
        gate.open()
        await engine.advance(1)
        assert engine.said() == ["⏰ no 0"]
        await engine.advance(20)
        assert engine.said() == ["⏰ no 0", "⏰ no 2"]


async def test_rule_that_cannot_be_used_any_more_ends_the_job_after_its_run(
    engine: Engine,
) -> None:
    await engine.plant(make_job("j1", recurrence=cron("99 * * * *"), due=at(10)))
    async with engine.running():
        await engine.advance(10)
        assert engine.said() == ["⏰ water the plants"]
        assert engine.job("j1").state is JobState.DONE


async def test_question_to_the_model_becomes_a_task_in_the_same_write(engine: Engine) -> None:
    gate = Gate()
    engine.channel.fail("42", gate)
    await engine.plant(repeating(60, kind=JobKind.LLM_PROMPT, text="the news"))
    async with engine.running():
        await engine.advance(60)
        (task,) = engine.agenda.tasks()
        assert (task.job, task.kind, task.description) == ("j1", "llm_prompt", "the news")
        assert (task.state, task.quiet) == (TaskState.SUCCEEDED, False)
        assert engine.job("j1").in_hand == at(60)
        gate.open()
        await engine.advance(1)
        assert engine.said() == ["did the news"]
        assert engine.job("j1").runs == 1


async def test_questions_that_are_made_up_for_do_not_begin_all_at_once(engine: Engine) -> None:
    await engine.plant(
        make_job("j1", kind=JobKind.LLM_PROMPT, text="late", recurrence=once(at(10)))
    )
    await engine.clock.advance(600)
    async with engine.running():
        assert engine.work.begun == []
        await engine.advance(15)
        assert engine.work.begun == ["late"]
