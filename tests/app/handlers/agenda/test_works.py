"""Work in the pipeline: what is said of it, and what is not done twice or too late."""

from datetime import timedelta
from typing import Any

import pytest

from minibot.app.agenda.admission import reminder_arrival, report_arrival, task_arrival
from minibot.app.agenda.digests import digest
from minibot.app.agenda.strategies import Done
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.account import AnswerAccount
from minibot.core.errors import ModelBusy, ModelRequestRefused, ModelUnavailable, ToolFailed
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.jobs import Job, Notify
from minibot.core.llm import Role, Utterance
from minibot.core.messages import Arrival, Button, OutgoingFile
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.engine import Engine
from tests.app.agenda.planning import make_job, make_task
from tests.app.turn_context import make_context
from tests.fakes import START

IGNORED = InboxState.IGNORED


class Office:
    """The middleware, and an agenda on which it works."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.passed: list[str] = []

    async def hold(self, *entries: Job | Task) -> None:
        await self.engine.agenda.add(*entries)

    async def handle(self, context: TurnContext) -> Answer:
        async def call_next(context: TurnContext) -> Answer:
            self.passed.append(context.message.text)
            return Answer(markdown="passed on")

        return await self.engine.works(call_next, context)

    async def handle_arrival(self, arrival: Arrival) -> Answer:
        assert arrival.message is not None
        item = InboxItem(
            id=7,
            conversation=arrival.chat.key,
            message=arrival.message,
            received_at=START,
            attempts=1,
            crashes=0,
            urgent=True,
        )
        return await self.handle(TurnContext(item=item, settings=self.engine.rig.live.current))

    async def remind(self, job: Job) -> Answer:
        return await self.handle_arrival(reminder_arrival(job, START))

    async def do(self, task: Task) -> Answer:
        return await self.handle_arrival(task_arrival(task, self.engine.agenda.job(task.job)))

    def script(self, *steps: Exception | Done) -> None:
        self.engine.work.steps["read the news"] = list(steps)


@pytest.fixture
def office() -> Office:
    return Office()


def held(**fields: Any) -> Job:
    return make_job("j1", due=None, in_hand=START, **fields)


def running(task_id: str = "t1", **fields: Any) -> Task:
    known = {"state": TaskState.RUNNING, "started_at": START, "attempts": 1, **fields}
    return make_task(task_id, **known)


async def test_what_somebody_wrote_is_passed_on(office: Office) -> None:
    assert (await office.handle(make_context("hello"))).markdown == "passed on"
    assert office.passed == ["hello"]


async def test_reminder_is_said_with_its_buttons(office: Office) -> None:
    job = held()
    await office.hold(job)

    answer = await office.remind(job)

    assert (answer.markdown, answer.state) == ("⏰ water the plants", InboxState.DONE)
    assert answer.buttons
    work = office.engine.runs.find(7)
    assert work is not None
    assert work.id == "j1"


async def test_reminder_that_is_late_says_when_it_was_due(office: Office) -> None:
    job = held()
    await office.hold(job)
    await office.engine.clock.jump(timedelta(seconds=1))

    assert "was due" in (await office.remind(job)).markdown


async def test_reminder_is_said_on_change_as_well_because_it_never_changes(office: Office) -> None:
    job = held(notify=Notify.ON_CHANGE)
    await office.hold(job)

    assert (await office.remind(job)).markdown


async def test_reminder_without_a_word_is_done(office: Office) -> None:
    job = held(notify=Notify.NEVER)
    await office.hold(job)

    assert await office.remind(job) == Answer()


async def test_reminder_of_another_moment_or_of_none_is_passed_over(office: Office) -> None:
    job = held()
    assert (await office.remind(job)).state is IGNORED
    await office.hold(make_job("j1", in_hand=START + timedelta(seconds=1)))
    assert (await office.remind(job)).state is IGNORED


async def test_result_is_recorded_before_it_is_said(office: Office) -> None:
    entry = Utterance(role=Role.ASSISTANT, text="sun")
    button, file = Button(label="a", data="a"), OutgoingFile(path="a", name="a")
    account = AnswerAccount(reference="m1", answered_at=START, models=("m",))
    office.script(
        Done(text="sun", entries=(entry,), account=account, buttons=((button,),), files=(file,))
    )
    task = running()
    await office.hold(task)

    answer = await office.do(task)

    assert answer.markdown == "✅ **read the news**\n\nsun"
    assert answer.account is account
    assert (answer.entries, answer.buttons, answer.files) == ((entry,), ((button,),), (file,))
    recorded = office.engine.task("t1")
    assert (recorded.state, recorded.result) == (TaskState.SUCCEEDED, "sun")
    assert not recorded.reported


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": TaskState.SUCCEEDED, "result": "sun"}, "✅ **read the news**\n\nsun"),
        (
            {"state": TaskState.FAILED, "problem": "no net"},
            "⚠️ I could not do this: **read the news**\n\nno net",
        ),
    ],
)
async def test_what_was_done_before_a_crash_is_said_and_not_done_again(
    office: Office, fields: dict[str, Any], said: str
) -> None:
    task = running(**fields)
    await office.hold(task)

    answer = await office.do(task)

    assert (answer.markdown, answer.state) == (said, InboxState.DONE)
    assert office.engine.work.begun == []


@pytest.mark.parametrize(
    "fields",
    [
        {"state": TaskState.SUCCEEDED, "reported": True},
        {"state": TaskState.CANCELLED},
        {"state": TaskState.BLOCKED},
        {"state": TaskState.QUEUED},
        {"started_at": START + timedelta(seconds=1)},
    ],
)
async def test_what_is_not_to_be_done_now_is_passed_over(
    office: Office, fields: dict[str, Any]
) -> None:
    await office.hold(running(**fields))

    answer = await office.do(running())

    assert (answer.state, answer.markdown) == (IGNORED, "")
    assert office.engine.work.begun == []


async def test_task_that_is_gone_is_passed_over(office: Office) -> None:
    assert (await office.do(running())).state is IGNORED


async def test_task_waits_for_a_model_as_it_is(office: Office) -> None:
    office.script(ModelUnavailable())
    task = running()
    await office.hold(task)

    answer = await office.do(task)

    assert (answer.state, answer.markdown) == (InboxState.WAITING, "")
    assert office.engine.task("t1") == task


@pytest.mark.parametrize("error", [ToolFailed("no net", transient=True), ModelBusy("no net")])
async def test_failure_that_may_pass_puts_the_task_back_without_a_word(
    office: Office, error: Exception
) -> None:
    office.script(error)
    task = running()
    await office.hold(task)

    answer = await office.do(task)

    assert (answer.state, answer.markdown, answer.problem) == (IGNORED, "", "no net")
    put_back = office.engine.task("t1")
    assert (put_back.state, put_back.problem) == (TaskState.QUEUED, "no net")
    assert put_back.not_before == START + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (ToolFailed("no net"), 1),
        (ModelRequestRefused("no net"), 1),
        (ToolFailed("no net", transient=True), 4),
    ],
)
async def test_failure_for_good_is_told(office: Office, error: Exception, attempts: int) -> None:
    office.script(error)
    task = running(attempts=attempts)
    await office.hold(task)

    answer = await office.do(task)

    assert answer.state is InboxState.DONE
    assert answer.markdown.endswith("**read the news**\n\nno net")
    assert office.engine.task("t1").state is TaskState.FAILED


async def test_task_of_an_unknown_kind_fails_and_says_so(office: Office) -> None:
    task = running(kind="dance")
    await office.hold(task)

    answer = await office.do(task)

    assert "does not know tasks of the kind 'dance'" in answer.markdown


@pytest.mark.parametrize("error", [None, ToolFailed("no net")])
async def test_task_that_was_cancelled_while_it_was_done_is_not_told(
    office: Office, error: Exception | None
) -> None:
    task = running()
    await office.hold(task)

    async def work(task: Task, context: TurnContext) -> Done:
        await office.engine.agenda.change_task("t1", lambda each: each.cancelled(START))
        if error is not None:
            raise error
        return Done(text="sun")

    office.engine.strategies["llm_prompt"] = work

    answer = await office.do(task)

    assert (answer.state, answer.markdown) == (IGNORED, "")
    assert office.engine.task("t1").state is TaskState.CANCELLED


@pytest.mark.parametrize(
    ("notify", "before", "said"),
    [
        (Notify.ON_CHANGE, "rain", "sun"),
        (Notify.ON_CHANGE, "sun", ""),
        (Notify.ON_CHANGE, None, "sun"),
        (Notify.ALWAYS, "sun", "sun"),
    ],
)
async def test_what_is_no_news_is_not_told_to_who_wants_only_news(
    office: Office, notify: Notify, before: str | None, said: str
) -> None:
    office.script(Done(text="sun"))
    task = running(job="j1")
    last_result = "" if before is None else digest(before)
    await office.hold(held(notify=notify, last_result=last_result), task)

    assert (await office.do(task)).markdown == said


async def test_tasks_of_a_batch_are_told_together_by_a_report_of_their_own(office: Office) -> None:
    file = OutgoingFile(path="a", name="a")
    office.script(Done(text="sun", files=(file,)))
    first, second = running("t1", batch="b1"), running("t2", batch="b1", description="b")
    await office.hold(first, second)

    one = await office.do(first)
    early = await office.handle_arrival(report_arrival(office.engine.agenda.batch("b1")))
    two = await office.do(second)
    report = await office.handle_arrival(report_arrival(office.engine.agenda.batch("b1")))

    assert (one.markdown, one.files, two.markdown) == ("", (file,), "")
    assert (early.state, early.markdown) == (IGNORED, "")
    assert report.markdown.startswith("📋 All 2 tasks are over, 2 of them done.")


async def test_report_of_a_batch_that_is_forgotten_is_passed_over(office: Office) -> None:
    assert (await office.handle_arrival(report_arrival([running(batch="b1")]))).state is IGNORED
