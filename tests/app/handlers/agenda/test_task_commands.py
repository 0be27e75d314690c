"""The command that shows and changes jobs and tasks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minibot.app.handlers.agenda.reminder_commands import NO_ZONE
from minibot.app.handlers.agenda.task_commands import TASKS_HELP
from minibot.core.jobs import JobState, RecurrenceKind
from minibot.core.tasks import TaskState
from tests.app.agenda.planning import Planning, cron, make_asker, make_job, make_task, once
from tests.app.handlers.agenda.desk import AgendaDesk, buttons_of, labelled
from tests.fakes import START, make_chat, make_settings

AHEAD = START + timedelta(days=1)
GROUP = make_chat("-100")
NOT_THERE = "There is no such entry here. /tasks lists those there are."
BOB = make_asker("43")
OWNER = "7"
"""The person who runs this minibot, by the settings of tests."""


@pytest.fixture
def desk() -> AgendaDesk:
    return AgendaDesk(Planning(settings=make_settings(tasks={"stuck_after_seconds": 600})))


async def fill(desk: AgendaDesk) -> None:
    """Have Ann some entries of every sort, and Bob one."""
    await desk.keep(
        make_job(recurrence=once(AHEAD)),
        make_job("j2don", text="old tea", state=JobState.DONE, due=None),
        make_job("j2bad", text="news", state=JobState.FAILED, due=None, problem="no *net*"),
        make_task(),
        make_task("t2suc", description="done it", state=TaskState.SUCCEEDED, finished_at=START),
        make_job("j2bob", text="secret", owner=BOB.owner, person=BOB.person, chat=BOB.chat),
    )


async def test_what_is_open_is_shown(desk: AgendaDesk) -> None:
    await fill(desk)
    answer = await desk.answer("/tasks")
    assert answer.markdown.splitlines() == [
        "**All** (2)",
        "",
        "1\\. ⏰ water the plants · Thu 5 Mar, 05:06 UTC · `j2abc`",
        "2\\. 🕓 read the news · queued · `t2abc`",
    ]
    opened = await desk.press(labelled(buttons_of(answer), "2"))
    assert "`t2abc`" in opened.text


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("all", ["j2abc", "t2abc"]),
        ("reminders", ["j2abc"]),
        ("tasks", ["t2abc"]),
        ("DONE", ["j2don", "t2suc"]),
        ("failed", ["j2bad"]),
    ],
)
async def test_views_are_shown(desk: AgendaDesk, word: str, found: list[str]) -> None:
    await fill(desk)
    said = await desk.say(f"/tasks {word}")
    ids = ("j2abc", "j2bad", "j2bob", "j2don", "t2abc", "t2suc")
    assert [each for each in ids if each in said] == found


async def test_of_what_is_over_the_newest_comes_first(desk: AgendaDesk) -> None:
    for number in range(3):
        moment = START + timedelta(minutes=number)
        await desk.keep(make_job(f"j2{number}", state=JobState.DONE, due=None, updated_at=moment))
    said = await desk.say("/tasks done")
    assert said.index("j22") < said.index("j21") < said.index("j20")


async def test_pages_are_turned_by_number(desk: AgendaDesk) -> None:
    await desk.keep(*(make_task(f"t{number}") for number in range(6)))
    assert "6\\. 🕓" in await desk.say("/tasks 2")
    assert "1\\. 🕓" in await desk.say("/tasks 0")


async def test_nobody_sees_what_belongs_to_others(desk: AgendaDesk) -> None:
    await fill(desk)
    for text in ("show j2bob", "why j2bob", "cancel j2bob", "edit j2bob mine", "done j2bob"):
        assert await desk.say(f"/tasks {text}") == NOT_THERE
    assert "secret" not in await desk.say("/tasks stats")
    assert desk.job("j2bob").version == 1


async def test_a_group_sees_what_was_asked_for_there(desk: AgendaDesk) -> None:
    await fill(desk)
    await desk.keep(make_job("j2grp", text="our plan", chat=GROUP, private=False))
    assert "our plan" in await desk.say("/tasks", chat=GROUP, private=False)
    assert "plants" not in await desk.say("/tasks", chat=GROUP, private=False)
    assert await desk.say("/tasks show j2abc", chat=GROUP, private=False) == NOT_THERE
    assert "our plan" in await desk.say("/tasks")


async def test_an_entry_is_shown_with_its_buttons(desk: AgendaDesk) -> None:
    await fill(desk)
    answer = await desk.answer("/tasks show `J2ABC`")
    assert answer.markdown.startswith("⏰ water the plants\n\n`j2abc` · reminder · scheduled")
    assert labelled(buttons_of(answer), "Run now").data == "jb:ru:a1:j2abc:1:42"
    assert "Asked for by Ann" in await desk.say("/tasks why j2abc")
    assert await desk.say("/tasks show j2xyz") == NOT_THERE


@pytest.mark.parametrize(
    ("text", "said", "state"),
    [
        ("pause j2abc", "Paused\\.", JobState.PAUSED),
        ("cancel j2abc", "Cancelled\\.", JobState.CANCELLED),
        ("run j2abc", "It runs now\\.", JobState.SCHEDULED),
        ("snooze j2abc", "Snoozed until Thu 5 Mar\\, 06\\:06 UTC\\.", JobState.SCHEDULED),
    ],
)
async def test_an_entry_is_changed_by_words(
    desk: AgendaDesk, text: str, said: str, state: JobState
) -> None:
    await fill(desk)
    answer = await desk.say(f"/tasks {text}")
    assert answer.endswith(f"\n\n{said}")
    assert desk.job("j2abc").state is state


async def test_what_was_paused_goes_on(desk: AgendaDesk) -> None:
    await fill(desk)
    await desk.say("/tasks pause j2abc")
    assert "It goes on" in await desk.say("/tasks resume j2abc")
    assert desk.job("j2abc").state is JobState.SCHEDULED


async def test_done_with_an_id_ends_it(desk: AgendaDesk) -> None:
    await fill(desk)
    assert (await desk.say("/tasks done j2abc")).endswith("Done\\.")
    assert desk.job("j2abc").over


async def test_a_task_is_cancelled_by_words(desk: AgendaDesk) -> None:
    await fill(desk)
    assert "Cancelled" in await desk.say("/tasks cancel t2abc")
    task = desk.planning.agenda.task("t2abc")
    assert task is not None
    assert task.state is TaskState.CANCELLED


async def test_what_cannot_be_done_says_why(desk: AgendaDesk) -> None:
    await fill(desk)
    said = await desk.say("/tasks pause j2don")
    assert said == "That did not work: job j2don cannot become paused\\: it is done"


async def test_a_result_that_has_no_room_on_the_card_is_shown_whole(desk: AgendaDesk) -> None:
    result = "All of it. " * 200
    done = make_task("t2long").started(START).succeeded(result, START)
    await desk.keep(replace(done, version=1))
    assert result in await desk.say("/tasks show t2long")
    assert result not in await desk.say("/tasks why t2long")


@pytest.mark.parametrize("rest", ["dance", "dance j2abc", "show j2abc now", "1234567", "edit"])
async def test_what_is_not_understood_is_explained(desk: AgendaDesk, rest: str) -> None:
    await fill(desk)
    assert await desk.say(f"/tasks {rest}") == TASKS_HELP


async def test_a_time_changes_when_it_is_said(desk: AgendaDesk) -> None:
    await fill(desk)
    await desk.live_in("Europe/Berlin")
    said = await desk.say("/tasks edit j2abc every mon 10:00")
    assert "every Monday at 10:00" in said
    assert said.endswith("Changed.")
    job = desk.job("j2abc")
    assert (job.text, job.recurrence.kind) == ("water the plants", RecurrenceKind.CRON)
    assert job.due == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


async def test_other_words_change_what_is_said(desk: AgendaDesk) -> None:
    await fill(desk)
    await desk.say("/tasks edit j2abc feed the cat")
    job = desk.job("j2abc")
    assert (job.text, job.due) == ("feed the cat", AHEAD)


async def test_a_time_with_words_changes_both(desk: AgendaDesk) -> None:
    await fill(desk)
    await desk.say("/tasks edit j2abc in 10m feed the cat")
    job = desk.job("j2abc")
    assert (job.text, job.due) == ("feed the cat", START + timedelta(minutes=10))


async def test_a_time_of_day_cannot_be_meant_without_a_zone(desk: AgendaDesk) -> None:
    await fill(desk)
    assert await desk.say("/tasks edit j2abc every mon 10:00") == NO_ZONE
    assert desk.job("j2abc").version == 1


async def test_editing_is_explained(desk: AgendaDesk) -> None:
    await fill(desk)
    assert "`/tasks edit j2abc new text`" in await desk.say("/tasks edit j2abc")
    assert "cannot be edited" in await desk.say("/tasks edit t2abc tomorrow")


async def test_states_are_counted_and_failures_named(desk: AgendaDesk) -> None:
    await fill(desk)
    assert (await desk.say("/tasks stats")).splitlines() == [
        "Reminders and other jobs: 1 done, 1 failed, 1 scheduled",
        "Tasks: 1 queued, 1 succeeded",
        "",
        "Failed of late:",
        "❌ Wed 4 Mar, 05:06 · `j2bad` news: no \\*net\\*",
    ]


async def test_what_repeats_counts_as_failed_while_its_last_run_did(desk: AgendaDesk) -> None:
    await desk.keep(make_job(recurrence=cron("0 9 * * *"), problem="no net"))
    assert "`j2abc` water the plants: no net" in await desk.say("/tasks stats")


async def test_only_the_last_failures_are_named(desk: AgendaDesk) -> None:
    await desk.keep(
        *(make_task(f"t{number}", state=TaskState.FAILED) for number in range(12)),
        make_task("t2new", state=TaskState.BLOCKED, updated_at=AHEAD),
    )
    said = await desk.say("/tasks stats")
    assert said.count("❌") == 10
    assert "t2new" in said


async def test_who_runs_minibot_counts_everybody_and_reads_nobody(desk: AgendaDesk) -> None:
    await fill(desk)
    said = await desk.say("/tasks stats", sender_id=OWNER, chat=make_chat(OWNER))
    own, everybody = said.split("**Everybody's**")
    assert "Tasks: none" in own
    assert "1 done, 1 failed, 2 scheduled" in everybody
    assert "`j2bad` (reminder of somebody else)" in everybody
    for word in ("secret", "news", "plants", "net"):
        assert word not in said
    assert "Everybody" not in await desk.say("/tasks stats")


async def test_what_is_silent_for_long_is_stuck(desk: AgendaDesk) -> None:
    running: dict[str, Any] = {"state": TaskState.RUNNING, "started_at": START}
    await desk.keep(
        make_task(**running),
        make_task("t2new", **running, updated_at=START + timedelta(seconds=100)),
        make_job(in_hand=START, due=None),
        make_task("t2bob", **running, owner=BOB.owner, person=BOB.person, description="secret"),
    )
    await desk.clock.advance(600)
    assert await desk.say("/tasks stuck") == (
        "Nothing has been running for more than 10 min without a sign of life."
    )
    await desk.clock.advance(60)
    said = await desk.say("/tasks stuck")
    assert "`t2abc` read the news · silent for 11 min" in said
    assert "`j2abc` water the plants" in said
    assert "t2new" not in said
    assert "t2bob" not in said
    seen = await desk.say("/tasks stuck", sender_id=OWNER, chat=make_chat(OWNER))
    assert "`t2bob` (llm\\_prompt of somebody else)" in seen
    assert "secret" not in seen
