from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.when import parse
from tests.core.when.rig import BERLIN, NOW, understood

ONCE = [
    ("in 10m x", "Wed 2026-06-03 09:10"),
    ("in 10 min. x", "Wed 2026-06-03 09:10"),
    ("in 2 hours x", "Wed 2026-06-03 11:00"),
    ("in 1h30m x", "Wed 2026-06-03 10:30"),
    ("in 1 hour and 5 minutes x", "Wed 2026-06-03 10:05"),
    ("in 1.5 hours x", "Wed 2026-06-03 10:30"),
    ("in an hour x", "Wed 2026-06-03 10:00"),
    ("in half an hour x", "Wed 2026-06-03 09:30"),
    ("10 minutes from now x", "Wed 2026-06-03 09:10"),
    ("in 3 days x", "Sat 2026-06-06 09:00"),
    ("in 3 days at 18:00 x", "Sat 2026-06-06 18:00"),
    ("in two weeks x", "Wed 2026-06-17 09:00"),
    ("in 9 months x", "Wed 2027-03-03 09:00"),
    ("in 1.5 days x", "Thu 2026-06-04 21:00"),
    ("tomorrow 9:00 x", "Thu 2026-06-04 09:00"),
    ("TOMORROW at 9AM x", "Thu 2026-06-04 09:00"),
    ("tomorrow at 9 p.m. x", "Thu 2026-06-04 21:00"),
    ("tomorrow at noon x", "Thu 2026-06-04 12:00"),
    ("tomorrow x", "Thu 2026-06-04 09:00"),
    ("tomorrow evening x", "Thu 2026-06-04 19:00"),
    ("tomorrow evening at 8 x", "Thu 2026-06-04 20:00"),
    ("9:00 tomorrow x", "Thu 2026-06-04 09:00"),
    ("the day after tomorrow 9:00 x", "Fri 2026-06-05 09:00"),
    ("today 18:30 x", "Wed 2026-06-03 18:30"),
    ("tonight x", "Wed 2026-06-03 19:00"),
    ("tonight at 8 x", "Wed 2026-06-03 20:00"),
    ("at 17:00 x", "Wed 2026-06-03 17:00"),
    ("17:00 x", "Wed 2026-06-03 17:00"),
    ("8:00 x", "Thu 2026-06-04 08:00"),
    ("9:00 x", "Thu 2026-06-04 09:00"),
    ("12am x", "Thu 2026-06-04 00:00"),
    ("12pm x", "Wed 2026-06-03 12:00"),
    ("at midnight x", "Thu 2026-06-04 00:00"),
    ("mon 10:00 x", "Mon 2026-06-08 10:00"),
    ("wed 10:00 x", "Wed 2026-06-03 10:00"),
    ("wed 8:00 x", "Wed 2026-06-10 08:00"),
    ("on friday at 10 x", "Fri 2026-06-05 10:00"),
    ("on friday x", "Fri 2026-06-05 09:00"),
    ("10:00 on friday x", "Fri 2026-06-05 10:00"),
    ("next monday 10:00 x", "Mon 2026-06-08 10:00"),
    ("2026-12-24 18:00 x", "Thu 2026-12-24 18:00"),
    ("2026-12-24T18:00 x", "Thu 2026-12-24 18:00"),
    ("2026-12-24T18:00:00+01:00 x", "Thu 2026-12-24 18:00"),
    ("2026-12-24T18:00Z x", "Thu 2026-12-24 19:00"),
    ("2026-12-24 x", "Thu 2026-12-24 09:00"),
    ("24.12. 18:00 x", "Thu 2026-12-24 18:00"),
    ("24.12.2027 18:00 x", "Fri 2027-12-24 18:00"),
    ("1.3. 18:00 x", "Mon 2027-03-01 18:00"),
    ("24 december 18:00 x", "Thu 2026-12-24 18:00"),
    ("december 24th 2027 at 6pm x", "Fri 2027-12-24 18:00"),
    ("29 february 9:00 x", "Tue 2028-02-29 09:00"),
    ("in 10 Minuten x", "Wed 2026-06-03 09:10"),
    ("in einer halben Stunde x", "Wed 2026-06-03 09:30"),
    ("morgen um 9 Uhr x", "Thu 2026-06-04 09:00"),
    ("morgen um 9 Uhr 30 x", "Thu 2026-06-04 09:30"),
    ("morgen Abend um 8 x", "Thu 2026-06-04 20:00"),
    ("heute um 18.30 Uhr x", "Wed 2026-06-03 18:30"),
    ("übermorgen 10:00 x", "Fri 2026-06-05 10:00"),
    ("am Freitag um 10 Uhr x", "Fri 2026-06-05 10:00"),
    ("so 10:00 x", "Sun 2026-06-07 10:00"),
    ("am 24. Dezember um 18 Uhr x", "Thu 2026-12-24 18:00"),
    ("en 10 minutos x", "Wed 2026-06-03 09:10"),
    ("dentro de media hora x", "Wed 2026-06-03 09:30"),
    ("mañana a las 9 x", "Thu 2026-06-04 09:00"),
    ("pasado mañana a las 9 x", "Fri 2026-06-05 09:00"),
    ("hoy a las 9 de la noche x", "Wed 2026-06-03 21:00"),
    ("el viernes a las 10 x", "Fri 2026-06-05 10:00"),
    ("el 24 de diciembre a las 18:00 x", "Thu 2026-12-24 18:00"),
    ("через 10 минут x", "Wed 2026-06-03 09:10"),
    ("через час x", "Wed 2026-06-03 10:00"),
    ("через полчаса x", "Wed 2026-06-03 09:30"),
    ("завтра в 9 утра x", "Thu 2026-06-04 09:00"),
    ("завтра вечером в 8 x", "Thu 2026-06-04 20:00"),
    ("сегодня в 18:30 x", "Wed 2026-06-03 18:30"),
    ("в пятницу в 10 x", "Fri 2026-06-05 10:00"),
    ("24 декабря в 18:00 x", "Thu 2026-12-24 18:00"),
    ("10分钟后x", "Wed 2026-06-03 09:10"),
    ("半小时后x", "Wed 2026-06-03 09:30"),
    ("明天9点x", "Thu 2026-06-04 09:00"),
    ("明天９：００ x", "Thu 2026-06-04 09:00"),
    ("明天下午3点半x", "Thu 2026-06-04 15:30"),
    ("周五10点x", "Fri 2026-06-05 10:00"),
    ("下周五10点x", "Fri 2026-06-12 10:00"),
    ("12月24日18点x", "Thu 2026-12-24 18:00"),
]

