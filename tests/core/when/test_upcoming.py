from datetime import datetime, timedelta

import pytest

from minibot.core.jobs import Recurrence, RecurrenceKind
from minibot.core.when import upcoming
from tests.fakes import START


class Hours:
    """A calendar on which every rule comes hourly, so many times."""

    def __init__(self, times: int) -> None:
        self._last = START + timedelta(hours=times)

    def next_after(self, recurrence: Recurrence, moment: datetime) -> datetime | None:
        later = moment + timedelta(hours=1)
        return later if later <= self._last else None

    def zone(self, name: str) -> str:
        return name


@pytest.mark.parametrize(("times", "count", "found"), [(9, 3, 3), (2, 3, 2), (0, 3, 0), (9, 0, 0)])
def test_next_moments_are_given_until_there_are_no_more(times: int, count: int, found: int) -> None:
    recurrence = Recurrence(kind=RecurrenceKind.CRON, rule="0 * * * *", start=START, zone="UTC")
    moments = upcoming(Hours(times), recurrence, START, count)
    assert moments == [START + timedelta(hours=number + 1) for number in range(found)]
