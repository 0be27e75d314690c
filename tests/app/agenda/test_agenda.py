"""The agenda: known by heart, written through, and shared with other processes."""

import asyncio
from datetime import datetime, timedelta

import pytest

from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.app.agenda.agenda import Agenda
from minibot.core.errors import IllegalTransition, StorageUnavailable, UnknownEntry
from minibot.core.jobs import JobState
from minibot.core.tasks import TaskState
from tests.app.agenda.engine import FaultyAgenda
from tests.app.agenda.planning import make_job, make_task, once
from tests.app.faulty_storage import Faults
from tests.fakes import START, FakeClock, make_chat, settle


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Office:
    """A store that several processes have open."""

    def __init__(self) -> None:
        self.rows = AgendaRows()
        self.faults = Faults()
        self.clock = FakeClock()

    async def open(self) -> Agenda:
        agenda = Agenda(FaultyAgenda(InMemoryAgenda(self.rows), self.faults), self.clock)
        await agenda.open()
        return agenda


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def agenda(office: Office) -> Agenda:
    return await office.open()


async def test_what_was_added_is_known_and_found_by_the_next_process(
    office: Office, agenda: Agenda
) -> None:
    job, task = make_job("j1"), make_task("t1")

    await agenda.add(job, task)

    for known in (agenda, await office.open()):
        assert (known.job("j1"), known.task("t1")) == (job, task)
        assert (known.job("t1"), known.task("j1")) == (None, None)


async def test_nothing_is_known_of_what_could_not_be_written(
    office: Office, agenda: Agenda
) -> None:
    office.faults.fail("agenda.write")

    with pytest.raises(StorageUnavailable):
        await agenda.add(make_job("j1"))

    assert agenda.job("j1") is None
    assert agenda.next_due() is None


async def test_jobs_come_in_the_order_in_which_they_run(agenda: Agenda) -> None:
    await agenda.add(
        make_job("j3", recurrence=once(at(30))),
        make_job("j1", recurrence=once(at(10))),
        make_job("j9", due=None, state=JobState.DONE),
        make_job("j2", recurrence=once(at(20)), owner="telegram:7"),
    )

    assert [job.id for job in agenda.jobs()] == ["j1", "j2", "j3", "j9"]
    assert [job.id for job in agenda.jobs("telegram:42")] == ["j1", "j3", "j9"]
    assert [job.id for job in agenda.jobs(states={JobState.DONE})] == ["j9"]


async def test_tasks_come_oldest_first(agenda: Agenda) -> None:
    await agenda.add(
        make_task("t2", created_at=at(2), batch="b1"),
        make_task("t1", created_at=at(1), batch="b1", state=TaskState.RUNNING),
        make_task("t3", created_at=at(3), owner="telegram:7"),
    )

    assert [task.id for task in agenda.tasks()] == ["t1", "t2", "t3"]
    assert [task.id for task in agenda.tasks("telegram:7")] == ["t3"]
    assert [task.id for task in agenda.tasks(states={TaskState.RUNNING})] == ["t1"]
    assert [task.id for task in agenda.batch("b1")] == ["t1", "t2"]
    assert agenda.batch("") == []


async def test_ids_are_new_among_jobs_and_tasks(agenda: Agenda) -> None:
    made = {agenda.new_id("j") for _ in range(100)}

    assert all(len(each) == 6 and each.startswith("j") for each in made)
    assert len(made) > 90


async def test_due_jobs_are_taken_in_order_and_no_more_than_asked_for(agenda: Agenda) -> None:
    await agenda.add(*(make_job(f"j{n}", recurrence=once(at(n))) for n in (3, 1, 2, 9)))

    assert agenda.next_due() == at(1)
    assert [job.id for job in agenda.take_due(at(3), 2)] == ["j1", "j2"]
    assert [job.id for job in agenda.take_due(at(3), 2)] == ["j3"]
    assert agenda.take_due(at(3), 2) == []
    assert agenda.next_due() == at(9)


