"""Jobs and tasks end when what they had to say has arrived, wherever a process died before."""

from datetime import datetime, timedelta

import pytest

from minibot.app.agenda.settler import SWEEP_SECONDS
from minibot.app.agenda.strategies import Done
from minibot.core.errors import ChatClosed, SendFailed, ToolFailed
from minibot.core.events import TurnFinished
from minibot.core.jobs import Job, JobKind, JobState, Notify, Recurrence, RecurrenceKind
from tests.app.agenda.engine import Engine, Work
from tests.app.agenda.planning import make_job, make_task, once
from tests.fakes import START, Gate, make_settings, until

HOURLY = Recurrence(kind=RecurrenceKind.EVERY, rule="3600", start=START, zone="UTC")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def question(job_id: str = "j1", **fields: object) -> Job:
    return make_job(
        job_id, kind=JobKind.LLM_PROMPT, text="the news", **{"recurrence": once(at(10)), **fields}
    )


@pytest.fixture
def engine() -> Engine:
    return Engine()


async def test_reminder_is_done_when_it_has_arrived_and_not_before(engine: Engine) -> None:
    engine.channel.fail("42", SendFailed("no net"))
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        await engine.advance(10)
        assert engine.job("j1").state is JobState.SCHEDULED
        assert engine.job("j1").in_hand == at(10)
        await engine.advance(5)
        assert engine.said() == ["⏰ water the plants"]
        assert engine.job("j1").state is JobState.DONE


async def test_reminder_that_could_not_be_delivered_is_tried_again_and_then_given_up(
    engine: Engine,
) -> None:
    engine.channel.fail("42", *[ChatClosed("blocked")] * 4)
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        for failures, pause in enumerate((10, 30, 60, 120)):
            await engine.advance(pause)
            assert len(engine.channel.tried) == failures + 1
        job = engine.job("j1")
        assert (job.state, job.problem) == (JobState.FAILED, "the message could not be delivered")
        assert engine.troubles == [
            "The job j1 of telegram:42 failed for good: the message could not be delivered"
        ]
        await engine.advance(7200)
        assert len(engine.channel.tried) == 4


async def test_one_try_that_arrives_begins_the_count_anew(engine: Engine) -> None:
    engine.channel.fail("42", *[ChatClosed("blocked")] * 3)
    await engine.plant(make_job("j1", recurrence=HOURLY, due=at(10)))
    async with engine.running():
        await engine.advance(10 + 30 + 60 + 120)
        job = engine.job("j1")
        assert (job.state, job.failures, job.runs, job.problem) == (JobState.SCHEDULED, 0, 1, "")
        assert job.due == at(3600)
    assert engine.troubles == []


async def test_limit_of_no_tries_gives_up_at_once() -> None:
    engine = Engine(
        settings=make_settings(
            scheduler={"poll_interval_ms": 60_000, "default_retry_limit": 0},
        )
    )
    engine.channel.fail("42", ChatClosed("blocked"))
    await engine.plant(make_job("j1", recurrence=HOURLY, due=at(10)))
    async with engine.running():
        await engine.advance(10)
        job = engine.job("j1")
        assert (job.state, job.due, job.in_hand) == (JobState.SCHEDULED, at(3600), None)
        assert len(engine.troubles) == 1


async def test_job_paused_while_its_delivery_fails_stays_paused(engine: Engine) -> None:
    gate = Gate()
    engine.channel.fail("42", gate)
    await engine.plant(make_job("j1", recurrence=HOURLY, due=at(10)))
    async with engine.running():
        await engine.advance(10)
        await engine.agenda.change_job("j1", lambda job: job.paused(engine.clock.now()))
        gate.refuse(ChatClosed("blocked"))
        await engine.advance(3600)
        assert engine.job("j1").state is JobState.PAUSED
        assert len(engine.channel.tried) == 1


async def test_reminder_whose_person_wants_no_word_is_done_without_one(engine: Engine) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(10)), notify=Notify.NEVER))
    async with engine.running():
        await engine.advance(10)
        assert engine.said() == []
        assert engine.job("j1").state is JobState.DONE


async def test_quiet_question_is_asked_and_nobody_is_told(engine: Engine) -> None:
    await engine.plant(question(notify=Notify.NEVER))
    async with engine.running():
        await engine.advance(10)
        assert (engine.work.begun, engine.said()) == (["the news"], [])
        assert engine.job("j1").state is JobState.DONE


async def test_quiet_question_that_fails_is_told(engine: Engine) -> None:
    engine.work.steps["the news"] = [ToolFailed("no such page")]
    await engine.plant(question(notify=Notify.NEVER))
    async with engine.running():
        await engine.advance(10)
        assert engine.said() == ["⚠️ I could not do this: **the news**\n\nno such page"]
        assert engine.job("j1").state is JobState.FAILED
        assert len(engine.troubles) == 1


async def test_only_what_changed_is_told(engine: Engine) -> None:
    engine.work.steps["the news"] = [Done(text=text) for text in ("sun", "sun ", "rain", "sun")]
    await engine.plant(question(recurrence=HOURLY, due=at(3600), notify=Notify.ON_CHANGE))
    async with engine.running():
        await engine.advance(4 * 3600)
        assert engine.said() == ["sun", "rain", "sun"]
        assert engine.job("j1").runs == 4


