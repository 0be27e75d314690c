from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.core.errors import ScheduleInvalid
from tests.adapters.calendar.rig import (
    BERLIN,
    CALENDAR,
    CHANGES,
    KOLKATA,
    LORD_HOWE,
    NEW_YORK,
    SAO_PAULO,
    cron,
    following,
    instant,
    looked_up,
    minutes_around,
)

PLAIN = [
    ("0 9 * * 1-5", "2026-06-05T09:00", ["06-08 09:00", "06-09 09:00"]),
    ("0 9 * * mon,THU", "2026-06-05T09:00", ["06-08 09:00", "06-11 09:00"]),
    ("0 9 * * 7", "2026-06-05T09:00", ["06-07 09:00", "06-14 09:00"]),
    ("30 18 31 * *", "2026-06-05T09:00", ["07-31 18:30", "08-31 18:30", "10-31 18:30"]),
    ("0 0 L * *", "2026-01-31T00:00", ["02-28 00:00", "03-31 00:00"]),
    ("0 0 29 2 *", "2026-06-05T09:00", ["02-29 00:00"]),
    ("0 8 1,15 * *", "2026-06-01T08:00", ["06-15 08:00", "07-01 08:00"]),
    ("0 9 13 * 5", "2026-03-10T00:00", ["03-13 09:00", "03-20 09:00"]),  # either, as in Debian
    ("*/20 8-9 * * *", "2026-06-05T09:30", ["06-05 09:40", "06-06 08:00"]),
    ("@hourly", "2026-06-05T09:30", ["06-05 10:00", "06-05 11:00"]),
    ("@daily", "2026-06-05T09:30", ["06-06 00:00"]),
    ("@weekly", "2026-06-05T09:30", ["06-07 00:00"]),
    ("@Monthly", "2026-06-05T09:30", ["07-01 00:00"]),
    ("@yearly", "2026-06-05T09:30", ["01-01 00:00"]),
]

# zone, rule, after, what follows
CLOCK_CHANGES = [
    (NEW_YORK, "30 2 * * *", "2026-03-07T12:00", ["03-08 03:00-0400", "03-09 02:30-0400"]),
    (NEW_YORK, "0,30 2,3 * * *", "2026-03-08T01:00", ["03-08 03:00-0400", "03-08 03:30-0400"]),
    (NEW_YORK, "30 1 * * *", "2026-10-31T12:00", ["11-01 01:30-0400", "11-02 01:30-0500"]),
    (NEW_YORK, "30 1 * * *", "2026-11-01T01:10-05:00", ["11-02 01:30-0500"]),
    (
        NEW_YORK,
        "0 * * * *",
        "2026-03-08T00:30",
        ["03-08 01:00-0500", "03-08 03:00-0400", "03-08 04:00-0400"],
    ),
    (
        NEW_YORK,
        "0 * * * *",
        "2026-11-01T00:30",
        ["11-01 01:00-0400", "11-01 01:00-0500", "11-01 02:00-0500"],
    ),
    (
        NEW_YORK,
        "0 0-23 * * *",
        "2026-11-01T00:30",
        ["11-01 01:00-0400", "11-01 01:00-0500", "11-01 02:00-0500"],
    ),
    (NEW_YORK, "0 */2 * * *", "2026-03-08T00:30", ["03-08 03:00-0400", "03-08 04:00-0400"]),
    (NEW_YORK, "* 2 * * *", "2026-03-08T00:30", ["03-08 03:00-0400", "03-09 02:00-0400"]),
    (BERLIN, "30 2 * * *", "2026-03-28T12:00", ["03-29 03:00+0200", "03-30 02:30+0200"]),
    (BERLIN, "30 2 * * *", "2026-10-24T12:00", ["10-25 02:30+0200", "10-26 02:30+0100"]),
    (BERLIN, "30 2 * * 0", "2026-03-28T12:00", ["03-29 03:00+0200", "04-05 02:30+0200"]),
    (
        BERLIN,
        "*/30 * * * *",
        "2026-10-25T02:10+02:00",
        ["10-25 02:30+0200", "10-25 02:00+0100", "10-25 02:30+0100", "10-25 03:00+0100"],
    ),
    (LORD_HOWE, "15 2 * * *", "2026-10-03T12:00", ["10-04 02:30+1100", "10-05 02:15+1100"]),
    (LORD_HOWE, "45 1 * * *", "2026-04-04T12:00", ["04-05 01:45+1100", "04-06 01:45+1030"]),
    (
        LORD_HOWE,
        "45 * * * *",
        "2026-04-05T01:00+11:00",
        ["04-05 01:45+1100", "04-05 01:45+1030", "04-05 02:45+1030"],
    ),
    (SAO_PAULO, "0 0 * * *", "2018-11-03T12:00", ["11-04 01:00-0200", "11-05 00:00-0200"]),
    (SAO_PAULO, "30 23 * * *", "2018-02-17T12:00", ["02-17 23:30-0200", "02-18 23:30-0300"]),
    (SAO_PAULO, "45 * * * 6", "2018-02-17T23:50-02:00", ["02-17 23:45-0300", "02-24 00:45-0300"]),
    (KOLKATA, "30 2 * * *", "2026-03-07T12:00", ["03-08 02:30+0530", "03-09 02:30+0530"]),
    ("America/Havana", "45 * * 11 0#1", "2026-06-01T00:00", ["11-01 00:45-0400"]),
]


