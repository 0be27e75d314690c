"""Where a job may go from where it stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from minibot.core.errors import IllegalTransition
from minibot.core.jobs import (
    TRANSITIONS,
    Job,
    JobKind,
    JobState,
    Recurrence,
    RecurrenceKind,
    occurrence_key,
    retry_at,
)
from minibot.core.messages import Person
from tests.fakes import START, make_chat

NOW = START + timedelta(hours=1)
NEXT = START + timedelta(hours=2)
ONCE = Recurrence(kind=RecurrenceKind.ONCE, start=START, zone="UTC")
HOURLY = Recurrence(kind=RecurrenceKind.EVERY, rule="3600", start=START, zone="UTC")

SCHEDULED, PAUSED = JobState.SCHEDULED, JobState.PAUSED
DONE, FAILED, CANCELLED = JobState.DONE, JobState.FAILED, JobState.CANCELLED
OPEN, OVER = (SCHEDULED, PAUSED), (DONE, FAILED, CANCELLED)


def make(state: JobState = SCHEDULED, *, held: bool = False, repeats: bool = False) -> Job:
    """Give a job as it stands after what leads to a state; `held` with its run in hand."""
    due = (NEXT if repeats else None) if held or state in OVER else START
    return Job(
        id="j1",
        owner="telegram:42",
        person=Person(id="42"),
        chat=make_chat(),
        private=True,
        kind=JobKind.REMINDER,
        text="tea",
        recurrence=HOURLY if repeats else ONCE,
        state=state,
        due=due,
        in_hand=START if held else None,
        failures=1,
        problem="before",
        created_at=START,
        updated_at=START,
        version=7,
    )


Change = Callable[[Job], Job]
CHANGES: dict[str, Change] = {
    "fired": lambda job: job.fired(NEXT, NOW),
    "settled": lambda job: job.settled(NOW),
    "skipped": lambda job: job.skipped(NOW),
    "missed": lambda job: job.missed(NEXT, NOW),
    "retried": lambda job: job.retried(NEXT, "no net", NOW),
    "failed": lambda job: job.failed("no net", NOW),
    "paused": lambda job: job.paused(NOW),
    "resumed": lambda job: job.resumed(NEXT, NOW),
    "cancelled": lambda job: job.cancelled(NOW),
    "finished": lambda job: job.finished(NOW),
    "rescheduled": lambda job: job.rescheduled(NEXT, NOW),
    "edited": lambda job: job.edited(NOW, text="more tea", recurrence=HOURLY, due=NEXT),
    "moved": lambda job: job.moved(make_chat("-1"), NOW),
}

IDLE = {
    "fired": {SCHEDULED: SCHEDULED},
    "missed": {SCHEDULED: SCHEDULED},
    "paused": {SCHEDULED: PAUSED, PAUSED: PAUSED},
    "resumed": {PAUSED: SCHEDULED},
    "cancelled": {SCHEDULED: CANCELLED, PAUSED: CANCELLED, FAILED: CANCELLED},
    "finished": {SCHEDULED: DONE, PAUSED: DONE},
    "rescheduled": dict.fromkeys(JobState, SCHEDULED),
    "edited": {SCHEDULED: SCHEDULED, PAUSED: PAUSED},
    "moved": {state: state for state in JobState},
}
"""With nothing in hand: the state each change leads to; what is not here is refused."""

HELD = {
    "settled": {SCHEDULED: DONE, PAUSED: DONE},
    "skipped": {SCHEDULED: DONE, PAUSED: DONE},
    "retried": {SCHEDULED: SCHEDULED, PAUSED: PAUSED},
    "failed": {SCHEDULED: FAILED, PAUSED: FAILED},
    "paused": {SCHEDULED: PAUSED, PAUSED: PAUSED},
    "resumed": {PAUSED: SCHEDULED},
    "cancelled": {SCHEDULED: CANCELLED, PAUSED: CANCELLED},
    "finished": {SCHEDULED: SCHEDULED, PAUSED: PAUSED},
    "rescheduled": {SCHEDULED: SCHEDULED, PAUSED: SCHEDULED},
    "edited": {SCHEDULED: SCHEDULED, PAUSED: PAUSED},
    "moved": {SCHEDULED: SCHEDULED, PAUSED: PAUSED},
}
"""The same with its only run in hand."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("held", "state"),
    [*((False, state) for state in JobState), *((True, state) for state in OPEN)],
)
def test_changes_lead_where_they_should_or_are_refused(
    change: str, held: bool, state: JobState
) -> None:
    job = make(state, held=held)
    wanted = (HELD if held else IDLE).get(change, {}).get(state)

    if wanted is None:
        with pytest.raises(IllegalTransition, match="job j1"):
            CHANGES[change](job)
        return
    changed = CHANGES[change](job)

    assert changed.state is wanted
    assert wanted in TRANSITIONS[state] or wanted is state
    assert (changed.version, changed.updated_at) == (8, NOW)
    assert (changed.id, changed.created_at) == (job.id, job.created_at)


