"""What is not told in quiet hours: kept, told once at their end, and not lost on the way."""

import asyncio
from datetime import datetime, timedelta

import pytest

from minibot.app.agenda.admission import report_arrival
from minibot.app.agenda.held import STORAGE_PAUSE_SECONDS, tell_at_once
from minibot.app.agenda.strategies import Done
from minibot.app.agenda.upkeep import Upkeep
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.errors import IllegalTransition, ToolFailed
from minibot.core.inbox import InboxState
from minibot.core.jobs import Job, JobKind, JobState, Notify, Recurrence, RecurrenceKind
from minibot.core.messages import OutgoingFile
from minibot.core.outbox import OutboxState
from minibot.core.quiet import Hours
from minibot.core.tasks import TaskState, gathered, held_back
from tests.app.agenda.engine import Engine, Work
from tests.app.agenda.planning import make_asker, make_job, make_task, once
from tests.app.turn_context import make_context
from tests.fakes import START, make_chat

OWNER = make_asker().owner
TEN_MINUTES = Hours.parse("5:00-5:10")
"""It is 5:06:07."""
LEFT = 233
"""Seconds until they are over."""
EVERY_MINUTE = Recurrence(kind=RecurrenceKind.EVERY, rule="60", start=START, zone="UTC")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def question(job_id: str = "j1", **fields: object) -> Job:
    return make_job(
        job_id, kind=JobKind.LLM_PROMPT, text="the news", **{"recurrence": once(at(10)), **fields}
    )


@pytest.fixture
async def engine() -> Engine:
    engine = Engine()
    await engine.quiet.keep(OWNER, TEN_MINUTES)
    return engine


async def test_results_come_in_one_message_when_it_is_not_quiet_any_more(engine: Engine) -> None:
    engine.work.steps["weigh it"] = [ToolFailed("No scales.")]
    await engine.plant(
        question(), make_task("t1"), make_task("t2", description="weigh it", created_at=at(1))
    )
    async with engine.running():
        await engine.advance(LEFT - 1)
        assert engine.said() == []
        await engine.advance(1)
        assert engine.said() == [
            "🌙 While it was quiet:\n\n"
            "✅ **read the news**\ndid read the news\n\n"
            "⚠️ **weigh it**\nNo scales\\.\n\n"
            "✅ **the news**\ndid the news"
        ]
        assert all(task.reported for task in engine.agenda.tasks())


async def test_outside_of_quiet_hours_nothing_is_kept(engine: Engine) -> None:
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(LEFT)
        await engine.agenda.add(make_task("t2", description="weigh it"))
        await engine.advance(1)
        assert engine.said()[1:] == ["✅ **weigh it**\n\ndid weigh it"]


async def test_quiet_hours_of_others_do_not_count(engine: Engine) -> None:
    await engine.plant(make_task("t1", owner="telegram:43"))
    async with engine.running():
        await engine.advance(1)
        assert engine.said() == ["✅ **read the news**\n\ndid read the news"]


async def test_reminders_come_on_time(engine: Engine) -> None:
    await engine.plant(make_job("j1", recurrence=once(at(10))))
    async with engine.running():
        await engine.advance(10)
        assert engine.said() == ["⏰ water the plants"]


async def test_job_is_done_when_it_was_told_and_not_before(engine: Engine) -> None:
    await engine.plant(question())
    async with engine.running():
        await engine.advance(LEFT - 1)
        assert engine.job("j1").in_hand == at(10)
        await engine.advance(1)
        assert engine.job("j1").state is JobState.DONE
        assert engine.job("j1").runs == 1


async def test_job_that_repeats_goes_on_meanwhile(engine: Engine) -> None:
    await engine.plant(question(recurrence=EVERY_MINUTE, due=at(60)))
    async with engine.running():
        await engine.advance(LEFT)
        assert engine.job("j1").runs == 3
        assert engine.job("j1").due == at(240)
        assert engine.said() == [
            "🌙 While it was quiet:\n\n" + "\n\n".join(["✅ **the news**\ndid the news"] * 3)
        ]


async def test_what_is_no_news_is_not_kept(engine: Engine) -> None:
    await engine.plant(
        question(recurrence=EVERY_MINUTE, due=at(60), notify=Notify.ON_CHANGE),
        question("j2", notify=Notify.NEVER),
    )
    async with engine.running():
        await engine.advance(LEFT)
        assert engine.said() == ["🌙 While it was quiet:\n\n✅ **the news**\ndid the news"]


async def test_job_that_failed_for_good_is_told_with_the_others(engine: Engine) -> None:
    engine.work.steps["the news"] = [ToolFailed("No net.")]
    await engine.plant(question())
    async with engine.running():
        await engine.advance(LEFT)
        assert engine.said() == ["🌙 While it was quiet:\n\n⚠️ **the news**\nNo net\\."]
        assert engine.job("j1").state is JobState.FAILED


