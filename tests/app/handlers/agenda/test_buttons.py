"""Buttons about jobs and tasks: what they do, for whom, and what a second press does."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minibot.app.handlers.agenda.actions import CHANGED
from minibot.app.handlers.agenda.cards import detail_card, reminder_card
from minibot.app.handlers.agenda.presses import Act, EntryPress, Place
from minibot.core.inbox import InboxState
from minibot.core.jobs import Job, JobState
from minibot.core.messages import Button
from minibot.core.planning import Planned
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.planning import Planning, cron, make_job, make_task, once
from tests.app.handlers.agenda.desk import OTHER, AgendaDesk, labelled
from tests.fakes import START, make_chat, make_settings

HOUR = timedelta(hours=1)
AHEAD = START + timedelta(days=1)
GROUP = make_chat("-100")
NOT_YOURS = "This button is for somebody else."
GONE = "This button does not work any more."


@pytest.fixture
def desk() -> AgendaDesk:
    return AgendaDesk()


def said_just_now(**fields: Any) -> Job:
    """Give a reminder that was delivered."""
    known: dict[str, Any] = {"state": JobState.DONE, "due": None, "last_run": START, "runs": 1}
    return make_job(**{**known, **fields})


def repeating(**fields: Any) -> Job:
    """Give a reminder of every Monday, of which one was delivered."""
    known: dict[str, Any] = {
        "recurrence": cron("0 10 * * 1"),
        "due": AHEAD,
        "last_run": START,
        "runs": 1,
    }
    return make_job(**{**known, **fields})


def answering(job: Job, label: str) -> Button:
    """Give a button of the card of a reminder that is due."""
    card = reminder_card(job, late_since=None, zone="")
    return labelled([button for row in card.buttons for button in row], label)


def act(entry: Job | Task, what: Act, *, version: int | None = None) -> str:
    """Give the data of a button on a detail card."""
    press = EntryPress(
        act=what,
        place=Place(),
        entry_id=entry.id,
        version=version or entry.version,
        person_id=entry.person.id,
    )
    return str(press)


@pytest.mark.parametrize(
    ("label", "due", "said"),
    [
        ("10 m", START + timedelta(minutes=10), "Wed 4 Mar, 06:16"),
        ("1 h", START + HOUR, "Wed 4 Mar, 07:06"),
        ("Tomorrow", START + timedelta(days=1), "Thu 5 Mar, 06:06"),
    ],
)
async def test_a_reminder_is_snoozed(
    desk: AgendaDesk, label: str, due: datetime, said: str
) -> None:
    await desk.live_in("Europe/Berlin")
    job = said_just_now()
    await desk.keep(job)
    pressed = await desk.press(answering(job, label))
    assert desk.job(job.id).due == due
    assert pressed.said == f"↪ snoozed until {said}"
    assert pressed.text == f"⏰ water the plants\n↪ snoozed until {said}".replace(
        ",", "\\,"
    ).replace(":", "\\:")
    assert pressed.buttons == []
    assert pressed.answer.drafts[0].edits == "m9"


async def test_tomorrow_is_the_same_time_of_day_when_clocks_change(desk: AgendaDesk) -> None:
    await desk.live_in("Europe/Berlin")
    eve = datetime(2026, 3, 28, 17, 0, tzinfo=UTC)
    await desk.clock.advance((eve - START).total_seconds() + 1200)
    job = said_just_now(recurrence=once(eve, "Europe/Berlin"), last_run=eve)
    await desk.keep(job)
    await desk.press(answering(job, "Tomorrow"))
    assert desk.job(job.id).due == datetime(2026, 3, 29, 16, 0, tzinfo=UTC)


async def test_tomorrow_of_what_repeats_is_in_the_morning(desk: AgendaDesk) -> None:
    job = repeating()
    await desk.keep(job)
    await desk.press(answering(job, "Tomorrow"))
    (copy,) = (each for each in desk.jobs() if each.id != job.id)
    assert copy.due == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


async def test_a_second_press_says_the_same_and_snoozes_nothing(desk: AgendaDesk) -> None:
    job = said_just_now()
    await desk.keep(job)
    first = await desk.press(answering(job, "10 m"))
    await desk.clock.advance(5)
    second = await desk.press(answering(job, "10 m"))
    assert second.said == first.said
    assert second.text == first.text
    assert desk.job(job.id).due == START + timedelta(minutes=10)


async def test_a_second_press_snoozes_what_repeats_only_once(desk: AgendaDesk) -> None:
    job = repeating()
    await desk.keep(job)
    first = await desk.press(answering(job, "1 h"))
    await desk.clock.advance(120)
    second = await desk.press(answering(job, "1 h"))
    assert first.said == second.said
    assert [(each.text, each.due) for each in desk.jobs()] == [
        (job.text, START + HOUR),
        (job.text, AHEAD),
    ]


async def test_two_presses_at_the_same_time_snooze_only_once(desk: AgendaDesk) -> None:
    job = repeating()
    await desk.keep(job)
    await asyncio.gather(*(desk.turn_of_press(answering(job, "1 h")) for _ in range(3)))
    assert len(desk.jobs()) == 2


async def test_the_next_run_of_what_repeats_can_be_snoozed_as_well(desk: AgendaDesk) -> None:
    job = repeating()
    await desk.keep(job)
    await desk.press(answering(job, "10 m"))
    await desk.clock.advance(timedelta(days=7).total_seconds())
    later = repeating(last_run=START + timedelta(days=7))
    await desk.press(answering(later, "10 m"))
    assert len(desk.jobs()) == 3


async def test_a_reminder_can_be_snoozed_before_its_delivery_is_noted(desk: AgendaDesk) -> None:
    job = make_job(due=None, in_hand=START)
    await desk.keep(job)
    await desk.press(answering(job, "10 m"))
    await desk.planning.agenda.change_job(job.id, lambda each: each.settled(START))
    after = desk.job(job.id)
    assert (after.state, after.due) == (JobState.SCHEDULED, START + timedelta(minutes=10))


async def test_a_snooze_that_is_one_too_many_is_refused_with_words() -> None:
    desk = AgendaDesk(Planning(settings=make_settings(scheduler={"max_jobs_per_person": 1})))
    job = repeating()
    await desk.keep(job)
    pressed = await desk.press(answering(job, "10 m"))
    assert pressed.said.startswith("That did not work: there are 1 open jobs already")
    assert pressed.answer.drafts == ()


async def test_done_is_said_on_the_card_however_often(desk: AgendaDesk) -> None:
    job = said_just_now()
    await desk.keep(job)
    for _ in range(2):
        pressed = await desk.press(answering(job, "Done"))
        assert pressed.said == "✔ done"
        assert pressed.text == "⏰ water the plants\n✔ done"
    assert desk.job(job.id) == job


async def test_done_leaves_what_repeats_alone(desk: AgendaDesk) -> None:
    job = repeating()
    await desk.keep(job)
    assert (await desk.press(answering(job, "Done"))).said == "✔ done"
    assert desk.job(job.id).state is JobState.SCHEDULED


@pytest.mark.parametrize("label", ["10 m", "1 h", "Tomorrow", "Done"])
async def test_a_reminder_of_somebody_else_is_left_alone(desk: AgendaDesk, label: str) -> None:
    job = said_just_now(chat=GROUP, private=False)
    await desk.keep(job)
    pressed = await desk.press(answering(job, label), sender_id=OTHER, chat=GROUP, private=False)
    assert pressed.said == NOT_YOURS
    assert (pressed.answer.state, pressed.answer.drafts) == (InboxState.IGNORED, ())
    assert desk.jobs() == [job]


async def test_data_that_was_made_up_reaches_nothing_of_others(desk: AgendaDesk) -> None:
    job = said_just_now()
    await desk.keep(job)
    forged = answering(job, "10 m").data.removesuffix("42") + OTHER
    assert (await desk.press(forged, sender_id=OTHER)).said == GONE
    forged = act(job, Act.RUN).removesuffix("42") + OTHER
    assert (await desk.press(forged, sender_id=OTHER)).said == GONE
    assert desk.jobs() == [job]


@pytest.mark.parametrize("data", ["rc:?", "jb:?", "tb:?", "rw:?"])
async def test_a_button_that_cannot_be_read_does_nothing(desk: AgendaDesk, data: str) -> None:
    assert (await desk.press(data)).said == GONE


async def test_a_reminder_that_is_forgotten_cannot_be_answered(desk: AgendaDesk) -> None:
    assert (await desk.press(answering(said_just_now(), "10 m"))).said == GONE


async def test_a_task_is_no_reminder(desk: AgendaDesk) -> None:
    await desk.keep(make_task())
    assert (await desk.press(f"rc:m:t2abc:{int(START.timestamp())}:42")).said == GONE


@pytest.mark.parametrize(
    ("state", "what", "said", "after"),
    [
        (JobState.SCHEDULED, Act.PAUSE, "Paused.", JobState.PAUSED),
        (JobState.PAUSED, Act.PAUSE, "Paused.", JobState.PAUSED),
        (JobState.PAUSED, Act.RESUME, "It goes on: Thu 5 Mar, 05:06 UTC.", JobState.SCHEDULED),
        (JobState.SCHEDULED, Act.RESUME, "It goes on: Thu 5 Mar, 05:06 UTC.", JobState.SCHEDULED),
        (JobState.SCHEDULED, Act.CANCEL, "Cancelled.", JobState.CANCELLED),
        (JobState.CANCELLED, Act.CANCEL, "Cancelled.", JobState.CANCELLED),
        (
            JobState.CANCELLED,
            Act.BRING_BACK,
            "It goes on: Thu 5 Mar, 05:06 UTC.",
            JobState.SCHEDULED,
        ),
        (JobState.DONE, Act.DONE, "Done.", JobState.DONE),
    ],
)
async def test_a_job_is_changed_and_shown_as_it_is_then(
    desk: AgendaDesk, state: JobState, what: Act, said: str, after: JobState
) -> None:
    job = make_job(state=state, recurrence=once(AHEAD))
    await desk.keep(job)
    pressed = await desk.press(act(job, what))
    assert pressed.said == said
    assert desk.job(job.id).state is after
    assert f"· {after.value}" in pressed.text
    assert labelled(pressed.buttons, "Back").data == "tb:a1::42"


async def test_done_ends_a_job_that_runs_once(desk: AgendaDesk) -> None:
    job = make_job(recurrence=once(AHEAD))
    await desk.keep(job)
    assert (await desk.press(act(job, Act.DONE))).said == "Done."
    assert desk.job(job.id).over


async def test_a_job_runs_now_and_not_twice_for_two_presses(desk: AgendaDesk) -> None:
    job = make_job(recurrence=once(AHEAD))
    await desk.keep(job)
    assert (await desk.press(act(job, Act.RUN))).said == "It runs now."
    once_run = desk.job(job.id)
    assert once_run.due == START
    assert (await desk.press(act(job, Act.RUN))).said == CHANGED
    assert desk.job(job.id) == once_run


async def test_a_job_that_is_ahead_is_put_off_from_its_own_moment(desk: AgendaDesk) -> None:
    job = make_job(recurrence=once(AHEAD))
    await desk.keep(job)
    pressed = await desk.press(act(job, Act.SNOOZE))
    assert pressed.said == "Snoozed until Thu 5 Mar, 06:06 UTC."
    assert desk.job(job.id).due == AHEAD + HOUR
    assert (await desk.press(act(job, Act.SNOOZE))).said == CHANGED
    assert desk.job(job.id).due == AHEAD + HOUR


async def test_what_repeats_is_put_off_by_one_more_run(desk: AgendaDesk) -> None:
    job = repeating()
    await desk.keep(job)
    for _ in range(2):
        pressed = await desk.press(act(job, Act.SNOOZE))
        assert pressed.said == "Snoozed until Wed 4 Mar, 06:06 UTC."
    assert desk.job(job.id) == job
    assert len(desk.jobs()) == 2


async def test_what_cannot_be_done_is_said(desk: AgendaDesk) -> None:
    job = make_job(state=JobState.DONE, due=None)
    await desk.keep(job)
    pressed = await desk.press(act(job, Act.PAUSE))
    assert pressed.said == "That did not work: job j2abc cannot become paused: it is done"
    assert "· done" in pressed.text


async def test_what_the_buttons_explain_is_shown_on_the_card(desk: AgendaDesk) -> None:
    job = make_job(recurrence=once(AHEAD))
    await desk.keep(job)
    edit, why = await desk.press(act(job, Act.EDIT)), await desk.press(act(job, Act.WHY))
    assert "`/tasks edit j2abc new text`" in edit.text
    assert "Asked for by Ann" in why.text
    assert (edit.said, why.said) == ("", "")
    assert desk.jobs() == [job]


async def test_a_task_is_cancelled_with_those_that_wait_for_it(desk: AgendaDesk) -> None:
    task, child = make_task(), make_task("t2xyz", state=TaskState.WAITING, parents=("t2abc",))
    await desk.keep(task, child)
    pressed = await desk.press(act(task, Act.CANCEL))
    assert pressed.said == "Cancelled, and 1 task that waited for it."
    assert "cancelled" in pressed.text
    assert (await desk.press(act(task, Act.CANCEL))).said == "Cancelled."


async def test_a_task_that_failed_runs_again_once(desk: AgendaDesk) -> None:
    task = make_task(state=TaskState.FAILED, problem="no net", finished_at=START)
    await desk.keep(task)
    assert (await desk.press(act(task, Act.RUN_AGAIN))).said == "It is in line again."
    assert (await desk.press(act(task, Act.RUN_AGAIN))).said == CHANGED
    again = desk.planning.agenda.task(task.id)
    assert again is not None
    assert (again.state, again.version) == (TaskState.QUEUED, 2)


async def test_a_task_is_not_paused(desk: AgendaDesk) -> None:
    await desk.keep(make_task())
    pressed = await desk.press(act(make_task(), Act.PAUSE))
    assert pressed.said == "That did not work: a task can be cancelled or run again, nothing else"


@pytest.mark.parametrize("what", list(Act))
async def test_an_entry_of_somebody_else_is_left_alone(desk: AgendaDesk, what: Act) -> None:
    job = make_job(chat=GROUP, private=False, recurrence=once(AHEAD))
    await desk.keep(job)
    pressed = await desk.press(act(job, what), sender_id=OTHER, chat=GROUP, private=False)
    assert pressed.said == NOT_YOURS
    assert desk.jobs() == [job]


async def test_an_entry_that_is_forgotten_is_gone(desk: AgendaDesk) -> None:
    assert (await desk.press(act(make_job(), Act.WHY))).said == GONE


async def test_all_buttons_of_a_card_are_understood(desk: AgendaDesk) -> None:
    job = make_job(recurrence=once(AHEAD))
    await desk.keep(job)
    card = detail_card(
        Planned(job=job, upcoming=()), zone="", now=START, place=Place(page=2)
    )  # fmt: skip
    for button in (button for row in card.buttons for button in row):
        assert (await desk.press(button)).said not in (GONE, NOT_YOURS)


async def test_a_board_turns_pages_opens_entries_and_comes_back(desk: AgendaDesk) -> None:
    await desk.keep(*(make_task(f"t{number}") for number in range(6)))
    first = await desk.press("tb:t1::42")
    assert first.text.startswith("**Tasks** (6)")
    second = await desk.press(labelled(first.buttons, "›"))
    opened = await desk.press(labelled(second.buttons, "6"))
    assert "`t5` · llm\\_prompt · queued" in opened.text
    back = await desk.press(labelled(opened.buttons, "Back"))
    assert back.text == second.text
    assert back.answer.drafts[0].edits == "m9"


async def test_an_entry_that_is_gone_leads_back_to_the_board(desk: AgendaDesk) -> None:
    pressed = await desk.press("tb:a1:j2abc:42")
    assert pressed.said == "It is not there any more."
    assert pressed.text.startswith("Nothing is planned")


async def test_a_board_of_somebody_else_is_not_shown(desk: AgendaDesk) -> None:
    await desk.keep(make_job())
    pressed = await desk.press("tb:a1::42", sender_id=OTHER, chat=GROUP, private=False)
    assert pressed.said == NOT_YOURS
    assert pressed.answer.drafts == ()


async def test_a_board_in_a_group_has_nothing_from_elsewhere(desk: AgendaDesk) -> None:
    await desk.keep(
        make_job(text="my diagnosis", recurrence=once(AHEAD)),
        make_job("j2xyz", text="our plan", chat=GROUP, private=False, recurrence=once(AHEAD)),
    )
    shown = await desk.press("tb:a1::42", chat=GROUP, private=False)
    assert "our plan" in shown.text
    assert "diagnosis" not in shown.text
    opened = await desk.press("tb:a1:j2abc:42", chat=GROUP, private=False)
    assert "diagnosis" not in opened.text
