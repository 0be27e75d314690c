"""Where a task may go from where it stands, and what that does to others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from minibot.core.errors import IllegalTransition, TaskCycle
from minibot.core.messages import Person
from minibot.core.tasks import (
    AGING,
    TRANSITIONS,
    Task,
    TaskState,
    consequences,
    refuse_cycles,
    retry_at,
)
from tests.fakes import START, make_chat

NOW = START + timedelta(hours=1)
LATER = START + timedelta(hours=2)

WAITING, QUEUED, RUNNING = TaskState.WAITING, TaskState.QUEUED, TaskState.RUNNING
SUCCEEDED, FAILED = TaskState.SUCCEEDED, TaskState.FAILED
CANCELLED, BLOCKED = TaskState.CANCELLED, TaskState.BLOCKED


def make(task_id: str = "t1", state: TaskState = QUEUED, *parents: str, priority: int = 5) -> Task:
    return Task(
        id=task_id,
        owner="telegram:42",
        person=Person(id="42"),
        chat=make_chat(),
        private=True,
        kind="llm_prompt",
        description=f"do {task_id}",
        parents=parents,
        priority=priority,
        state=state,
        attempts=2,
        problem="before",
        progress="half",
        created_at=START,
        updated_at=START,
        version=7,
    )


Change = Callable[[Task], Task]
CHANGES: dict[str, Change] = {
    "ready": lambda task: task.ready(NOW),
    "started": lambda task: task.started(NOW),
    "progressed": lambda task: task.progressed("nearly", NOW),
    "succeeded": lambda task: task.succeeded("fine", NOW, untrusted=True),
    "retried": lambda task: task.retried(LATER, "no net", NOW),
    "failed": lambda task: task.failed("no net", NOW),
    "blocked": lambda task: task.blocked("no parent", NOW),
    "cancelled": lambda task: task.cancelled(NOW),
    "again": lambda task: task.again(NOW),
    "told": lambda task: task.told(NOW),
    "moved": lambda task: task.moved(make_chat("-1"), NOW),
}

LEADS = {
    "ready": {WAITING: QUEUED},
    "started": {QUEUED: RUNNING},
    "progressed": {RUNNING: RUNNING},
    "succeeded": {RUNNING: SUCCEEDED},
    "retried": {RUNNING: QUEUED},
    "failed": {RUNNING: FAILED},
    "blocked": {WAITING: BLOCKED, QUEUED: BLOCKED},
    "cancelled": {
        WAITING: CANCELLED,
        QUEUED: CANCELLED,
        RUNNING: CANCELLED,
        BLOCKED: CANCELLED,
    },
    "again": {FAILED: QUEUED, BLOCKED: WAITING},
    "told": {state: state for state in TaskState},
    "moved": {state: state for state in TaskState},
}
"""The state each change leads to; what is not here is refused."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("state", TaskState)
def test_changes_lead_where_they_should_or_are_refused(change: str, state: TaskState) -> None:
    task = make(state=state)
    wanted = LEADS[change].get(state)

    if wanted is None:
        with pytest.raises(IllegalTransition, match="task t1"):
            CHANGES[change](task)
        return
    changed = CHANGES[change](task)

    assert changed.state is wanted
    assert wanted in TRANSITIONS[state] or wanted is state
    assert (changed.version, changed.updated_at) == (8, NOW)


def test_each_start_is_a_try() -> None:
    started = make().started(NOW)

    assert (started.attempts, started.started_at, started.problem) == (3, NOW, "")


def test_success_keeps_what_came_of_it_and_who_may_have_written_it() -> None:
    done = make(state=RUNNING).succeeded("fine", NOW, untrusted=True)

    assert (done.result, done.untrusted, done.finished_at) == ("fine", True, NOW)
    assert (done.progress, done.reported) == ("", False)


def test_retry_waits_for_its_moment_and_keeps_the_count() -> None:
    retried = make(state=RUNNING).retried(LATER, "no net", NOW)

    assert (retried.not_before, retried.problem, retried.attempts) == (LATER, "no net", 2)


def test_run_by_hand_begins_anew() -> None:
    failed = make(state=RUNNING).failed("no net", NOW).told(NOW)

    again = failed.again(LATER)

    assert (again.attempts, again.problem, again.reported) == (0, "", False)
    assert (again.not_before, again.finished_at) == (None, None)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 10), (1, 10), (2, 20), (3, 40), (6, 320), (7, 600), (10_000, 600)]
)
def test_tries_are_further_and_further_apart(attempts: int, seconds: float) -> None:
    assert retry_at(attempts, NOW) - NOW == timedelta(seconds=seconds)


