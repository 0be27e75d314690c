"""Cards of jobs and tasks: what is on them, and what their buttons carry."""

from datetime import timedelta
from typing import Any

import pytest

from minibot.app.handlers.agenda.board import board_card
from minibot.app.handlers.agenda.cards import (
    JOB_ACTS,
    TASK_ACTS,
    Card,
    answered_reminder,
    detail_card,
    edit_help,
    reasons,
    reminder_card,
    saved_card,
    wish_card,
)
from minibot.app.handlers.agenda.presses import (
    Place,
    ReminderAct,
    ReminderPress,
)
from minibot.core.jobs import JobKind, JobState, Notify
from minibot.core.messages import Button, Person
from minibot.core.planning import Planned
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.planning import cron, make_job, make_task
from tests.fakes import START

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)
LONG_ID = "9" * 20
"""Longer than any of Telegram's."""

WEEK = (START, START + timedelta(days=7), START + timedelta(days=14))


def all_buttons(card: Card) -> list[Button]:
    return [button for row in card.buttons for button in row]


def labels(card: Card) -> list[str]:
    return [button.label for button in all_buttons(card)]


def detail(shown: Planned | Task, *, zone: str = BERLIN, note: str = "") -> Card:
    return detail_card(shown, zone=zone, now=START, place=Place(), note=note)


def planned(**fields: Any) -> Planned:
    job = make_job(**fields)
    return Planned(job=job, upcoming=(job.due,) if job.due else ())


def test_a_reminder_says_its_text_and_can_be_answered() -> None:
    card = reminder_card(make_job(text="*buy* milk"), late_since=None, zone=BERLIN)
    assert card.markdown == "⏰ \\*buy\\* milk"
    assert labels(card) == ["💤 10 m", "💤 1 h", "💤 Tomorrow", "✔ Done"]


def test_a_late_reminder_says_when_it_was_due() -> None:
    job = make_job(updated_at=START + timedelta(days=2))
    card = reminder_card(job, late_since=START, zone=BERLIN)
    assert card.markdown == "⏰ water the plants\n(was due Wed 4 Mar, 06:06; I was away)"


def test_a_reminder_in_a_group_names_whose_it_is() -> None:
    card = reminder_card(make_job(private=False), late_since=None, zone="")
    assert card.markdown == "⏰ Ann: water the plants"


def test_the_buttons_of_a_reminder_know_the_run_they_are_about() -> None:
    job = make_job(due=None, in_hand=START.replace(microsecond=0))
    data = all_buttons(reminder_card(job, late_since=None, zone=""))[0].data
    kind, _, rest = data.partition(":")
    assert kind == "rc"
    assert ReminderPress.parse(rest) == ReminderPress(
        act=ReminderAct.TEN_MINUTES, job_id=job.id, due=START.replace(microsecond=0), person_id="42"
    )


def test_a_reminder_that_was_answered_says_so_without_buttons() -> None:
    card = answered_reminder(make_job(text="x" * 5_000), "✔ done")
    assert card.markdown.endswith("…\n✔ done")
    assert len(card.markdown) < 1_000
    assert card.buttons == ()


def test_what_was_understood_is_shown_with_the_next_runs() -> None:
    card = wish_card(
        "water the plants",
        cron("0 10 * * 1", BERLIN),
        WEEK,
        now=START,
        token="7",
        person_id="42",
    )
    assert card.markdown.splitlines() == [
        "⏰ **water the plants**",
        "every Monday at 10:00 (Europe\\/Berlin)",
        "next: Wed 4 Mar, 06:06 · Wed 11 Mar, 06:06 · Wed 18 Mar, 06:06",
    ]
    assert [button.data for button in all_buttons(card)] == ["rw:s:7:42", "rw:x:7:42"]


def test_what_runs_once_names_its_moment_once() -> None:
    job = make_job()
    card = wish_card(
        job.text, job.recurrence, WEEK[:1], now=START, token="7", person_id="42"
    )  # fmt: skip
    assert card.markdown == "⏰ **water the plants**\nWed 4 Mar, 05:06 (UTC)"


def test_what_was_saved_can_be_cancelled_and_opened() -> None:
    card = saved_card(planned(), zone=BERLIN, now=START)
    assert card.markdown == "📌 **water the plants**\nnext: Wed 4 Mar, 06:06"
    assert [button.data for button in all_buttons(card)] == [
        "jb:ca:a1:j2abc:1:42",
        "tb:a1:j2abc:42",
    ]


def test_moments_of_somebody_of_unknown_zone_are_said_to_be_utc() -> None:
    assert saved_card(planned(), zone="", now=START).markdown.endswith("next: Wed 4 Mar, 05:06 UTC")


def test_a_job_is_shown_with_all_there_is() -> None:
    shown = Planned(
        job=make_job(
            text="*news*",
            kind=JobKind.LLM_PROMPT,
            recurrence=cron("0 10 * * 1", BERLIN),
            runs=2,
            last_run=START,
            problem="no *luck*",
        ),
        upcoming=WEEK,
    )
    assert detail(shown, note="NOTE").markdown.splitlines() == [
        "⏰ \\*news\\*",
        "",
        "`j2abc` · question to the model · scheduled",
        "when: every Monday at 10:00 (Europe\\/Berlin)",
        "next: Wed 4 Mar, 06:06 · Wed 11 Mar, 06:06 · Wed 18 Mar, 06:06",
        "last: Wed 4 Mar, 06:06 (2 runs)",
        "problem: no \\*luck\\*",
        "",
        "NOTE",
    ]