async def test_job_that_was_edited_is_taken_once(agenda: Agenda) -> None:
    job = make_job("j1", recurrence=once(at(1)))
    await agenda.add(job)
    for text in ("b", "c"):
        await agenda.change_job(
            "j1",
            lambda each, text=text: each.edited(  # type: ignore[misc]
                START, text=text, recurrence=each.recurrence, due=each.due
            ),
        )

    assert [taken.text for taken in agenda.take_due(at(1), 10)] == ["c"]


async def test_jobs_that_are_paused_in_hand_or_moved_are_not_due(agenda: Agenda) -> None:
    await agenda.add(*(make_job(f"j{n}", recurrence=once(at(1))) for n in range(4)))
    await agenda.change_job("j0", lambda job: job.paused(START))
    await agenda.change_job("j1", lambda job: job.fired(at(2), START))
    await agenda.change_job("j2", lambda job: job.rescheduled(at(60), START))
    await agenda.forget(["j3"])

    assert agenda.take_due(at(59), 10) == []
    assert agenda.next_due() == at(60)


async def test_what_nobody_could_change_is_offered_again(agenda: Agenda) -> None:
    await agenda.add(make_job("j1"), make_job("j2"))
    taken = agenda.take_due(START, 10)
    await agenda.change_job("j2", lambda job: job.cancelled(START))

    agenda.offer_again(taken)

    assert [job.id for job in agenda.take_due(START, 10)] == ["j1"]


async def test_changes_say_so(agenda: Agenda) -> None:
    await agenda.add(make_job("j1"))
    assert (agenda.jobs_changed.is_set(), agenda.tasks_changed.is_set()) == (True, False)
    await agenda.add(make_task("t1"))
    assert agenda.tasks_changed.is_set()


async def test_change_of_what_is_not_there_is_refused(agenda: Agenda) -> None:
    with pytest.raises(UnknownEntry, match="j1"):
        await agenda.change_job("j1", lambda job: job.paused(START))
    with pytest.raises(UnknownEntry, match="t1"):
        await agenda.change_task("t1", lambda task: task.cancelled(START))


async def test_change_that_is_not_possible_writes_nothing(office: Office, agenda: Agenda) -> None:
    await agenda.add(make_job("j1"))
    before = office.faults.calls["agenda.write"]

    with pytest.raises(IllegalTransition):
        await agenda.change_job("j1", lambda job: job.settled(START))
    assert await agenda.change_job("j1", lambda job: job) == agenda.job("j1")

    assert office.faults.calls["agenda.write"] == before


async def test_end_of_a_task_changes_those_that_wait_for_it_in_one_write(
    office: Office, agenda: Agenda
) -> None:
    await agenda.add(
        make_task("t1", state=TaskState.RUNNING),
        make_task("t2", state=TaskState.WAITING, parents=("t1",)),
        make_task("t3", state=TaskState.WAITING, parents=("t2",)),
    )
    before = office.faults.calls["agenda.write"]

    await agenda.change_task("t1", lambda task: task.failed("no net", START))

    for known in (agenda, await office.open()):
        states = [task.state for task in known.tasks()]
        assert states == [TaskState.FAILED, TaskState.BLOCKED, TaskState.BLOCKED]
    assert office.faults.calls["agenda.write"] == before + 1


async def test_change_is_made_anew_of_what_another_process_left(
    office: Office, agenda: Agenda
) -> None:
    await agenda.add(make_job("j1"))
    other = await office.open()
    await other.change_job("j1", lambda job: job.rescheduled(at(60), START))

    changed = await agenda.change_job("j1", lambda job: job.paused(START))

    assert (changed.state, changed.due, changed.version) == (JobState.PAUSED, at(60), 3)


async def test_change_is_refused_when_another_process_made_it_impossible(
    office: Office, agenda: Agenda
) -> None:
    await agenda.add(make_job("j1"))
    other = await office.open()
    await other.change_job("j1", lambda job: job.cancelled(START))

    with pytest.raises(IllegalTransition):
        await agenda.change_job("j1", lambda job: job.paused(START))


