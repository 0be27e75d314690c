import pytest

from minibot.core.inbox import (
    SOLO_AFTER_CRASHES,
    TRANSITIONS,
    InboxItem,
    InboxState,
    crash_delay,
    retry_delay,
)
from tests.fakes import START, make_message

FINAL = {InboxState.DONE, InboxState.IGNORED, InboxState.CANCELLED}


def item(*, attempts: int = 1, crashes: int = 0) -> InboxItem:
    return InboxItem(
        id=12,
        conversation="c",
        message=make_message(),
        received_at=START,
        attempts=attempts,
        crashes=crashes,
    )


def test_every_state_is_in_the_table_and_leads_to_known_ones() -> None:
    assert set(TRANSITIONS) == set(InboxState)
    assert all(targets <= set(InboxState) for targets in TRANSITIONS.values())
    assert all(state not in targets for state, targets in TRANSITIONS.items())


def test_final_states_are_final_and_others_lead_on() -> None:
    assert {state for state, targets in TRANSITIONS.items() if not targets} == FINAL


def test_what_was_given_up_can_only_be_put_back() -> None:
    for state in (InboxState.DEAD, InboxState.EXPIRED):
        assert TRANSITIONS[state] == {InboxState.RECEIVED}


def test_only_what_is_being_processed_is_done() -> None:
    sources = {state for state, targets in TRANSITIONS.items() if InboxState.DONE in targets}
    assert sources == {InboxState.PROCESSING}


def test_only_what_was_tried_waits_for_a_model_and_then_it_is_tried_again_or_ends() -> None:
    sources = {state for state, targets in TRANSITIONS.items() if InboxState.WAITING in targets}
    assert sources == {InboxState.PROCESSING}
    assert TRANSITIONS[InboxState.WAITING] == TRANSITIONS[InboxState.RETRY]
    assert InboxState.CANCELLED in TRANSITIONS[InboxState.WAITING]


def test_every_open_state_can_be_reached_and_left_for_the_end() -> None:
    reached = {InboxState.RECEIVED}
    while more := {to for state in reached for to in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == set(InboxState)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 16), (8, 256), (9, 300), (99_999, 300)]
)
def test_failed_item_waits_longer_each_time(failures: int, seconds: float) -> None:
    assert retry_delay(failures).total_seconds() == seconds


@pytest.mark.parametrize(
    ("crashes", "seconds"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (8, 60), (99_999, 60)]
)
def test_first_crash_costs_no_time_and_later_ones_more(crashes: int, seconds: float) -> None:
    assert crash_delay(crashes).total_seconds() == seconds


def test_suspect_runs_alone_from_the_named_crash_on() -> None:
    alone = [crashes for crashes in range(5) if item(crashes=crashes).must_run_alone]
    assert alone == list(range(SOLO_AFTER_CRASHES, 5))


def test_crashes_are_not_failures() -> None:
    assert item(attempts=5, crashes=3).failures == 2


def test_reference_names_the_row() -> None:
    assert item().reference == "m12"
