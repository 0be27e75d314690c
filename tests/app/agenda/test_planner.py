"""Jobs and zones, as they are asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from minibot.core.errors import IllegalTransition, ScheduleInvalid, UnknownEntry
from minibot.core.jobs import JobKind, JobState, Notify, Recurrence, RecurrenceKind
from minibot.core.planning import Asker, JobWish, Planned, TaskWish
from minibot.core.tasks import TaskState
from tests.app.agenda.planning import Planning, cron, make_asker, make_job, make_task, once
from tests.fakes import START, make_chat, make_settings

ANN, BOB = make_asker("42"), make_asker("7")
GROUP = replace(ANN, chat=make_chat("-100"), private=False)
HOUR = timedelta(hours=1)
DAILY = cron("0 9 * * *")
NINE = datetime(2026, 3, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def every(seconds: int, start: datetime = START) -> Recurrence:
    return Recurrence(kind=RecurrenceKind.EVERY, rule=str(seconds), start=start, zone="UTC")


def rrule(rule: str) -> Recurrence:
    return Recurrence(kind=RecurrenceKind.RRULE, rule=rule, start=START, zone="UTC")


def wish(recurrence: Recurrence | None = None, text: str = "water the plants") -> JobWish:
    return JobWish(text=text, kind=JobKind.REMINDER, recurrence=recurrence or once(START + HOUR))


@pytest.fixture
def planning() -> Planning:
    return Planning()


async def scheduled(
    planning: Planning, recurrence: Recurrence | None = None, asker: Asker = ANN
) -> str:
    return (await planning.planner.schedule(asker, wish(recurrence))).job.id


async def fire(planning: Planning, job_id: str, next_due: datetime | None = None) -> None:
    now = planning.clock.now()
    await planning.agenda.change_job(job_id, lambda job: job.fired(next_due, now))


async def test_a_job_is_the_askers_and_due_at_its_first_moment(planning: Planning) -> None:
    planned = await planning.planner.schedule(ANN, wish(text="  water the plants\n"))
    job = planned.job
    assert (job.owner, job.person, job.chat, job.private) == (
        ANN.owner,
        ANN.person,
        ANN.chat,
        True,
    )
    assert (job.text, job.due) == ("water the plants", START + HOUR)
    assert planned.upcoming == (START + HOUR,)
    assert planning.planner.jobs(ANN) == [planned]


async def test_a_job_outlives_the_process(planning: Planning) -> None:
    job_id = await scheduled(planning)
    later = Planning(agenda_rows=planning.agenda_rows)
    await later.agenda.open()
    assert later.planner.job(ANN, job_id) == planning.planner.job(ANN, job_id)


async def test_three_moments_are_named_of_what_repeats(planning: Planning) -> None:
    planned = await planning.planner.schedule(ANN, wish(DAILY))
    assert planned.upcoming == (NINE, NINE + DAY, NINE + 2 * DAY)


async def test_an_interval_counts_from_its_start(planning: Planning) -> None:
    now_on = await planning.planner.schedule(ANN, wish(every(3600)))
    later = await planning.planner.schedule(ANN, wish(every(3600, START + DAY)))
    assert now_on.upcoming[0] == START + HOUR
    assert later.upcoming[:2] == (START + DAY, START + DAY + HOUR)


async def test_a_rule_runs_not_before_its_start(planning: Planning) -> None:
    planned = await planning.planner.schedule(ANN, wish(replace(DAILY, start=NINE + 3 * DAY)))
    assert planned.upcoming == (NINE + 3 * DAY, NINE + 4 * DAY, NINE + 5 * DAY)


async def test_the_zone_is_kept_as_it_is_spelt_right(planning: Planning) -> None:
    planned = await planning.planner.schedule(ANN, wish(cron("0 9 * * *", "europe/berlin")))
    assert planned.job.recurrence.zone == "Europe/Berlin"
    assert planned.upcoming[0] == NINE - HOUR


@pytest.mark.parametrize(
    ("recurrence", "words"),
    [
        (once(START - HOUR), "Wed 4 Mar, 04:06 is in the past: it is Wed 4 Mar, 05:06 now"),
        (once(START), "is in the past"),
        (once(START + 365 * 101 * DAY), "too far ahead"),
        (every(59), "more often than every 60 seconds"),
        (replace(every(60), rule="soon"), "is no interval"),
        (replace(every(60), rule="9" * 12), "is no interval"),
        (rrule("FREQ=MINUTELY;BYSECOND=0,30"), "more often than every 60 seconds"),
        (rrule("FREQ=DAILY;UNTIL=20200101T000000Z"), "no moment ahead"),
        (cron("61 * * * *"), "61"),
        (cron("0 9 * * *", "Mars/Olympus"), "Mars/Olympus"),
    ],
)
async def test_moments_that_cannot_be_are_refused(
    planning: Planning, recurrence: Recurrence, words: str
) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        await planning.planner.schedule(ANN, wish(recurrence))
    with pytest.raises(ScheduleInvalid, match=words):
        planning.planner.preview(recurrence)
    assert planning.planner.jobs(ANN) == []


@pytest.mark.parametrize("recurrence", [every(60), cron("* * * * *")])
def test_once_a_minute_is_possible(planning: Planning, recurrence: Recurrence) -> None:
    assert len(planning.planner.preview(recurrence)) == 3


def test_a_preview_gives_as_many_moments_as_there_are(planning: Planning) -> None:
    assert planning.planner.preview(DAILY, 1) == (NINE,)
    assert planning.planner.preview(DAILY, 5)[-1] == NINE + 4 * DAY
    assert planning.planner.preview(once(NINE), 5) == (NINE,)


@pytest.mark.parametrize(
    ("text", "words"), [(" \n", "not said what"), ("x" * 2_001, "2,001 characters")]
)
async def test_text_that_cannot_be_used_is_refused(
    planning: Planning, text: str, words: str
) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        await planning.planner.schedule(ANN, wish(text=text))
    job_id = await scheduled(planning)
    if text.strip():
        with pytest.raises(ScheduleInvalid, match=words):
            await planning.planner.edit(ANN, job_id, text=text)


async def test_nothing_is_planned_that_nobody_would_run() -> None:
    planning = Planning(settings=make_settings(scheduler={"enabled": False}))
    with pytest.raises(ScheduleInvalid, match="scheduler.enabled"):
        await scheduled(planning)
    with pytest.raises(ScheduleInvalid, match="scheduler.enabled"):
        await planning.planner.create(ANN, [TaskWish(description="read", kind="llm_prompt")])


async def test_a_person_has_so_many_jobs_and_no_more() -> None:
    settings = make_settings(scheduler={"max_jobs_per_person": 2})
    planning = Planning(settings=settings)
    first = await scheduled(planning)
    await scheduled(planning, asker=GROUP)
    with pytest.raises(ScheduleInvalid, match="2 open jobs"):
        await scheduled(planning)
    await scheduled(planning, asker=BOB)
    await planning.planner.cancel(ANN, first)
    await scheduled(planning)
    with pytest.raises(ScheduleInvalid, match="2 open jobs"):
        await planning.planner.bring_back(ANN, first)


async def test_what_is_anothers_is_as_what_is_not_there(planning: Planning) -> None:
    job_id = await scheduled(planning)
    planner = planning.planner
    assert planner.jobs(BOB) == []
    for attempt in (
        planner.pause(BOB, job_id),
        planner.resume(BOB, job_id),
        planner.run_now(BOB, job_id),
        planner.snooze(BOB, job_id, START + DAY),
        planner.finish(BOB, job_id),
        planner.cancel(BOB, job_id),
        planner.bring_back(BOB, job_id),
        planner.edit(BOB, job_id, text="mine now"),
    ):
        with pytest.raises(UnknownEntry) as anothers:
            await attempt
        with pytest.raises(UnknownEntry) as missing:
            planner.job(ANN, "j9zzz")
        assert str(anothers.value).replace(job_id, "j9zzz") == str(missing.value)
    assert planner.job(ANN, job_id).job.version == 1


async def test_a_group_sees_nothing_of_what_was_asked_for_elsewhere(planning: Planning) -> None:
    in_private = await scheduled(planning)
    in_group = await scheduled(planning, asker=GROUP)
    assert [each.job.id for each in planning.planner.jobs(GROUP)] == [in_group]
    with pytest.raises(UnknownEntry):
        planning.planner.job(GROUP, in_private)
    assert {each.job.id for each in planning.planner.jobs(ANN)} == {in_private, in_group}


async def test_jobs_are_listed_by_state(planning: Planning) -> None:
    paused = await scheduled(planning)
    await scheduled(planning)
    await planning.planner.pause(ANN, paused)
    found = planning.planner.jobs(ANN, states=(JobState.PAUSED,))
    assert found == [Planned(job=planning.planner.job(ANN, paused).job, upcoming=())]


async def test_an_edited_text_leaves_the_moment(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    planned = await planning.planner.edit(ANN, job_id, text=" feed the cat ")
    assert (planned.job.text, planned.job.due) == ("feed the cat", NINE)


async def test_an_edited_rule_gives_a_new_moment(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    planned = await planning.planner.edit(ANN, job_id, recurrence=once(START + DAY))
    assert planned.job.text == "water the plants"
    assert planned.upcoming == (START + DAY,)


async def test_what_is_over_is_not_edited(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.planner.cancel(ANN, job_id)
    with pytest.raises(IllegalTransition, match="cancelled"):
        await planning.planner.edit(ANN, job_id, text="feed the cat")


async def test_what_goes_on_does_so_at_the_next_moment(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    assert (await planning.planner.pause(ANN, job_id)).upcoming == ()
    await planning.clock.advance(6 * 3600)
    resumed = await planning.planner.resume(ANN, job_id)
    assert resumed.upcoming[0] == NINE + DAY


async def test_a_pause_that_ends_in_time_changes_nothing(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.planner.snooze(ANN, job_id, START + 2 * HOUR)
    await planning.planner.pause(ANN, job_id)
    assert (await planning.planner.resume(ANN, job_id)).upcoming == (START + 2 * HOUR,)


async def test_what_was_missed_in_a_pause_is_not_resumed(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.planner.pause(ANN, job_id)
    await planning.clock.advance(7200)
    with pytest.raises(ScheduleInvalid, match="in the past"):
        await planning.planner.resume(ANN, job_id)
    assert planning.planner.job(ANN, job_id).job.state is JobState.PAUSED


async def test_only_what_is_paused_goes_on(planning: Planning) -> None:
    job_id = await scheduled(planning)
    with pytest.raises(IllegalTransition, match="not paused"):
        await planning.planner.resume(ANN, job_id)


async def test_running_now_keeps_the_other_moments(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    planned = await planning.planner.run_now(ANN, job_id)
    assert planned.upcoming == (START, NINE, NINE + DAY)


async def test_what_is_paused_runs_now_and_stays_paused(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    await planning.planner.pause(ANN, job_id)
    planned = await planning.planner.run_now(ANN, job_id)
    assert planned.job.id != job_id
    assert planned.upcoming == (START,)
    assert planning.planner.job(ANN, job_id).job.state is JobState.PAUSED


async def test_what_was_cancelled_does_not_run_now(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.planner.cancel(ANN, job_id)
    with pytest.raises(IllegalTransition, match="cancelled"):
        await planning.planner.run_now(ANN, job_id)


async def test_a_reminder_that_was_said_is_snoozed(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.clock.advance(3600)
    await fire(planning, job_id)
    await planning.agenda.change_job(job_id, lambda job: job.settled(planning.clock.now()))
    planned = await planning.planner.snooze(ANN, job_id, START + 2 * HOUR)
    assert planned.job.id == job_id
    assert planned.upcoming == (START + 2 * HOUR,)


async def test_what_repeats_is_snoozed_as_a_job_of_its_own(planning: Planning) -> None:
    quiet = replace(wish(DAILY), notify=Notify.ON_CHANGE)
    job = (await planning.planner.schedule(GROUP, quiet)).job
    planned = await planning.planner.snooze(GROUP, job.id, START + HOUR)
    assert planning.planner.job(ANN, job.id).job == job
    assert planned.upcoming == (START + HOUR,)
    assert (planned.job.text, planned.job.chat, planned.job.notify) == (
        job.text,
        GROUP.chat,
        Notify.ALWAYS,
    )
    assert not planned.job.recurrence.repeats


async def test_nothing_is_snoozed_into_the_past(planning: Planning) -> None:
    job_id = await scheduled(planning)
    with pytest.raises(ScheduleInvalid, match="in the past"):
        await planning.planner.snooze(ANN, job_id, START)


async def test_whoever_is_through_with_a_reminder_is_not_reminded(planning: Planning) -> None:
    job_id = await scheduled(planning)
    planned = await planning.planner.finish(ANN, job_id)
    assert planned.job.over
    assert planned.upcoming == ()
    assert (await planning.planner.finish(ANN, job_id)).job.version == planned.job.version


async def test_what_is_being_said_ends_with_that(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.clock.advance(3600)
    await fire(planning, job_id)
    await planning.planner.snooze(ANN, job_id, START + 2 * HOUR)
    await planning.planner.finish(ANN, job_id)
    ended = await planning.agenda.change_job(job_id, lambda job: job.settled(planning.clock.now()))
    assert ended.state is JobState.DONE


async def test_what_repeats_is_never_through(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    assert (await planning.planner.finish(ANN, job_id)).upcoming[0] == NINE


async def test_a_cancelled_job_takes_its_tasks_with_it(planning: Planning) -> None:
    job = make_job()
    mine = make_task("t2aaa", job=job.id)
    child = make_task("t2bbb", state=TaskState.WAITING, parents=("t2aaa",))
    over = make_task("t2ccc", job=job.id, state=TaskState.SUCCEEDED)
    other = make_task("t2ddd")
    await planning.agenda.add(job, mine, child, over, other)
    cancelled = await planning.planner.cancel(ANN, job.id)
    assert cancelled.state is JobState.CANCELLED
    assert {task.id: task.state for task in planning.agenda.tasks()} == {
        "t2aaa": TaskState.CANCELLED,
        "t2bbb": TaskState.CANCELLED,
        "t2ccc": TaskState.SUCCEEDED,
        "t2ddd": TaskState.QUEUED,
    }


async def test_what_another_process_changed_is_cancelled_as_it_stands(planning: Planning) -> None:
    job_id = await scheduled(planning, DAILY)
    other = Planning(agenda_rows=planning.agenda_rows)
    await other.agenda.open()
    await other.planner.edit(ANN, job_id, text="feed the cat")
    cancelled = await planning.planner.cancel(ANN, job_id)
    assert (cancelled.text, cancelled.version) == ("feed the cat", 3)


async def test_nothing_is_cancelled_twice(planning: Planning) -> None:
    job_id = await scheduled(planning)
    await planning.planner.cancel(ANN, job_id)
    with pytest.raises(IllegalTransition, match="it is cancelled"):
        await planning.planner.cancel(ANN, job_id)


async def test_a_cancellation_is_undone(planning: Planning) -> None:
    reminder, daily = await scheduled(planning), await scheduled(planning, DAILY)
    for job_id in (reminder, daily):
        await planning.planner.cancel(ANN, job_id)
    assert (await planning.planner.bring_back(ANN, reminder)).upcoming == (START + HOUR,)
    assert (await planning.planner.bring_back(ANN, daily)).upcoming[0] == NINE


async def test_what_was_missed_while_cancelled_by_mistake_runs_at_once(
    planning: Planning,
) -> None:
    job_id = await scheduled(planning)
    await planning.planner.cancel(ANN, job_id)
    await planning.clock.advance(3700)
    planned = await planning.planner.bring_back(ANN, job_id)
    assert planned.upcoming == (planning.clock.now(),)


async def test_only_what_was_cancelled_is_brought_back(planning: Planning) -> None:
    job_id = await scheduled(planning)
    with pytest.raises(IllegalTransition, match="not cancelled"):
        await planning.planner.bring_back(ANN, job_id)


async def test_a_rule_that_cannot_be_read_any_more_is_still_shown(planning: Planning) -> None:
    job = make_job(recurrence=cron("0 9 * * *", "Gone/Away"), due=NINE)
    await planning.agenda.add(job)
    assert planning.planner.jobs(ANN) == [Planned(job=job, upcoming=(NINE,))]