@pytest.mark.parametrize(("rule", "after", "moments"), PLAIN)
def test_rule_of_cron_gives_its_times(rule: str, after: str, moments: list[str]) -> None:
    found = following(cron(rule), after, len(moments))
    assert found == [f"{each}+0000" for each in moments]


@pytest.mark.parametrize(("zone", "rule", "after", "moments"), CLOCK_CHANGES)
def test_days_on_which_clocks_change_keep_the_rules(
    zone: str, rule: str, after: str, moments: list[str]
) -> None:
    assert following(cron(rule, zone), after, len(moments)) == moments


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("0 0 31 2 *", "never comes"),
        ("0 0 30-31 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("0 0 LW * */7", "never comes"),
        ("0 0 32 * *", "day-of-month cannot be read"),
        ("0 24 * * *", "hour cannot be read"),
        ("61 0 * * *", "minute cannot be read"),
        ("0 0 * * someday", "day-of-week cannot be read"),
        ("0 0 * * 5-1", "day-of-week cannot be read"),
        ("", "Five fields"),
        ("0 9 * *", "Five fields"),
        ("0 0 9 * * 1-5", "Five fields"),
        ("@reboot", "Five fields"),
        ("0,1" * 1000 + " 9 * * *", "Five fields"),
    ],
)
def test_rule_that_cannot_be_used_is_refused_in_words(rule: str, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        CALENDAR.next_after(cron(rule), instant("2026-01-01T00:00", "UTC"))


def numbers(least: int, most: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(least, most), min_size=1, max_size=4)


HOURS = st.one_of(
    numbers(0, 23),
    st.sampled_from([set(range(24)), set(range(0, 24, 2)), {1, 2}, {0, 23}, {2}]),
)
MINUTES = st.one_of(
    numbers(0, 59), st.sampled_from([set(range(0, 60, 5)), {0}, {30}, {0, 15, 30, 45}])
)
WEEKDAYS = st.one_of(st.just(set(range(7))), numbers(0, 6))


def field(values: set[int]) -> str:
    return ",".join(str(each) for each in sorted(values))


@settings(max_examples=80, deadline=None)
@given(change=st.sampled_from(CHANGES), minutes=MINUTES, hours=HOURS, weekdays=WEEKDAYS)
def test_moments_are_those_that_a_look_at_every_minute_gives(
    change: tuple[str, datetime], minutes: set[int], hours: set[int], weekdays: set[int]
) -> None:
    zone, day = change
    recurrence = cron(f"{field(minutes)} {field(hours)} * * {field(weekdays)}", zone)
    expected = looked_up(
        zone,
        day,
        lambda wall: (
            wall.minute in minutes and wall.hour in hours and wall.isoweekday() % 7 in weekdays
        ),
        every_hour=len(hours) == 24,
    )
    moments = minutes_around(zone, day)
    found = []
    moment = CALENDAR.next_after(recurrence, moments[0][0] - timedelta(seconds=1))
    while moment is not None and moment <= moments[-1][0]:
        found.append(moment)
        later = CALENDAR.next_after(recurrence, moment)
        assert later is not None
        assert later > moment
        moment = later
    assert found == expected


@settings(max_examples=150, deadline=None)
@given(change=st.sampled_from(CHANGES), minutes=MINUTES, hours=HOURS, data=st.data())
def test_it_does_not_matter_from_where_one_looks(
    change: tuple[str, datetime], minutes: set[int], hours: set[int], data: st.DataObject
) -> None:
    zone, day = change
    recurrence = cron(f"{field(minutes)} {field(hours)} * * *", zone)
    seconds = data.draw(st.floats(0, 3 * 86400, allow_nan=False))
    moment = minutes_around(zone, day)[0][0] + timedelta(seconds=seconds)
    found = CALENDAR.next_after(recurrence, moment)
    assert found is not None
    assert found > moment
    assert CALENDAR.next_after(recurrence, found - timedelta(microseconds=1)) == found
    assert CALENDAR.next_after(recurrence, moment + (found - moment) / 2) == found
