from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import Recurrence, RecurrenceKind
from tests.adapters.calendar.rig import (
    BERLIN,
    CALENDAR,
    CHANGES,
    LORD_HOWE,
    NEW_YORK,
    SAO_PAULO,
    following,
    instant,
    rule,
)


def rrule(text: str, zone: str = "UTC", start: str = "2026-01-01T09:00") -> Recurrence:
    return rule(RecurrenceKind.RRULE, text, zone=zone, start=start)


# rule, after, what follows, in UTC and counted from 1 January 2026, 9:00, a Thursday
PLAIN = [
    ("FREQ=DAILY", "2026-01-01T08:00", ["01-01 09:00", "01-02 09:00"]),
    ("FREQ=DAILY", "2025-06-01T08:00", ["01-01 09:00"]),
    ("rrule:freq=daily;", "2026-01-01T09:00", ["01-02 09:00", "01-03 09:00"]),
    ("FREQ=DAILY;INTERVAL=3", "2026-01-01T09:00", ["01-04 09:00", "01-07 09:00"]),
    ("FREQ=DAILY;INTERVAL=3", "2036-01-01T09:00", ["01-03 09:00", "01-06 09:00"]),
    ("FREQ=DAILY;COUNT=3", "2025-12-31T00:00", ["01-01 09:00", "01-02 09:00", "01-03 09:00"]),
    ("FREQ=DAILY;UNTIL=20260103T090000Z", "2026-01-01T09:00", ["01-02 09:00", "01-03 09:00"]),
    ("FREQ=DAILY;UNTIL=20260103T085959Z", "2026-01-01T09:00", ["01-02 09:00"]),
    ("FREQ=DAILY;UNTIL=20260102", "2026-01-01T09:00", ["01-02 09:00"]),
    ("FREQ=DAILY;UNTIL=20260102T090000", "2026-01-01T09:00", ["01-02 09:00"]),
    ("FREQ=WEEKLY", "2026-01-01T09:00", ["01-08 09:00", "01-15 09:00"]),
    ("FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=8", "2026-01-01T09:00", ["01-02 08:00", "01-05 08:00"]),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-01-01T09:00", ["01-12 09:00", "01-26 09:00"]),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-12-30T09:00", ["01-11 09:00", "01-25 09:00"]),
    ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01T09:00", ["01-30 09:00", "02-27 09:00"]),
    ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31T09:00", ["03-31 09:00", "05-31 09:00"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T09:00", ["02-28 09:00", "03-31 09:00"]),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "2026-01-01T09:00",
        ["01-30 09:00", "02-27 09:00"],
    ),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01T09:00", ["02-29 09:00"]),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "2026-01-01T09:00", ["05-11 09:00"]),
    ("FREQ=HOURLY;INTERVAL=5", "2026-01-01T09:00", ["01-01 14:00", "01-01 19:00"]),
    ("FREQ=HOURLY;COUNT=2", "2025-01-01T00:00", ["01-01 09:00", "01-01 10:00"]),
    ("FREQ=HOURLY;BYHOUR=9,12", "2026-01-01T09:00", ["01-01 12:00", "01-02 09:00"]),
    ("FREQ=MINUTELY;INTERVAL=90", "2026-01-01T09:00", ["01-01 10:30", "01-01 12:00"]),
    ("FREQ=SECONDLY;INTERVAL=90;UNTIL=20260101T0901", "2026-01-01T08:00", ["01-01 09:00"]),
]

# zone, rule, start, after, what follows
CLOCK_CHANGES = [
    (
        NEW_YORK,
        "FREQ=DAILY",
        "2026-03-01T02:30",
        "2026-03-07T03:00",
        ["03-08 03:00-0400", "03-09 02:30-0400"],
    ),
    (
        NEW_YORK,
        "FREQ=DAILY",
        "2026-03-01T01:30",
        "2026-10-31T12:00",
        ["11-01 01:30-0400", "11-02 01:30-0500"],
    ),
    (
        BERLIN,
        "FREQ=WEEKLY;BYDAY=SU",
        "2026-03-01T02:30",
        "2026-03-28T03:00",
        ["03-29 03:00+0200", "04-05 02:30+0200"],
    ),
    (
        BERLIN,
        "FREQ=HOURLY",
        "2026-10-24T00:30",
        "2026-10-25T01:30+02:00",
        ["10-25 02:30+0200", "10-25 02:30+0100", "10-25 03:30+0100"],
    ),
    (
        BERLIN,
        "FREQ=HOURLY;BYDAY=SU",
        "2026-10-24T00:30",
        "2026-10-25T01:30+02:00",
        ["10-25 02:30+0200", "10-25 02:30+0100", "10-25 03:30+0100"],
    ),
    (
        BERLIN,
        "FREQ=DAILY;BYHOUR=1,2,3",
        "2026-10-24T00:30",
        "2026-10-25T01:30+02:00",
        ["10-25 02:30+0200", "10-25 03:30+0100"],
    ),
    (
        LORD_HOWE,
        "FREQ=MINUTELY;INTERVAL=30;BYDAY=SU",
        "2026-10-03T00:00",
        "2026-10-04T01:00+10:30",
        ["10-04 01:30+1030", "10-04 02:30+1100", "10-04 03:00+1100"],
    ),
    (
        SAO_PAULO,
        "FREQ=DAILY;COUNT=4",
        "2018-11-03T00:00",
        "2018-11-02T00:00",
        ["11-03 00:00-0300", "11-04 01:00-0200", "11-05 00:00-0200", "11-06 00:00-0200"],
    ),
    (
        BERLIN,
        "FREQ=DAILY;UNTIL=20261025T003000Z",
        "2026-10-24T02:30",
        "2026-10-24T00:00",
        ["10-24 02:30+0200", "10-25 02:30+0200"],
    ),
]


@pytest.mark.parametrize(("text", "after", "moments"), PLAIN)
def test_rule_gives_its_times(text: str, after: str, moments: list[str]) -> None:
    found = following(rrule(text), after, len(moments))
    assert found == [f"{each}+0000" for each in moments]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("FREQ=DAILY;COUNT=3", "2026-01-03T09:00"),
        ("FREQ=DAILY;UNTIL=20260103T090000Z", "2026-01-03T09:00"),
        ("FREQ=HOURLY;COUNT=3", "2026-01-01T11:00"),
        ("FREQ=MINUTELY;UNTIL=20260101T090200Z", "2026-01-01T09:02"),
        ("FREQ=YEARLY;COUNT=2;BYMONTH=1;BYMONTHDAY=1", "2027-01-01T09:00"),
    ],
)
def test_rule_ends(text: str, last: str) -> None:
    end = instant(last, "UTC")
    assert CALENDAR.next_after(rrule(text), end - timedelta(seconds=1)) == end
    assert CALENDAR.next_after(rrule(text), end) is None
    assert CALENDAR.next_after(rrule(text), end + timedelta(days=4000)) is None


@pytest.mark.parametrize(("zone", "text", "start", "after", "moments"), CLOCK_CHANGES)
def test_days_on_which_clocks_change_keep_the_rules(
    zone: str, text: str, start: str, after: str, moments: list[str]
) -> None:
    assert following(rrule(text, zone, start), after, len(moments)) == moments


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "only one line"),
        ("DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY", "only one line"),
        ("every day", "only one line"),
        ("FREQ=DAILY;" + "BYHOUR=1" * 100, "only one line"),
        ("INTERVAL=2", "FREQ has to be"),
        ("FREQ=FORTNIGHTLY", "FREQ has to be"),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER"),
        ("FREQ=DAILY;FREQ=DAILY", "one value"),
        ("FREQ=DAILY;COUNT=", "one value"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0 is not between"),
        ("FREQ=DAILY;COUNT=2001", "COUNT=2001 is not between"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not between"),
        ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL=1.5 is not between"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24 is not between 0 and 23"),
        ("FREQ=HOURLY;BYHOUR=24", "BYHOUR=24 is not between 0 and 23"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=MONTHLY;BYMONTH=13", "BYMONTH=13"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX is no day"),
        ("FREQ=MONTHLY;BYDAY=99MO", "BYDAY=99MO is no day"),
        ("FREQ=WEEKLY;BYDAY=1MO", "for MONTHLY and YEARLY"),
        ("FREQ=MONTHLY;BYDAY=MO,1FR", "with and without a number"),
        ("FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO is for YEARLY"),
        ("FREQ=DAILY;WKST=X", "WKST"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS picks"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "exclude each other"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW is no moment"),
        ("FREQ=SECONDLY;BYHOUR=3", "SECONDLY goes with"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
        ("FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO", "never comes"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
        ("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=3", "never comes"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=FR", "never comes"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "never comes"),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=2", "never comes"),
        ("FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3", "never comes"),
    ],
)
def test_rule_that_cannot_be_used_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        CALENDAR.next_after(rrule(text), instant("2026-01-01T00:00", "UTC"))


RULES = st.sampled_from(
    [
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,30",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU",
        "FREQ=WEEKLY;INTERVAL=3;WKST=SU",
        "FREQ=MONTHLY;BYDAY=1SU,-1SU",
        "FREQ=MONTHLY;INTERVAL=5",
        "FREQ=YEARLY;BYMONTH=3,11;BYDAY=SU",
        "FREQ=HOURLY;INTERVAL=7;BYDAY=SU,SA",
        "FREQ=MINUTELY;INTERVAL=25;BYHOUR=1,2",
    ]
)


@settings(max_examples=60, deadline=None)
@given(text=RULES, days=st.integers(0, 700), seconds=st.integers(0, 86399))
def test_looking_from_far_behind_the_start_finds_what_counting_finds(
    text: str, days: int, seconds: int
) -> None:
    start = datetime(2026, 1, 15, 1, 30)
    moment = start + timedelta(days=days, seconds=seconds)
    expected = rrulestr(text, dtstart=start).after(moment)
    found = CALENDAR.next_after(rrule(text, start=start.isoformat()), moment.replace(tzinfo=UTC))
    assert found == expected.replace(tzinfo=UTC)


@settings(max_examples=100, deadline=None)
@given(text=RULES, change=st.sampled_from(CHANGES), hours=st.floats(-40, 40))
def test_it_does_not_matter_from_where_one_looks(
    text: str, change: tuple[str, datetime], hours: float
) -> None:
    zone, day = change
    recurrence = rrule(text, zone, (day - timedelta(days=30)).isoformat())
    moment = day.replace(tzinfo=UTC) + timedelta(hours=hours)
    found = CALENDAR.next_after(recurrence, moment)
    assert found is not None
    assert found > moment
    assert CALENDAR.next_after(recurrence, found - timedelta(microseconds=1)) == found
    assert CALENDAR.next_after(recurrence, moment + (found - moment) / 2) == found


@settings(max_examples=200, deadline=None)
@given(st.text("FREQ=DAILY;BYMONTH,SU0123456789-+:T \n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ScheduleInvalid):
        CALENDAR.next_after(rrule(f"FREQ=DAILY;{text}"), instant("2026-01-01T00:00", "UTC"))
