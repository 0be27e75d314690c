import time

import pytest

from minibot.adapters.tools.time import TimeTools
from minibot.core.errors import ToolArgumentsInvalid
from tests.adapters.tools.rig import call
from tests.fakes import FakeClock

(TIME,) = TimeTools(FakeClock()).tools


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "Wednesday, 2026-03-04 05:06:07, UTC (UTC+00:00), week 2026-W10"),
        ("Asia/Kolkata", "Wednesday, 2026-03-04 10:36:07, Asia/Kolkata (UTC+05:30), week 2026-W10"),
        ("europe/berlin", "Wednesday, 2026-03-04 06:06:07, Europe/Berlin (UTC+01:00)"),
        ("Los Angeles", "Tuesday, 2026-03-03 21:06:07, America/Los_Angeles (UTC-08:00)"),
        ("UTC+2", "Wednesday, 2026-03-04 07:06:07, UTC+02:00 (UTC+02:00)"),
        ("-03:30", "Wednesday, 2026-03-04 01:36:07, UTC-03:30 (UTC-03:30)"),
    ],
)
async def test_time_is_told_with_its_zone(zone: str, told: str) -> None:
    assert (await call(TIME, timezone=zone)).text.startswith(told)


async def test_without_a_zone_it_is_the_one_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    try:
        told = (await call(TIME)).text
    finally:
        monkeypatch.undo()
        time.tzset()
    assert told == "Wednesday, 2026-03-04 14:06:07, JST (UTC+09:00), week 2026-W10"


async def test_the_clock_is_read_at_every_call() -> None:
    clock = FakeClock()
    (tool,) = TimeTools(clock).tools
    await clock.advance(3600)
    assert "06:06:07" in (await call(tool, timezone="UTC")).text


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/Berln", "Near it are: Europe/Berlin"),
        ("Lodnon", "Near it are: Europe/London"),
        ("../../etc/passwd", "Names look like"),
        ("/etc/localtime", "there is no time zone"),
        ("America", "there is no time zone"),
        ("UTC+15", "14 hours"),
        ("x" * 100_000, "there is no time zone"),
    ],
)
async def test_unknown_zone_is_refused_with_the_nearest(zone: str, hint: str) -> None:
    with pytest.raises(ToolArgumentsInvalid, match=hint):
        await call(TIME, timezone=zone)