@pytest.mark.parametrize("change", ["settled", "skipped", "failed"])
@pytest.mark.parametrize("state", OPEN)
def test_job_that_repeats_goes_on_after_a_run_and_stays_paused(
    change: str, state: JobState
) -> None:
    job = make(state, held=True, repeats=True)

    changed = CHANGES[change](job)

    assert (changed.state, changed.due, changed.in_hand) == (state, NEXT, None)


def test_firing_takes_the_moment_in_hand() -> None:
    fired = make().fired(NEXT, NOW)

    assert (fired.in_hand, fired.due, fired.runs) == (START, NEXT, 0)


def test_job_with_a_run_in_hand_or_no_moment_cannot_fire() -> None:
    for job in (make(held=True, repeats=True), replace(make(), due=None)):
        with pytest.raises(IllegalTransition):
            job.fired(NEXT, NOW)


def test_settled_run_is_counted_and_what_came_of_it_kept() -> None:
    settled = make(held=True).settled(NOW, digest="abc")

    assert (settled.runs, settled.failures, settled.problem) == (1, 0, "")
    assert (settled.last_run, settled.last_result) == (START, "abc")


def test_run_without_a_result_leaves_that_of_the_run_before() -> None:
    job = replace(make(held=True), last_result="abc")

    assert job.settled(NOW).last_result == "abc"


def test_missed_moment_is_one_version_and_no_run() -> None:
    job = make(repeats=True)

    missed = job.missed(NEXT, NOW)

    assert missed.version == job.version + 1
    assert (missed.in_hand, missed.due, missed.runs) == (None, NEXT, 0)
    assert missed.problem == "missed while I was away"


def test_missing_the_last_moment_ends_the_job() -> None:
    assert make().missed(None, NOW).state is DONE


def test_retry_comes_before_the_next_moment_and_is_counted() -> None:
    retried = make(held=True, repeats=True).retried(NOW, "no net", NOW)

    assert (retried.due, retried.in_hand) == (NOW, None)
    assert (retried.failures, retried.problem, retried.runs) == (2, "no net", 0)


def test_failure_for_good_begins_to_count_anew() -> None:
    failed = make(held=True).failed("no net", NOW)

    assert (failed.failures, failed.problem, failed.runs) == (0, "no net", 0)


def test_cancelling_lets_go_of_everything() -> None:
    cancelled = make(held=True, repeats=True).cancelled(NOW)

    assert (cancelled.due, cancelled.in_hand) == (None, None)


def test_what_is_snoozed_while_it_runs_goes_on_behind_the_run() -> None:
    snoozed = make(held=True).rescheduled(NEXT, NOW)

    assert (snoozed.in_hand, snoozed.due) == (START, NEXT)
    assert (snoozed.settled(NOW).state, snoozed.settled(NOW).due) == (SCHEDULED, NEXT)


def test_whoever_is_through_with_it_while_it_runs_hears_of_that_run_only() -> None:
    finished = make(held=True, repeats=True).finished(NOW)

    assert (finished.in_hand, finished.due) == (START, None)
    assert finished.settled(NOW).state is DONE


def test_edit_changes_text_and_moments() -> None:
    edited = make().edited(NOW, text="more tea", recurrence=HOURLY, due=NEXT)

    assert (edited.text, edited.recurrence, edited.due) == ("more tea", HOURLY, NEXT)


def test_moments_have_names_of_their_own() -> None:
    assert occurrence_key("j1", START) == occurrence_key("j1", START)
    assert (
        len({occurrence_key("j1", START), occurrence_key("j1", NEXT), occurrence_key("j2", START)})
        == 3
    )


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 30), (1, 60), (2, 120), (6, 1920), (7, 3600), (10_000, 3600)]
)
def test_tries_are_further_and_further_apart(failures: int, seconds: float) -> None:
    assert retry_at(failures, NOW) - NOW == timedelta(seconds=seconds)


def test_only_one_kind_of_recurrence_does_not_repeat() -> None:
    kinds = {kind for kind in RecurrenceKind if not replace(ONCE, kind=kind).repeats}

    assert kinds == {RecurrenceKind.ONCE}


@pytest.mark.parametrize("state", JobState)
def test_over_is_what_nothing_more_comes_of_by_itself(state: JobState) -> None:
    assert make(state).over is (state in OVER)