async def test_values_made_of_outdated_ones_are_not_stored(office: Office, agenda: Agenda) -> None:
    await agenda.add(make_job("j1"), make_job("j2"))
    other = await office.open()
    await other.change_job("j2", lambda job: job.cancelled(START))
    one, two = agenda.jobs()

    assert not await agenda.replace(one.paused(START), two.paused(START))

    assert [job.state for job in agenda.jobs()] == [JobState.SCHEDULED, JobState.CANCELLED]
    assert await agenda.replace(agenda.jobs()[0].paused(START))


async def test_refresh_takes_over_what_others_added_changed_and_forgot(
    office: Office, agenda: Agenda
) -> None:
    await agenda.add(make_job("j1", recurrence=once(at(1))), make_job("j2"))
    other = await office.open()
    agenda.jobs_changed.clear()
    await other.add(make_job("j3", recurrence=once(at(3))), make_task("t1"))
    await other.change_job("j1", lambda job: job.rescheduled(at(9), START))
    await other.forget(["j2"])

    await agenda.refresh()

    assert [job.id for job in agenda.jobs()] == ["j3", "j1"]
    assert agenda.task("t1") is not None
    assert agenda.next_due() == at(3)
    assert agenda.jobs_changed.is_set()


async def test_change_is_finished_when_its_maker_is_cancelled(
    office: Office, agenda: Agenda
) -> None:
    await agenda.add(make_job("j1"))
    gate = office.faults.hold_before("agenda.write")
    changing = asyncio.create_task(agenda.change_job("j1", lambda job: job.paused(START)))
    await gate.reached.wait()

    changing.cancel()
    await settle()
    gate.open()
    await asyncio.wait([changing])

    assert changing.cancelled()
    for known in (agenda, await office.open()):
        assert [job.state for job in known.jobs()] == [JobState.PAUSED]


async def test_forgotten_entries_are_gone_everywhere(office: Office, agenda: Agenda) -> None:
    await agenda.add(make_job("j1"), make_task("t1"), make_task("t2"))

    await agenda.forget(["j1", "t1", "t-unknown"])

    for known in (agenda, await office.open()):
        assert (known.jobs(), [task.id for task in known.tasks()]) == ([], ["t2"])


async def test_entries_follow_a_chat_to_its_new_id(office: Office, agenda: Agenda) -> None:
    topic = make_chat("-1", "7")
    await agenda.add(
        make_job("j1", chat=topic),
        make_job("j2", chat=make_chat("-2")),
        make_job("j3", chat=topic, state=JobState.DONE, due=None),
        make_task("t1", chat=topic),
    )
    other = await office.open()
    await other.change_job("j1", lambda job: job.paused(START))

    await agenda.move_chat(make_chat("-1"), "-1001")

    for known in (agenda, await office.open()):
        assert {job.id: job.chat.key for job in known.jobs()} == {
            "j1": "telegram:-1001:7",
            "j2": "telegram:-2",
            "j3": "telegram:-1:7",
        }
        assert [task.chat.key for task in known.tasks()] == ["telegram:-1001:7"]
    assert [job.state for job in agenda.jobs() if job.id == "j1"] == [JobState.PAUSED]


async def test_two_that_end_at_once_do_not_miss_what_waits_for_both(
    office: Office, agenda: Agenda
) -> None:
    left, right = (make_task(name, state=TaskState.RUNNING) for name in ("left", "right"))
    bottom = make_task("bottom", state=TaskState.WAITING, parents=("left", "right"))
    await agenda.add(left, right, bottom)
    gate = office.faults.hold_before("agenda.write")
    ends = [
        asyncio.create_task(agenda.change_task(name, lambda task: task.succeeded("done", at(1))))
        for name in ("left", "right")
    ]
    await gate.reached.wait()
    await settle()
    gate.open()
    await asyncio.gather(*ends)

    for known in (agenda, await office.open()):
        found = known.task("bottom")
        assert found is not None
        assert found.state is TaskState.QUEUED
