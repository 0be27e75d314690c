"""Recurrences as people read them."""

from datetime import timedelta

import pytest

from minibot.app.agenda.recurrence_words import in_words, lasting
from minibot.core.jobs import Recurrence, RecurrenceKind
from tests.app.agenda.planning import cron, once
from tests.fakes import START


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("0 10 * * 1", "every Monday at 10:00"),
        ("0 10 * * mon", "every Monday at 10:00"),
        ("5 9 * * *", "every day at 09:05"),
        ("30 7 * * 1-5", "every weekday at 07:30"),
        ("30 7 * * MON-FRI", "every weekday at 07:30"),
        ("0 8 * * 1,3,5", "every Monday, Wednesday and Friday at 08:00"),
        ("0 8 * * 6,0", "every Saturday and Sunday at 08:00"),
        ("0 8 * * 7", "every Sunday at 08:00"),
        ("0 8 * * 6-7", "every Saturday and Sunday at 08:00"),
        ("0 8 1 * *", "on day 1 of every month at 08:00"),
        ("15 * * * *", "every hour at :15"),
    ],
)
def test_rules_that_people_use_are_said_in_words(rule: str, said: str) -> None:
    assert in_words(cron(rule, "Europe/Berlin"), START) == f"{said} (Europe\\/Berlin)"


@pytest.mark.parametrize(
    "rule",
    [
        "*/5 * * * *",
        "0 9-17 * * *",
        "0 9 1,15 * *",
        "0 9 1 * 1",
        "0 9 * 6 *",
        "0 9 * * 1#2",
        "0 9 * * 1-3-5",
        "0 9 * * 5-1",
        "@daily",
    ],
)
def test_other_rules_are_shown_as_they_are(rule: str) -> None:
    assert in_words(cron(rule), START) == f"by the rule `{rule}` (UTC)"


def test_a_rule_of_rfc_5545_is_shown_as_it_is() -> None:
    rule = Recurrence(
        kind=RecurrenceKind.RRULE, rule="FREQ=WEEKLY;INTERVAL=2", start=START, zone="UTC"
    )
    assert in_words(rule, START) == "by the rule `FREQ=WEEKLY;INTERVAL=2` (UTC)"


def test_a_single_moment_is_said_by_the_clock_of_its_zone() -> None:
    said = in_words(once(START, "America/New_York"), START)
    assert said == "Wed 4 Mar, 00:06 (America\\/New\\_York)"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ("60", "every minute"),
        ("90", "every 90 seconds"),
        ("5400", "every 90 minutes"),
        ("3600", "every hour"),
        ("7200", "every 2 hours"),
        ("86400", "every day"),
        ("604800", "every 7 days"),
    ],
)
def test_an_interval_is_said_in_its_largest_unit(seconds: str, said: str) -> None:
    every = Recurrence(kind=RecurrenceKind.EVERY, rule=seconds, start=START, zone="UTC")
    assert in_words(every, START) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 days"),
    ],
)
def test_a_time_is_said_shortly(seconds: int, said: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == said
