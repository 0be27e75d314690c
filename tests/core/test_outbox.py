import pytest

from minibot.core.messages import Part
from minibot.core.outbox import TRANSITIONS, OutboxState, OutgoingPart, retry_delay
from tests.fakes import START, make_chat


def test_every_state_is_in_the_table_and_leads_to_known_ones() -> None:
    assert set(TRANSITIONS) == set(OutboxState)
    assert all(targets <= set(OutboxState) for targets in TRANSITIONS.values())
    assert all(state not in targets for state, targets in TRANSITIONS.items())


def test_sent_is_final_and_comes_from_sending_alone() -> None:
    assert [state for state, targets in TRANSITIONS.items() if not targets] == [OutboxState.SENT]
    sources = [state for state, targets in TRANSITIONS.items() if OutboxState.SENT in targets]
    assert sources == [OutboxState.SENDING]


def test_every_state_that_waits_can_be_given_up() -> None:
    for state in (OutboxState.PENDING, OutboxState.RETRY, OutboxState.SENDING):
        assert OutboxState.DEAD in TRANSITIONS[state]


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (99_999, 60)],
)
def test_failed_part_waits_longer_each_time(attempts: int, seconds: float) -> None:
    assert retry_delay(attempts, 0).total_seconds() == seconds
    assert retry_delay(attempts, 1).total_seconds() == seconds * 0.75


@pytest.mark.parametrize(("inbox_id", "reference"), [(12, "m12"), (None, "p3")])
def test_reference_is_that_of_the_message_answered(inbox_id: int | None, reference: str) -> None:
    part = OutgoingPart(
        id=3,
        key="k",
        chat=make_chat(),
        part=Part(text="x"),
        reply_to="",
        state=OutboxState.PENDING,
        attempts=0,
        created_at=START,
        not_before=START,
        inbox_id=inbox_id,
    )
    assert part.reference == reference
