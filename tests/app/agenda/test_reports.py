"""What people read of tasks that came to their end."""

from datetime import timedelta

import pytest

from minibot.app.agenda.digests import digest
from minibot.app.agenda.moments import spoken
from minibot.app.agenda.reports import LONGEST_SHARE, joined_report, report_of
from minibot.app.agenda.runs import CAPACITY, Runs
from minibot.core.messages import Work, WorkKind
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.planning import make_task
from tests.fakes import START


def done(task_id: str = "t1", **fields: object) -> Task:
    known = {"state": TaskState.SUCCEEDED, "result": "sun", **fields}
    return make_task(task_id, **known)


def test_task_of_its_own_is_told_with_its_name() -> None:
    assert report_of(done(description="*the* news")) == "✅ **\\*the\\* news**\n\nsun"


def test_task_that_leads_to_no_words_is_told_of_all_the_same() -> None:
    assert report_of(done(result="")) == "✅ **read the news**"


def test_answer_to_a_job_is_told_as_it_is() -> None:
    assert report_of(done(job="j1")) == "sun"


def test_quiet_task_is_not_told() -> None:
    assert report_of(done(job="j1", quiet=True)) == ""


@pytest.mark.parametrize(("attempts", "times"), [(1, ""), (3, " after 3 tries")])
def test_failure_is_told_even_of_a_quiet_task(attempts: int, times: str) -> None:
    failed = make_task(state=TaskState.FAILED, problem="no net", attempts=attempts, quiet=True)

    assert report_of(failed) == f"⚠️ I could not do this{times}: **read the news**\n\nno net"


def test_joined_report_has_everything_in_the_order_of_asking() -> None:
    batch = [
        done("t2", description="b", created_at=START + timedelta(seconds=1)),
        done("t1", description="a", result="x" * (LONGEST_SHARE + 1)),
        make_task(
            "t3", description="c", state=TaskState.CANCELLED, created_at=START + timedelta(2)
        ),
    ]

    heading, first, second, third = joined_report(batch).split("\n\n")

    assert heading == "📋 All 3 tasks are over, 2 of them done."
    assert first == f"✅ **a**\n{'x' * LONGEST_SHARE} …"
    assert second == "✅ **b**\nsun"
    assert third == "✖️ **c**"


def test_white_space_makes_no_other_result() -> None:
    assert digest(" a  b\n") == digest("a b")
    assert digest("a b") != digest("ab")


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [
        ("Europe/Berlin", "Wed 4 Mar, 06:06"),
        ("America/New_York", "Wed 4 Mar, 00:06"),
        ("", "Wed 4 Mar, 05:06"),
        ("Nowhere/Land", "Wed 4 Mar, 05:06"),
        ("../etc", "Wed 4 Mar, 05:06"),
    ],
)
def test_moments_are_said_by_the_clock_of_the_person(zone: str, wanted: str) -> None:
    assert spoken(START, zone, START) == wanted


def test_year_is_said_when_it_is_another_one() -> None:
    assert spoken(START, "UTC", START + timedelta(days=365)) == "Wed 4 Mar 2026, 05:06"


def test_runs_are_remembered_and_the_oldest_forgotten_at_last() -> None:
    runs = Runs()
    work = Work(kind=WorkKind.TASK, id="t1", due=START)

    for inbox_id in range(CAPACITY + 1):
        runs.note(inbox_id, work)
    runs.forget(5)
    runs.forget(5)

    assert [runs.find(each) for each in (None, 0, 1, 5)] == [None, None, work, None]
