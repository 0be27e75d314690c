"""How work gets on, in one line."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from minibot.app.agenda.progress_words import end_of, progress_of
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.planning import make_task
from tests.fakes import START


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def running(**fields: Any) -> Task:
    return make_task(**{"state": TaskState.RUNNING, "started_at": START, **fields})


def ended(state: TaskState = TaskState.SUCCEEDED, **fields: Any) -> Task:
    return make_task(state=state, started_at=START, finished_at=at(62), **fields)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3723, "1:02:03"), (-5, "0:00")],
)
def test_time_is_that_since_it_began(seconds: float, said: str) -> None:
    assert progress_of([running()], at(seconds)) == f"⏳ read the news ({said})"


def test_others_read_along_whose_it_is() -> None:
    assert progress_of([running(private=False)], START) == "⏳ Ann: read the news (0:00)"
    assert end_of([ended(private=False)]) == "✅ Ann: read the news (1:02)"


def test_what_it_is_doing_is_said_on_one_line() -> None:
    line = progress_of([running(description="read\nthis " * 50, progress="page\n2 " * 50)], START)
    assert line.startswith("⏳ read this read")
    assert "…: page 2 page" in line
    assert len(line) < 180
    assert "\n" not in line


def test_what_runs_longest_is_named() -> None:
    tasks = [
        running(description="b", started_at=at(1)),
        running(description="a"),
        make_task(),
        ended(),
        ended(TaskState.FAILED),
    ]
    assert progress_of(tasks, at(2)) == "⏳ 1 of 5 done, 1 not · now: a (0:02) and 1 more"
    assert progress_of(tasks[2:], at(2)) == "⏳ 1 of 3 done, 1 not"


def test_task_that_waits_for_another_try_says_so() -> None:
    assert progress_of([make_task()], START) == "⏳ read the news: tried again"


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([TaskState.SUCCEEDED], "✅ read the news (1:02)"),
        ([TaskState.FAILED], "⚠️ read the news"),
        ([TaskState.CANCELLED], "✖️ read the news"),
        ([TaskState.SUCCEEDED] * 2, "✅ 2 of 2 done"),
        ([TaskState.SUCCEEDED, TaskState.CANCELLED], "⚠️ 1 of 2 done"),
        ([TaskState.FAILED, TaskState.BLOCKED], "⚠️ 0 of 2 done"),
        ([TaskState.CANCELLED] * 2, "✖️ 0 of 2 done"),
    ],
)
def test_end_is_said(states: list[TaskState], said: str) -> None:
    assert end_of([ended(state) for state in states]) == said