@pytest.mark.parametrize("state", TaskState)
def test_over_is_what_will_not_run_by_itself(state: TaskState) -> None:
    assert make(state=state).over is (state in (SUCCEEDED, FAILED, CANCELLED, BLOCKED))


def states_after(*changed: Task, among: list[Task]) -> dict[str, TaskState]:
    """Let these end one after the other; give where that leaves all."""
    known = {task.id: task for task in among}
    for ended in changed:
        known[ended.id] = ended
        for task in consequences(ended, list(known.values()), NOW):
            assert task.version == known[task.id].version + 1
            known[task.id] = task
    return {task_id: task.state for task_id, task in known.items()}


CHAIN = [make("a", RUNNING), make("b", WAITING, "a"), make("c", WAITING, "b")]
DIAMOND = [
    make("top", SUCCEEDED),
    make("left", RUNNING, "top"),
    make("right", RUNNING, "top"),
    make("end", WAITING, "left", "right"),
]


def test_chain_goes_on_one_by_one() -> None:
    assert states_after(CHAIN[0].succeeded("", NOW), among=CHAIN) == {
        "a": SUCCEEDED,
        "b": QUEUED,
        "c": WAITING,
    }


def test_end_of_a_diamond_waits_for_both_sides() -> None:
    left, right = DIAMOND[1].succeeded("", NOW), DIAMOND[2].succeeded("", NOW)

    assert states_after(left, among=DIAMOND)["end"] is WAITING
    assert states_after(left, right, among=DIAMOND)["end"] is QUEUED


def test_failed_side_blocks_the_end_whatever_the_other_does() -> None:
    failed, right = DIAMOND[1].failed("no net", NOW), DIAMOND[2].succeeded("", NOW)

    assert states_after(failed, right, among=DIAMOND)["end"] is BLOCKED
    assert states_after(right, failed, among=DIAMOND)["end"] is BLOCKED


def test_failure_blocks_all_that_follows_and_says_why() -> None:
    ended = CHAIN[0].failed("no net", NOW)

    blocked = {task.id: task for task in consequences(ended, CHAIN, NOW)}

    assert blocked["b"].problem == "it needed 'do a', which failed"
    assert blocked["c"].problem == "it needed 'do b', which could not begin"
    assert all(task.state is BLOCKED and task.finished_at == NOW for task in blocked.values())


def test_cancelled_parent_blocks_too() -> None:
    (b, c) = consequences(CHAIN[0].cancelled(NOW), CHAIN, NOW)

    assert (b.state, b.problem) == (BLOCKED, "it needed 'do a', which was cancelled")
    assert c.state is BLOCKED


def test_parent_that_is_forgotten_holds_nothing_up() -> None:
    child = make("b", WAITING, "gone", "a")

    assert states_after(CHAIN[0].succeeded("", NOW), among=[CHAIN[0], child])["b"] is QUEUED


def test_task_that_goes_on_changes_no_other() -> None:
    assert consequences(CHAIN[0].progressed("half", NOW), CHAIN, NOW) == []
    assert consequences(CHAIN[0].retried(LATER, "", NOW), CHAIN, NOW) == []


def test_those_that_do_not_wait_are_left_alone() -> None:
    others = [make("b", CANCELLED, "a"), make("c", WAITING, "x"), make("x", QUEUED)]

    assert consequences(CHAIN[0].failed("", NOW), [CHAIN[0], *others], NOW) == []


@pytest.mark.parametrize(
    "parents",
    [
        {},
        {"a": []},
        {"a": [], "b": ["a"], "c": ["b", "a"]},
        {"a": ["elsewhere"], "b": ["a"]},
        {"end": ["left", "right"], "left": ["top"], "right": ["top"], "top": []},
    ],
)
def test_tasks_that_can_all_begin_are_accepted(parents: Mapping[str, list[str]]) -> None:
    refuse_cycles(parents)


@pytest.mark.parametrize(
    ("parents", "named"),
    [
        ({"a": ["a"]}, "a"),
        ({"a": ["b"], "b": ["a"], "c": []}, "a, b"),
        ({"a": ["c"], "b": ["a"], "c": ["b"], "d": []}, "a, b, c"),
    ],
)
def test_tasks_that_wait_for_each_other_are_refused_by_name(
    parents: Mapping[str, list[str]], named: str
) -> None:
    with pytest.raises(TaskCycle, match=f": {named}$"):
        refuse_cycles(parents)


def test_what_is_more_urgent_goes_first_until_others_waited_long_enough() -> None:
    urgent = replace(make(priority=9), created_at=NOW)
    old = replace(make(priority=5), created_at=NOW - 3 * AGING)
    older = replace(make(priority=5), created_at=NOW - 5 * AGING)

    assert urgent.rank(NOW) < old.rank(NOW)
    assert older.rank(NOW) < urgent.rank(NOW)