def test_a_task_is_shown_with_all_there_is() -> None:
    running = make_task(
        state=TaskState.RUNNING, started_at=START - HOUR, progress="page *3*", parents=("t2xyz",)
    )
    assert detail(running).markdown.splitlines() == [
        "⚙️ read the news",
        "",
        "`t2abc` · llm\\_prompt · running for 1 h: page \\*3\\*",
        "waits for: `t2xyz`",
    ]
    failed = make_task(state=TaskState.FAILED, finished_at=START, result="half", problem="no net")
    assert detail(failed).markdown.splitlines()[2:] == [
        "`t2abc` · llm\\_prompt · failed, Wed 4 Mar, 06:06",
        "result: half",
        "problem: no net",
    ]


def test_buttons_fit_the_state() -> None:
    assert labels(detail(planned())) == [
        "💤 Snooze 1 h",
        "⚡ Run now",
        "⏸ Pause",
        "✔ Done",
        "🚫 Cancel",
        "✏️ Edit",
        "❓ Why",
        "‹ Back",
    ]
    assert "✔ Done" not in labels(detail(planned(recurrence=cron("0 9 * * *"))))
    assert labels(detail(planned(state=JobState.PAUSED)))[0] == "▶ Resume"
    assert labels(detail(planned(state=JobState.CANCELLED)))[0] == "↩️ Bring back"
    assert labels(detail(make_task(state=TaskState.FAILED)))[0] == "🔁 Run again"
    assert labels(detail(make_task(state=TaskState.SUCCEEDED))) == ["❓ Why", "‹ Back"]


def test_every_state_has_its_buttons() -> None:
    assert set(JOB_ACTS) == set(JobState)
    assert set(TASK_ACTS) == set(TaskState)


def test_no_button_carries_more_than_telegram_takes() -> None:
    person = Person(id=LONG_ID)
    job = make_job(person=person, version=123_456)
    shown = Planned(job=job, upcoming=())
    place = Place(page=999)
    cards = [
        reminder_card(job, late_since=None, zone=""),
        detail_card(shown, zone="", now=START, place=place),
        board_card([shown] * 6, place, person_id=LONG_ID, zone="", now=START),
        wish_card("x", job.recurrence, WEEK, now=START, token="9" * 12, person_id=LONG_ID),
        saved_card(shown, zone="", now=START),
    ]
    longest = max(len(button.data.encode()) for card in cards for button in all_buttons(card))
    assert longest <= 64


def test_a_card_is_one_message_however_much_was_written() -> None:
    emoji = "🌱" * 5_000
    job = make_job(text=emoji, problem=emoji, last_run=START)
    task = make_task(
        state=TaskState.FAILED,
        finished_at=START,
        description=emoji,
        result=emoji,
        problem=emoji,
    )
    for shown in (Planned(job=job, upcoming=()), task):
        note = reasons(shown, zone=BERLIN, now=START)
        card = detail(shown, note=note)
        assert len(card.markdown.encode("utf-16-le")) // 2 <= 4_096


def test_why_tells_of_a_job() -> None:
    job = make_job(runs=3, last_run=START, failures=2, due=START + HOUR, notify=Notify.NEVER)
    assert reasons(Planned(job=job, upcoming=()), zone=BERLIN, now=START).splitlines() == [
        "Asked for by Ann on Wed 4 Mar, 06:06.",
        "You are told nothing unless it fails.",
        "It ran 3 times, last on Wed 4 Mar, 06:06.",
        "It failed 2 times in a row and is tried again.",
        "It waits for Wed 4 Mar, 07:06.",
    ]
    said = reasons(planned(in_hand=START), zone="", now=START)
    assert "It did not run yet." in said
    assert "It is running, for Wed 4 Mar, 05:06 UTC." in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": TaskState.WAITING, "parents": ("t1", "t2")}, "It waits for `t1`, `t2`."),
        ({"not_before": START + HOUR, "attempts": 1}, "It waits for its next try on Wed 4 Mar"),
        ({}, "It waits for a free worker; its priority is 5 of 9."),
        (
            {"state": TaskState.RUNNING, "started_at": START - HOUR},
            "It has been running for 1 h.",
        ),
        ({"state": TaskState.SUCCEEDED, "finished_at": START}, "It ended on Wed 4 Mar, 06:06."),
        ({"job": "j2abc"}, "The job `j2abc` made it."),
        ({"attempts": 2}, "It was tried 2 times."),
    ],
)
def test_why_tells_of_a_task(fields: dict[str, Any], said: str) -> None:
    assert said in reasons(make_task(**fields), zone=BERLIN, now=START)


def test_editing_is_explained() -> None:
    assert "`/tasks edit j2abc tomorrow 9:00`" in edit_help(planned())
    assert "cannot be edited" in edit_help(make_task())
