from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import RecurrenceKind
from minibot.core.when import parse, upcoming
from tests.adapters.calendar.rig import BERLIN, CALENDAR, cron, following, instant, rule, shown

START = "2026-01-01T09:00"


def test_once_is_its_start_until_it_is_over() -> None:
    once = rule(RecurrenceKind.ONCE, "", start=START)
    assert CALENDAR.next_after(once, once.start - timedelta(microseconds=1)) == once.start
    assert CALENDAR.next_after(once, once.start) is None


@pytest.mark.parametrize(
    ("seconds", "after", "moments"),
    [
        ("1800", "2026-01-01T09:00", ["01-01 09:30+0000", "01-01 10:00+0000"]),
        ("1800", "2026-01-01T09:29:59.999999", ["01-01 09:30+0000"]),
        ("1800", "2025-01-01T00:00", ["01-01 09:00+0000", "01-01 09:30+0000"]),
        ("86400.0", "2030-06-01T12:00", ["06-02 09:00+0000"]),
    ],
)
def test_interval_counts_from_its_start(seconds: str, after: str, moments: list[str]) -> None:
    every = rule(RecurrenceKind.EVERY, seconds, start=START)
    assert following(every, after, len(moments)) == moments


def test_interval_knows_nothing_of_clocks() -> None:
    every = rule(RecurrenceKind.EVERY, "43200", zone=BERLIN, start="2026-03-28T12:00")
    assert following(every, "2026-03-28T13:00", 2) == ["03-29 00:00+0100", "03-29 13:00+0200"]


@given(st.floats(0.001, 1e7), st.floats(-1e8, 1e8))
def test_intervals_come_one_after_the_other(step: float, seconds: float) -> None:
    every = rule(RecurrenceKind.EVERY, str(step), start=START)
    moment: datetime | None = every.start + timedelta(seconds=seconds)
    moments = []
    for _ in range(4):
        assert moment is not None
        moment = CALENDAR.next_after(every, moment)
        assert moment is not None
        moments.append(moment)
    assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(seconds=step)}


@pytest.mark.parametrize("seconds", ["", "0", "-5", "x", "nan", "inf", "1e-9", "1e300"])
def test_interval_that_is_none_is_refused(seconds: str) -> None:
    with pytest.raises(ScheduleInvalid, match="is no interval"):
        CALENDAR.next_after(rule(RecurrenceKind.EVERY, seconds), instant("2026-01-01T00:00", "UTC"))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (RecurrenceKind.EVERY, "86400"),
        (RecurrenceKind.CRON, "0 9 * * *"),
        (RecurrenceKind.RRULE, "FREQ=DAILY"),
        (RecurrenceKind.RRULE, "FREQ=HOURLY"),
    ],
)
def test_time_ends_with_the_year_9999(kind: RecurrenceKind, text: str) -> None:
    assert CALENDAR.next_after(rule(kind, text), datetime.max.replace(tzinfo=UTC)) is None


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd", "America", "x" * 999])
@pytest.mark.parametrize(
    ("kind", "text"), [(RecurrenceKind.CRON, "0 9 * * *"), (RecurrenceKind.RRULE, "FREQ=DAILY")]
)
def test_unknown_zone_is_refused(kind: RecurrenceKind, text: str, zone: str) -> None:
    recurrence = replace(rule(kind, text), zone=zone)
    with pytest.raises(ScheduleInvalid, match="no time zone"):
        CALENDAR.next_after(recurrence, recurrence.start)


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("in 10m x", ["06-03 09:10+0200"]),
        ("every 30m x", ["06-03 09:30+0200", "06-03 10:00+0200"]),
        ("every mon,thu 10:00 x", ["06-04 10:00+0200", "06-08 10:00+0200"]),
        ("every month on the last day 9:00 x", ["06-30 09:00+0200", "07-31 09:00+0200"]),
        ("every 29 february 9:00 x", ["02-29 09:00+0100"]),
        ("every 2 days 8:00 x", ["06-04 08:00+0200", "06-06 08:00+0200"]),
        ("every 2 weeks on mon,thu 10:00 x", ["06-04 10:00+0200", "06-15 10:00+0200"]),
        ("every 3 months on the last day 9:00 x", ["06-30 09:00+0200", "09-30 09:00+0200"]),
        ("every 2 years on 1 january 9:00 x", ["01-01 09:00+0100", "01-01 09:00+0100"]),
        ("rrule FREQ=HOURLY;COUNT=2 x", ["06-03 09:01+0200", "06-03 10:01+0200"]),
        ("cron @weekly x", ["06-07 00:00+0200"]),
    ],
)
def test_what_is_said_is_what_comes(text: str, moments: list[str]) -> None:
    now = instant("2026-06-03T09:00", BERLIN)
    spoken = parse(text, now=now, zone=BERLIN)
    assert spoken is not None
    found = upcoming(CALENDAR, spoken.recurrence, now, len(moments))
    assert [shown(each, BERLIN) for each in found] == moments


def test_moments_are_given_in_utc() -> None:
    found = CALENDAR.next_after(cron("0 9 * * *", BERLIN), instant("2026-06-01T00:00", BERLIN))
    assert found is not None
    assert found.isoformat() == "2026-06-01T07:00:00+00:00"