REPEATED = [
    ("every 30m x", "every 1800"),
    ("every 2 hours x", "every 7200"),
    ("every hour x", "every 3600"),
    ("every 1.5 hours x", "every 5400"),
    ("every day 8:00 x", "cron 0 8 * * *"),
    ("every day x", "cron 0 9 * * *"),
    ("daily at 8 x", "cron 0 8 * * *"),
    ("at 8 every day x", "cron 0 8 * * *"),
    ("every mon 10:00 x", "cron 0 10 * * 1"),
    ("every sunday 10:00 x", "cron 0 10 * * 0"),
    ("every mon,thu 10:00 x", "cron 0 10 * * 1,4"),
    ("every thursday and monday at 10 x", "cron 0 10 * * 1,4"),
    ("every mon-wed 10:00 x", "cron 0 10 * * 1,2,3"),
    ("every fri-mon 10:00 x", "cron 0 10 * * 0,1,5,6"),
    ("mondays 9:00 x", "cron 0 9 * * 1"),
    ("every weekday at 9 x", "cron 0 9 * * 1-5"),
    ("every weekend 11:00 x", "cron 0 11 * * 0,6"),
    ("every week x", "cron 0 9 * * 3"),
    ("every week on friday 10:00 x", "cron 0 10 * * 5"),
    ("every month on the 1st 9:00 x", "cron 0 9 1 * *"),
    ("on the 1st of every month 9:00 x", "cron 0 9 1 * *"),
    ("every month on the last day 9:00 x", "cron 0 9 L * *"),
    ("every 1 january 9:00 x", "cron 0 9 1 1 *"),
    ("every year on december 24 at 18:00 x", "cron 0 18 24 12 *"),
    (
        "every 2 days 8:00 x",
        "FREQ=DAILY;INTERVAL=2;BYHOUR=8;BYMINUTE=0;BYSECOND=0 from 06-04 08:00",
    ),
    (
        "every 2 weeks on monday 10:00 x",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=10;BYMINUTE=0;BYSECOND=0 from 06-08 10:00",
    ),
    (
        "every 3 months on the last day 9:00 x",
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0;BYSECOND=0 from 06-30 09:00",
    ),
    (
        "every 2 years on 1 january 9:00 x",
        "FREQ=MONTHLY;INTERVAL=24;BYMONTH=1;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0;BYSECOND=0"
        " from 01-01 09:00",
    ),
    ('cron "0 9 * * 1-5" x', "cron 0 9 * * 1-5"),
    ("cron 0 9 * * 1-5 x", "cron 0 9 * * 1-5"),
    ("cron @daily x", "cron @daily"),
    ("rrule FREQ=DAILY;COUNT=3 x", "FREQ=DAILY;COUNT=3 from 06-03 09:01"),
    ("RRULE:FREQ=WEEKLY;BYDAY=MO x", "FREQ=WEEKLY;BYDAY=MO from 06-03 09:01"),
    ("jeden Montag und Donnerstag um 10 Uhr x", "cron 0 10 * * 1,4"),
    ("jeden Tag um 8 x", "cron 0 8 * * *"),
    ("alle 30 Minuten x", "every 1800"),
    ("werktags um 9 x", "cron 0 9 * * 1-5"),
    ("jeden Monat am 1. um 9 Uhr x", "cron 0 9 1 * *"),
    ("jedes Jahr am 24.12. um 18 Uhr x", "cron 0 18 24 12 *"),
    ("cada 2 horas x", "every 7200"),
    ("todos los días a las 8 x", "cron 0 8 * * *"),
    ("los lunes a las 10 x", "cron 0 10 * * 1"),
    ("cada mes el 1 a las 9 x", "cron 0 9 1 * *"),
    ("cada 1 de enero a las 9 x", "cron 0 9 1 1 *"),
    ("каждый день в 8:00 x", "cron 0 8 * * *"),
    ("каждый понедельник и четверг в 10:00 x", "cron 0 10 * * 1,4"),
    ("по понедельникам в 10 x", "cron 0 10 * * 1"),
    ("по будням в 9 x", "cron 0 9 * * 1-5"),
    ("каждые 2 часа x", "every 7200"),
    ("каждый месяц 1 числа в 9:00 x", "cron 0 9 1 * *"),
    ("каждое 1 января в 9:00 x", "cron 0 9 1 1 *"),
    ("每天早上8点x", "cron 0 8 * * *"),
    ("每周一和周四10点x", "cron 0 10 * * 1,4"),
    ("每个工作日9点x", "cron 0 9 * * 1-5"),
    ("每2小时x", "every 7200"),
    ("每月1号9点x", "cron 0 9 1 * *"),
    ("每年1月1日9点x", "cron 0 9 1 1 *"),
]


