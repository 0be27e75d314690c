"""Quiet hours by the clock on the wall."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from minibot.core.errors import ScheduleInvalid
from minibot.core.quiet import Hours

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "begin", "end"),
    [
        ("22:00-7:00", time(22), time(7)),
        ("22-7", time(22), time(7)),
        (" 22:30 – 07:05 ", time(22, 30), time(7, 5)),
        ("9 to 17", time(9), time(17)),
        ("22.15-24", time(22, 15), time(0)),
    ],
)
def test_hours_are_read(words: str, begin: time, end: time) -> None:
    hours = Hours.parse(words)
    assert hours == Hours(begin=begin, end=end)
    assert Hours.parse(str(hours)) == hours


@pytest.mark.parametrize(
    "words",
    ["", "22:00", "22:00-25:00", "22:60-7:00", "-1-7", "22:00-7:00 daily", "7:00-7:00", "٢٢-٧"],
)
def test_what_are_no_hours_is_refused(words: str) -> None:
    with pytest.raises(ScheduleInvalid):
        Hours.parse(words)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        # In winter, an hour ahead of UTC.
        ("22-7", "2026-01-10 20:59:59", None),
        ("22-7", "2026-01-10 21:00", "2026-01-11 06:00"),
        ("22-7", "2026-01-10 23:30", "2026-01-11 06:00"),
        ("22-7", "2026-01-11 05:59:59.999999", "2026-01-11 06:00"),
        ("22-7", "2026-01-11 06:00", None),
        ("9-17", "2026-01-10 07:59", None),
        ("9-17", "2026-01-10 08:00", "2026-01-10 16:00"),
        ("9-17", "2026-01-10 16:00", None),
        ("0-6", "2026-01-09 23:00", "2026-01-10 05:00"),
        # Clocks go from 2:00 to 3:00 on 29 March, at 1:00 UTC.
        ("22-7", "2026-03-28 21:00", "2026-03-29 05:00"),
        ("22-2:30", "2026-03-29 00:59", "2026-03-29 01:00"),
        ("22-2:30", "2026-03-29 01:00", None),
        ("2:10-2:40", "2026-03-29 01:00", None),
        # And from 3:00 back to 2:00 on 25 October, at 1:00 UTC: the first 2:30 counts.
        ("22-2:30", "2026-10-25 00:29", "2026-10-25 00:30"),
        ("22-2:30", "2026-10-25 01:00", None),
        ("22-7", "2026-10-25 00:30", "2026-10-25 06:00"),
    ],
)
def test_it_is_quiet_until_the_end(hours: str, now: str, end: str | None) -> None:
    found = Hours.parse(hours).end_after(utc(now), BERLIN)
    assert found == (utc(end) if end else None)
