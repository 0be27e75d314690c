"""The machine's clock keeps the promises of its port."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minibot.adapters.clock import ShiftedClock, SystemClock


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


@pytest.mark.parametrize("seconds", [86_400.0, -86_400.0, 0.5, 0.0])
def test_shifted_clock_is_off_by_what_its_file_says(tmp_path: Path, seconds: float) -> None:
    file = tmp_path / "shift"
    file.write_text(f"{seconds}\n")

    off = ShiftedClock(file).now() - datetime.now(UTC)

    assert abs(off - timedelta(seconds=seconds)) < timedelta(seconds=5)


def test_shifted_clock_follows_its_file(tmp_path: Path) -> None:
    file = tmp_path / "shift"
    clock = ShiftedClock(file)
    file.write_text("3600")
    ahead = clock.now()

    file.write_text("-3600")

    assert ahead - clock.now() > timedelta(minutes=119)
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("content", [None, "", "tomorrow"])
def test_shifted_clock_is_right_without_a_number(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "shift"
    if content is not None:
        file.write_text(content)

    assert abs(ShiftedClock(file).now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_shifted_clock_leaves_durations_alone(tmp_path: Path) -> None:
    file = tmp_path / "shift"
    clock = ShiftedClock(file)
    began = clock.monotonic()

    file.write_text("86400")

    assert clock.monotonic() - began < 3600


@pytest.mark.parametrize("content", ["1e300", "inf", "nan"])
def test_shifted_clock_is_right_when_no_moment_is_so_far_away(tmp_path: Path, content: str) -> None:
    file = tmp_path / "shift"
    file.write_text(content)

    assert abs(ShiftedClock(file).now() - datetime.now(UTC)) < timedelta(seconds=5)
