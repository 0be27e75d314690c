"""The machine's clock keeps the promises of its port."""

from datetime import UTC, datetime, timedelta

from minibot.adapters.clock import SystemClock


def test_now_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()

    assert now.utcoffset() == timedelta(0)
    assert before <= now <= datetime.now(UTC)


async def test_sleeping_takes_the_time_it_was_given() -> None:
    clock = SystemClock()
    began = clock.monotonic()

    await clock.sleep(0.02)

    assert 0.02 <= clock.monotonic() - began < 1
