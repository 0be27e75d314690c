import pytest

from minibot.app.pacing import (
    CAUTIOUS_FOR_SECONDS,
    GROUP_INTERVAL_SECONDS,
    OVERALL_INTERVAL_SECONDS,
    PRIVATE_INTERVAL_SECONDS,
    REFUSALS_MEANING_OVERALL,
    Pacing,
)
from minibot.core.messages import ChatRef
from tests.fakes import FakeClock, make_chat

ANN = make_chat("1")
GROUP = make_chat("-100")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pacing(clock: FakeClock) -> Pacing:
    return Pacing(clock)


def send(pacing: Pacing, chat: ChatRef) -> None:
    assert pacing.delay(chat) <= 0
    pacing.take(chat)
    pacing.succeeded(chat)


def test_nothing_is_slowed_down_until_the_channel_asks(pacing: Pacing) -> None:
    for _ in range(100):
        send(pacing, ANN)


async def test_chat_waits_as_long_as_it_was_told(pacing: Pacing, clock: FakeClock) -> None:
    pacing.slow_down(ANN, 30)
    assert pacing.delay(ANN) == 30
    await clock.advance(12)
    assert pacing.delay(ANN) == 18
    assert pacing.delay(make_chat("2")) == 0


async def test_shorter_word_does_not_undo_a_longer_one(pacing: Pacing) -> None:
    pacing.slow_down(ANN, 30)
    pacing.slow_down(ANN, 5)
    assert pacing.delay(ANN) == 30


async def test_topics_of_a_chat_wait_together(pacing: Pacing) -> None:
    pacing.slow_down(make_chat("-100", "5"), 30)
    assert pacing.delay(make_chat("-100", "6")) == 30


@pytest.mark.parametrize(
    ("chat", "interval"), [(ANN, PRIVATE_INTERVAL_SECONDS), (GROUP, GROUP_INTERVAL_SECONDS)]
)
async def test_chat_is_paced_for_a_while_afterwards_and_then_trusted(
    pacing: Pacing, clock: FakeClock, chat: ChatRef, interval: float
) -> None:
    pacing.slow_down(chat, 2)
    await clock.advance(2)
    send(pacing, chat)
    assert pacing.delay(chat) == interval
    await clock.advance(CAUTIOUS_FOR_SECONDS)
    for _ in range(10):
        send(pacing, chat)
    assert pacing.delay(chat) == 0


async def test_many_chats_refused_in_a_row_mean_the_bot_as_a_whole(
    pacing: Pacing, clock: FakeClock
) -> None:
    for number in range(REFUSALS_MEANING_OVERALL - 1):
        pacing.slow_down(make_chat(str(number)), 10)
    assert pacing.delay(make_chat("other")) == 0
    pacing.slow_down(make_chat("last"), 10)
    assert pacing.delay(make_chat("other")) == 10
    assert pacing.delay(make_chat("1", channel="console")) == 0
    await clock.advance(10)
    pacing.take(make_chat("other"))
    assert pacing.delay(make_chat("another")) == pytest.approx(OVERALL_INTERVAL_SECONDS)


async def test_success_in_between_means_single_chats(pacing: Pacing) -> None:
    for number in range(REFUSALS_MEANING_OVERALL - 1):
        pacing.slow_down(make_chat(str(number)), 10)
    send(pacing, make_chat("happy"))
    pacing.slow_down(make_chat("last"), 10)
    assert pacing.delay(make_chat("other")) == 0


async def test_one_chat_refused_often_means_that_chat(pacing: Pacing) -> None:
    for _ in range(REFUSALS_MEANING_OVERALL * 3):
        pacing.slow_down(ANN, 10)
    assert pacing.delay(make_chat("other")) == 0