async def test_question_whose_task_failed_is_not_asked_again_by_the_job(engine: Engine) -> None:
    engine.work.steps["the news"] = [ToolFailed("no such page")]
    await engine.plant(question(recurrence=HOURLY, due=at(10)))
    async with engine.running():
        await engine.advance(3599)
        assert len(engine.work.begun) == 1
        job = engine.job("j1")
        assert (job.state, job.problem) == (JobState.SCHEDULED, "no such page")
        await engine.advance(1)
        assert len(engine.work.begun) == 2


async def test_question_whose_answer_was_lost_is_asked_again(engine: Engine) -> None:
    engine.channel.fail("42", ChatClosed("blocked"))
    await engine.plant(question())
    async with engine.running():
        await engine.advance(10)
        assert engine.said() == []
        await engine.advance(30)
        assert engine.said() == ["did the news"]
        assert engine.job("j1").state is JobState.DONE


async def test_question_whose_task_was_cancelled_before_it_began_does_not_hold_up_its_job(
    engine: Engine,
) -> None:
    gate = engine.faults.hold_before("inbox.claim_urgent")
    await engine.plant(question(recurrence=HOURLY, due=at(10)))
    async with engine.running():
        await engine.advance(10)
        await cancel_task(engine)
        gate.open()
        await engine.advance(SWEEP_SECONDS)
        job = engine.job("j1")
        assert (job.state, job.in_hand, job.due) == (JobState.SCHEDULED, None, at(3600))
        await engine.advance(3600)
        assert engine.said() == ["did the news"]
    assert engine.troubles == []


async def test_question_whose_task_was_stopped_ends_without_another_try(engine: Engine) -> None:
    engine.strategies["llm_prompt"] = Work(engine.clock, seconds=600)
    await engine.plant(question())
    async with engine.running():
        await engine.advance(20)
        await cancel_task(engine)
        await engine.advance(1)
        job = engine.job("j1")
        assert (job.state, job.problem) == (JobState.FAILED, "its task was cancelled")
        assert engine.said() == []
    assert engine.troubles == []


async def cancel_task(engine: Engine) -> None:
    (task,) = engine.agenda.tasks()
    await engine.agenda.change_task(task.id, lambda each: each.cancelled(engine.clock.now()))


async def test_end_of_an_old_run_does_not_end_a_new_one(engine: Engine) -> None:
    gate = Gate()
    engine.channel.fail("42", gate)
    await engine.plant(question())
    async with engine.running():
        await engine.advance(10)
        await engine.advance(1)
        now = engine.clock.now
        await engine.agenda.change_job("j1", lambda job: job.cancelled(now()))
        await engine.advance(1)
        await engine.agenda.change_job("j1", lambda job: job.rescheduled(now(), now()))
        await until(lambda: len(engine.agenda.tasks()) == 2)
        engine.channel.fail("42", hold := Gate())
        gate.open()
        await hold.reached.wait()
        await engine.advance(1)
        first, second = engine.agenda.tasks()
        assert (first.reported, second.reported) == (True, False)
        assert engine.job("j1").in_hand is not None
        hold.open()
        await engine.advance(1)
        assert engine.job("j1").state is JobState.DONE


async def test_what_never_reached_the_inbox_is_handed_over_again(engine: Engine) -> None:
    """Somebody else recorded it and died."""
    job, task = make_job("j1").fired(None, START), make_task("t1").started(START)
    await engine.plant(make_job("j1"), make_task("t1"))
    await engine.plant(job, task)
    async with engine.running():
        assert sorted(engine.said()) == [
            "⏰ water the plants",
            "✅ **read the news**\n\ndid read the news",
        ]
        assert engine.job("j1").state is JobState.DONE
        assert engine.task("t1").reported


async def test_what_the_bus_lost_is_found_by_a_sweep(engine: Engine) -> None:
    engine.channel.fail("42", gate := Gate())
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        await engine.advance(10)
        await gate.reached.wait()
        engine.runs.forget(1)
        gate.open()
        await engine.advance(1)
        assert engine.job("j1").in_hand == at(10)
        await engine.advance(SWEEP_SECONDS)
        assert engine.job("j1").state is JobState.DONE


async def test_reminder_delivered_by_the_next_process_is_done_as_soon_as_it_has_arrived(
    engine: Engine,
) -> None:
    engine.channel.fail("42", gate := Gate())
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        await engine.advance(10)
        await gate.reached.wait()
    engine.channel.fail("42", gate := Gate())
    async with engine.successor().running() as successor:
        await gate.reached.wait()
        gate.open()
        await until(lambda: successor.job("j1").state is JobState.DONE)


async def test_hint_about_something_else_is_passed_over(engine: Engine) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        await engine.advance(5)
        finds = engine.faults.calls["outcomes.find"]
        engine.rig.bus.publish(
            TurnFinished(inbox_id=99, conversation="telegram:42", outcome="done")
        )
        await engine.advance(1)
        assert engine.faults.calls["outcomes.find"] == finds


async def test_storage_that_fails_to_tell_is_asked_again(engine: Engine) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        await engine.advance(9)
        engine.faults.fail("outcomes.find", times=2)
        await engine.advance(1)
        assert len(engine.said()) == 1
        assert engine.job("j1").in_hand == at(10)
        await engine.advance(SWEEP_SECONDS)
        assert engine.job("j1").state is JobState.DONE
