from hypothesis import given
from hypothesis import strategies as st

from minibot.core.breaker import Breaker, BreakerState

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("ask well", "ask badly", "ask and give up", "invite")),
        st.integers(min_value=0, max_value=100),
    ),
    max_size=60,
)


def failing(times: int, *, now: float = 0.0) -> Breaker:
    breaker = Breaker(5, 60)
    for _ in range(times):
        assert breaker.admit(now)
        breaker.failed(now)
    return breaker


def test_five_failures_in_a_row_open_it_and_the_sixth_question_is_refused() -> None:
    assert failing(4).admit(0)
    breaker = failing(5)
    assert breaker.state is BreakerState.OPEN
    assert not breaker.admit(59.9)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = failing(4)
    assert not breaker.succeeded()
    assert breaker.admit(0)
    breaker.failed(0)
    assert breaker.state is BreakerState.CLOSED


def test_one_question_probes_when_the_time_is_over() -> None:
    breaker = failing(5)
    assert breaker.admit(60)
    assert not breaker.admit(60)
    assert breaker.succeeded()
    assert breaker.admit(60)
    assert breaker.admit(60)


def test_a_probe_that_fails_opens_it_for_as_long_again() -> None:
    breaker = failing(5)
    assert breaker.admit(60)
    assert not breaker.failed(61)
    assert not breaker.admit(120)
    assert breaker.admit(121)


def test_a_probe_that_is_given_up_leaves_its_place_to_the_next() -> None:
    breaker = failing(5)
    assert breaker.admit(60)
    breaker.abandoned(61)
    assert breaker.admit(61)


def test_somebody_waiting_may_invite_a_probe_before_its_time() -> None:
    breaker = failing(5)
    assert not breaker.admit(3)
    breaker.invite_probe(3)
    assert breaker.admit(3)
    assert not breaker.admit(3)


def test_opening_is_told_once() -> None:
    breaker = Breaker(2, 60)
    assert [breaker.failed(0), breaker.failed(0), breaker.failed(0)] == [False, True, False]


@given(STEPS)
def test_it_never_stays_shut_for_longer_than_the_recovery_time(
    steps: list[tuple[str, int]],
) -> None:
    breaker, now = Breaker(3, 60), 0
    for step, pause in steps:
        now += pause
        if step == "invite":
            breaker.invite_probe(now)
        elif breaker.admit(now):
            match step:
                case "ask well":
                    breaker.succeeded()
                case "ask badly":
                    breaker.failed(now)
                case _:
                    breaker.abandoned(now)
        assert breaker.state is not BreakerState.HALF_OPEN
    assert breaker.admit(now + 60)
