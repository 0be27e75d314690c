import pytest

from minibot.core.errors import ScheduleInvalid
from tests.adapters.calendar.rig import CALENDAR


@pytest.mark.parametrize(
    ("asked", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" AMERICA/new_york ", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("lord howe", "Australia/Lord_Howe"),
        ("Kolkata", "Asia/Kolkata"),
        ("utc", "UTC"),
        ("Z", "UTC"),
        ("UTC+2", "Etc/GMT-2"),
        ("gmt-5", "Etc/GMT+5"),
        ("+14:00", "Etc/GMT-14"),
        ("-0300", "Etc/GMT+3"),
        ("UTC+0", "UTC"),
        ("Etc/GMT-2", "Etc/GMT-2"),
    ],
)
def test_zone_is_known_by_name_city_or_offset(asked: str, zone: str) -> None:
    assert CALENDAR.zone(asked) == zone


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Europe/Berln", "Near it are: Europe/Berlin"),
        ("Lodnon", "Near it are: Europe/London"),
        ("Buenos Aires", "several.*America/Argentina/Buenos_Aires, America/Buenos_Aires"),
        ("UTC+5:30", "whole hours.*Asia/Kolkata"),
        ("UTC+15", "from UTC-12 to UTC\\+14"),
        ("UTC-13", "from UTC-12 to UTC\\+14"),
        ("", "Try Europe/Berlin"),
        ("../../etc/passwd", "Try Europe/Berlin"),
        ("localtime", "no time zone"),
        ("\x00", "no time zone"),
        ("x" * 100_000, "no time zone"),
    ],
)
def test_unknown_zone_is_refused_with_the_nearest(asked: str, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        CALENDAR.zone(asked)