async def test_batch_is_told_share_by_share(engine: Engine) -> None:
    engine.work.steps["a"] = [ToolFailed("No.")]
    await engine.plant(
        make_task("t1", description="a", batch="b1"),
        make_task("t2", description="b", batch="b1", created_at=at(1)),
        make_task("t3", description="c", batch="b1", parents=("t1",), state=TaskState.WAITING),
    )
    async with engine.running():
        await engine.advance(LEFT)
        assert engine.said() == [
            "🌙 While it was quiet:\n\n⚠️ **a**\nNo\\.\n\n"
            "🚫 **c**\nit needed \\'a\\'\\, which failed\n\n"
            "✅ **b**\ndid b"
        ]
        await engine.advance(120)
        assert len(engine.said()) == 1


async def test_each_chat_has_a_message_of_its_own(engine: Engine) -> None:
    group = make_chat("-100")
    await engine.plant(
        make_task("t1"),
        make_task("t2", chat=group, private=False, created_at=at(1)),
        make_task("t3", chat=group, private=False, created_at=at(2), owner="telegram:43"),
    )
    await engine.quiet.keep("telegram:43", TEN_MINUTES)
    async with engine.running():
        await engine.advance(LEFT)
        news = "it was quiet:\n\n✅ **read the news**\ndid read the news"
        assert engine.channel.said("42") == [f"🌙 While {news}"]
        assert engine.channel.said("-100") == [f"🌙 Ann, while {news}"] * 2


async def test_files_come_with_it(engine: Engine) -> None:
    drawn = OutgoingFile(path="/files/cat.png", name="cat.png", caption="a *cat*\n---\nasleep")
    plain = OutgoingFile(path="/files/dog.png", name="dog.png")
    engine.work.steps["read the news"] = [Done(text="see below", files=(drawn, plain))]
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(LEFT - 1)
        assert engine.channel.sent == []
        await engine.advance(1)
        sent = [(each.part.text, each.part.file) for each in engine.channel.sent]
        assert sent[1:] == [("a *cat*", drawn), ("asleep", None), ("", plain)]


async def test_hours_that_are_ended_early_let_it_go(engine: Engine) -> None:
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(5)
        await engine.quiet.keep(OWNER, None)
        await engine.advance(15)
        assert len(engine.said()) == 1


async def test_hours_that_are_made_longer_keep_it_longer(engine: Engine) -> None:
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(5)
        await engine.quiet.keep(OWNER, Hours.parse("5:00-5:11"))
        await engine.advance(LEFT + 54)
        assert engine.said() == []
        await engine.advance(1)
        assert len(engine.said()) == 1


async def test_task_that_is_run_once_more_is_told_only_of_its_last_end(engine: Engine) -> None:
    engine.work.steps["read the news"] = [ToolFailed("No net.")]
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(5)
        assert engine.task("t1").held
        again = await engine.agenda.change_task("t1", lambda task: task.again(engine.clock.now()))
        assert not again.held
        await engine.advance(LEFT)
        assert engine.said() == [
            "🌙 While it was quiet:\n\n✅ **read the news**\ndid read the news"
        ]


async def test_long_results_are_cut_and_many_are_counted(engine: Engine) -> None:
    long = "word " * 1000
    for number in range(14):
        engine.work.steps[f"task {number:02}"] = [Done(text=long)]
    await engine.plant(
        *(
            make_task(f"t{number}", description=f"task {number:02}", created_at=at(number))
            for number in range(14)
        )
    )
    async with engine.running():
        await engine.advance(LEFT)
        (said,) = engine.said()
        assert len(said) < 4096
        assert "task 11**\nword" in said
        assert "`/tasks show t11` shows the rest." in said
        assert "task 12" not in said
        assert said.endswith("… and 2 more: `/tasks done` lists them.")
        assert all(task.reported for task in engine.agenda.tasks())


async def test_code_that_is_cut_is_closed(engine: Engine) -> None:
    engine.work.steps["read the news"] = [Done(text="```\n" + "x" * 5000 + "\n```")]
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(LEFT)
        assert "x\n```\n… `/tasks show t1`" in engine.said()[0]


async def test_what_is_kept_is_not_forgotten_before_it_is_told(engine: Engine) -> None:
    await engine.plant(make_task("t1"))
    async with engine.running():
        await engine.advance(5)
    await engine.quiet.keep(OWNER, Hours.parse("5:00-4:00"))
    engine.clock.shift = timedelta(days=30)
    upkeep = Upkeep(engine.agenda, bus=engine.rig.bus, settings=engine.rig.live, clock=engine.clock)
    await upkeep.tidy()
    assert engine.task("t1").result == "did read the news"


