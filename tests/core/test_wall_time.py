from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.errors import ScheduleInvalid
from minibot.core.wall_time import instant_of, wall_at, zone_named

ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
)
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1))


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("America/New_York", "2026-03-08T01:59:59", "2026-03-08T06:59:59"),
        ("America/New_York", "2026-03-08T02:00:00", "2026-03-08T07:00:00"),
        ("America/New_York", "2026-03-08T02:59:59", "2026-03-08T07:00:00"),
        ("America/New_York", "2026-03-08T03:00:00", "2026-03-08T07:00:00"),
        ("America/New_York", "2026-11-01T01:00:00", "2026-11-01T05:00:00"),
        ("America/New_York", "2026-11-01T02:00:00", "2026-11-01T07:00:00"),
        ("America/Sao_Paulo", "2018-11-04T00:30:00.5", "2018-11-04T03:00:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03T15:30:00"),
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00"),
    ],
)
def test_time_on_the_wall_has_one_instant(zone: str, wall: str, instant: str) -> None:
    found = instant_of(datetime.fromisoformat(wall), zone_named(zone))
    assert found == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@given(zone=ZONES, wall=MOMENTS, later=st.timedeltas(timedelta(), timedelta(hours=3)))
def test_instants_go_on_as_times_on_the_wall_do(
    zone: str, wall: datetime, later: timedelta
) -> None:
    assert instant_of(wall, zone_named(zone)) <= instant_of(wall + later, zone_named(zone))


@given(zone=ZONES, moment=MOMENTS)
def test_instant_is_the_first_that_shows_what_the_wall_shows(zone: str, moment: datetime) -> None:
    instant = moment.replace(tzinfo=UTC)
    found = instant_of(wall_at(instant, zone_named(zone)), zone_named(zone))
    assert found <= instant
    assert wall_at(found, zone_named(zone)) == wall_at(instant, zone_named(zone))


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "America", "../../etc/passwd", "\x00", "a" * 999]
)
def test_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ScheduleInvalid, match="There is no time zone"):
        zone_named(name)