@pytest.mark.parametrize(("text", "moment"), ONCE)
def test_moment_is_understood(text: str, moment: str) -> None:
    assert understood(text) == (moment, "x")


@pytest.mark.parametrize(("text", "rule"), REPEATED)
def test_repetition_is_understood(text: str, rule: str) -> None:
    assert understood(text) == (rule, "x")


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        ("America/New_York", "2026-03-08 02:30 x", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01 01:30 x", "2026-11-01T05:30"),
        ("America/New_York", "2026-11-01T01:30-05:00 x", "2026-11-01T06:30"),
        ("Europe/Berlin", "29.3. 2:30 x", "2026-03-29T01:00"),
        ("Europe/Berlin", "25.10. 2:30 x", "2026-10-25T00:30"),
        ("Australia/Lord_Howe", "4.10. 2:15 x", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "5.4. 1:45 x", "2026-04-04T14:45"),
        ("Asia/Kolkata", "8.3. 2:30 x", "2026-03-07T21:00"),
        ("America/New_York", "in 7 days x", "2026-03-08T12:00"),
        ("America/New_York", "in 168 hours x", "2026-03-08T13:00"),
    ],
)
def test_days_on_which_clocks_change_keep_the_rules(zone: str, text: str, moment: str) -> None:
    spoken = parse(text, now=datetime(2026, 3, 1, 13, tzinfo=UTC), zone=zone)
    assert spoken is not None
    assert spoken.recurrence.start == datetime.fromisoformat(f"{moment}+00:00")


def test_interval_begins_now() -> None:
    spoken = parse("every 30m x", now=NOW, zone=BERLIN)
    assert spoken is not None
    assert spoken.recurrence.start == NOW


def test_time_alone_is_the_next_even_when_clocks_are_turned_back() -> None:
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 2:10 in Berlin
    assert understood("2:30 x", now=second_time) == ("Mon 2026-10-26 02:30", "x")
    assert understood("in 10m x", now=second_time) == ("Sun 2026-10-25 02:20", "x")


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_time_alone_comes_within_a_day(now: datetime, hour: int, minute: int) -> None:
    moment = now.replace(tzinfo=UTC)
    spoken = parse(f"{hour}:{minute:02} x", now=moment, zone=BERLIN)
    assert spoken is not None
    assert timedelta() < spoken.recurrence.start - moment <= timedelta(hours=26)