async def test_storage_that_fails_keeps_nobody_from_being_told_once(engine: Engine) -> None:
    engine.strategies = {"llm_prompt": Work(engine.clock, seconds=5)}
    engine = Engine(strategies=engine.strategies, before=engine)
    await engine.plant(make_task("t1"))
    async with engine.running():
        succeeded = engine.faults.hold_after("agenda.write")
        await engine.advance(5)
        engine.faults.fail("agenda.write")
        succeeded.open()
        await engine.advance(STORAGE_PAUSE_SECONDS)
        assert engine.task("t1").held
        await engine.advance(LEFT - 7)
        engine.faults.fail("agenda.write")
        engine.faults.fail("outbox.enqueue")
        await engine.advance(1 + 2 * STORAGE_PAUSE_SECONDS)
        assert len(engine.said()) == 1
        assert engine.task("t1").reported


async def test_message_that_was_queued_before_a_crash_is_said_once(engine: Engine) -> None:
    """The process dies between queueing the message and noting so; then more is kept."""
    await engine.plant(make_task("t1"))
    life = asyncio.create_task(engine.run())
    await engine.advance(LEFT - 1)
    gate = engine.faults.hold_after("outbox.enqueue")
    await engine.clock.advance(1)
    assert gate.reached.is_set()
    await engine.end(life)
    queued = [row.part.part.text for row in engine.rig.rows.outbox.values()]
    assert queued == ["🌙 While it was quiet:\n\n✅ **read the news**\ndid read the news"]

    after = engine.successor()
    await after.quiet.keep(OWNER, Hours.parse("5:00-5:20"))  # it is quiet again
    await after.plant(make_task("t2", description="weigh it"))
    async with after.running():
        await after.advance(60)
        assert after.said() == queued
        assert (after.task("t1").reported, after.task("t2").held) == (False, True)
        await after.advance(600)
        assert after.said() == [
            *queued,
            "🌙 While it was quiet:\n\n✅ **weigh it**\ndid weigh it",
        ]
        assert all(task.reported for task in after.agenda.tasks())


async def test_report_of_a_batch_that_was_told_with_others_is_not_said_again(
    engine: Engine,
) -> None:
    """Its turn died behind keeping the batch, and runs again when that was told."""
    await engine.plant(make_task("t1", batch="b1"), make_task("t2", batch="b1"))
    async with engine.running():
        await engine.advance(LEFT)
        assert len(engine.said()) == 1
        arrival = report_arrival(engine.agenda.batch("b1"))
        assert arrival.message is not None
        context = make_context(work=arrival.message.work)
        answer = await engine.works(_fail, context)
        assert (answer.state, answer.markdown) == (InboxState.IGNORED, "")


async def test_it_is_told_once_wherever_the_process_dies() -> None:
    moments = 0
    while True:
        moments += 1
        engine = Engine()
        await engine.quiet.keep(OWNER, TEN_MINUTES)
        await engine.plant(
            question(),
            make_task("t1", batch="b1", description="a"),
            make_task("t2", batch="b1", description="b"),
        )
        survived = await engine.live(moments, is_over)
        if survived:
            break
        after = engine.successor()
        assert await after.live(0, is_over)
        queued = [row.part for row in after.rig.rows.outbox.values()]
        assert [part.part.text.count("did") for part in queued] == [3], moments
        assert {part.state for part in queued} == {OutboxState.SENT}
        (job,) = after.agenda.jobs()
        assert (job.state, job.runs) == (JobState.DONE, 1)
    assert moments > 40


def is_over(engine: Engine) -> bool:
    tasks = engine.agenda.tasks()
    return (
        len(tasks) == 3
        and all(task.reported for task in tasks)
        and engine.job("j1").over
        and "sending" not in engine.rig.part_states()
        and "pending" not in engine.rig.part_states()
    )


async def test_task_that_another_process_changed_is_kept_as_it_stands(engine: Engine) -> None:
    task = make_task("t1", state=TaskState.SUCCEEDED, finished_at=START)
    await engine.plant(task)
    await engine.start()
    await engine.plant(task.moved(make_chat("-100"), START))
    assert await engine.hold([task])
    assert (engine.task("t1").held, engine.task("t1").chat) == (True, make_chat("-100"))


def test_what_is_told_or_goes_on_cannot_be_kept() -> None:
    told = make_task(state=TaskState.SUCCEEDED, reported=True)
    for task in (told, make_task(state=TaskState.RUNNING), make_task(state=TaskState.CANCELLED)):
        with pytest.raises(IllegalTransition):
            held_back(task, START)
    with pytest.raises(IllegalTransition):
        gathered(make_task(state=TaskState.SUCCEEDED), "t1.2", START)


async def test_without_quiet_hours_nothing_is_kept() -> None:
    assert not await tell_at_once([make_task(state=TaskState.SUCCEEDED)])


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError
