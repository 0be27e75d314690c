from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import RecurrenceKind
from minibot.core.when import parse
from tests.core.when.rig import BERLIN, NOW

LEFT = [
    ("in 10m water the plants", "water the plants"),
    ("water the plants in 10m", "water the plants"),
    ("me in 10m to water the plants", "water the plants"),
    ("me to water the plants in 10m.", "water the plants"),
    ("in 10m: Water, the plants!", "Water, the plants!"),
    ("please in 10m that it rains", "it rains"),
    ("call Mom tomorrow at 9!", "call Mom"),
    ("tomorrow call Mom at 17:00", "call Mom"),
    ("at 9 call Mom tomorrow", "call Mom"),
    ("every day stretch at 10:00", "stretch"),
    ("do the dishes in 10m", "do the dishes"),
    ("do 10 pushups at 17:00", "do 10 pushups"),
    ("sun cream at 17:00", "sun cream"),
    ("check cron jobs at 17:00", "check cron jobs"),
    ('standup cron "0 9 * * 1-5"', "standup"),
    ("mich morgen um 9 daran dass Müll ist", "Müll ist"),
    ("мне завтра в 9 что пора", "пора"),
    ("提醒我明天9点开会", "开会"),
    ("喝水 10分钟后", "喝水"),
    ("tomorrow 9:00", ""),
    ("in 10m two\nlines", "two\nlines"),
]

NO_TIME = [
    "",
    " \n",
    "buy milk",
    "so what",
    "do 10 pushups",
    "every dog has its day",
    "upgrade to python 3.11",
    "friday call mom",
    "read chapter 10",
    "in the morning",
    "look at 10 houses now",
    "cron jobs are late",
    "9:5 x",
    "100:00 x",
    "12/24 18:00 x",
    "купить молоко",
    "买牛奶",
]

REFUSED = [
    ("25:00 x", "25:00 is no time of day"),
    ("tomorrow 25:00 x", "25:00 is no time of day"),
    ("x at 9:60", "9:60 is no time of day"),
    ("every day 24:00 x", "24:00 is no time of day"),
    ("today 8:00 x", "2026-06-03 08:00 is over: it is 2026-06-03 09:00"),
    ("today x", "is over"),
    ("2025-12-24 18:00 x", "2025-12-24 18:00 is over"),
    ("2026-06-03T07:00Z x", "is over"),
    ("2026-02-30 18:00 x", "no day 30 in month 2 of 2026"),
    ("0000-01-01 9:00 x", "no day 1 in month 1 of 0"),
    ("2026-13-01T18:00Z x", "is no moment"),
    ("30 february 9:00 x", "no day 30 in month 2"),
    ("every 31 april 9:00 x", "no day 31 in month 4"),
    ("every month on the 32nd 9:00 x", "no day 32"),
    ("every month x", "Say on which day"),
    ("every year x", "Say on which day"),
    ("every day 8:00:30 x", "whole minutes"),
    ("every 1.5 days x", "1.5 days cannot be counted"),
    ("in 1.5 months x", "1.5 months cannot be counted"),
    ("every 1 day 2 hours x", "Days do not go with hours"),
    ("in 0 minutes x", "longer than nothing"),
    ("every 0 minutes x", "longer than nothing"),
    ("every 0 days x", "longer than nothing"),
    ("in 99999999999999999999 days x", "too far"),
    ("in 9999999 months x", "too far"),
    ("every 99999999999999999999 hours x", "too far"),
    ("9999-12-31 23:59-12:00 x", "too far"),
]


@pytest.mark.parametrize(("text", "left"), LEFT)
def test_what_is_to_be_done_is_left(text: str, left: str) -> None:
    spoken = parse(text, now=NOW, zone=BERLIN)
    assert spoken is not None
    assert spoken.text == left


@pytest.mark.parametrize("text", NO_TIME)
def test_text_without_a_time_is_none(text: str) -> None:
    assert parse(text, now=NOW, zone=BERLIN) is None


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_time_that_cannot_be_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        parse(text, now=NOW, zone=BERLIN)


def test_unknown_zone_is_refused() -> None:
    with pytest.raises(ScheduleInvalid, match="Mars/Base"):
        parse("tomorrow 9:00 x", now=NOW, zone="Mars/Base")


PIECES = st.sampled_from(
    [
        *("in", "every", "at", "on", "tomorrow", "mon", "10", "9:00", "25:61", "1.5", "m", "days"),
        *(
            "months",
            "the",
            "1st",
            "last day",
            "january",
            "24.12.",
            "2026-02-30",
            "T",
            "Z",
            "+01:00",
        ),
        *(
            "cron",
            "* * * * *",
            "rrule",
            "FREQ=DAILY",
            ",",
            "-",
            "and",
            "half",
            "other",
            "pm",
            "uhr",
        ),
        *(
            "jeden",
            "alle",
            "um",
            "cada",
            "a las",
            "через",
            "каждый",
            "в",
            "每",
            "月",
            "日",
            "点",
            "半",
        ),
        *(
            "后",
            "下周",
            "周一",
            "1",
            "0",
            "99999999999999999999",
            "9999-12-31",
            "to",
            "me",
            "x",
            "İ",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, max_size=8), glue=st.sampled_from(["", " "]))
def test_words_about_time_are_understood_left_alone_or_refused(
    pieces: list[str], glue: str
) -> None:
    with suppress(ScheduleInvalid):
        spoken = parse(glue.join(pieces), now=NOW, zone=BERLIN)
        if spoken and spoken.recurrence.kind is RecurrenceKind.ONCE:
            assert spoken.recurrence.start > NOW


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200), zone=st.sampled_from([BERLIN, "America/New_York"]))
def test_any_text_is_understood_left_alone_or_refused(text: str, zone: str) -> None:
    with suppress(ScheduleInvalid):
        spoken = parse(text, now=NOW, zone=zone)
        assert spoken is None or spoken.recurrence.zone == zone
