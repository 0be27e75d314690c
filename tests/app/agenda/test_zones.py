"""Where a person lives, as the planner remembers it."""

import pytest

from minibot.core.errors import ScheduleInvalid
from tests.app.agenda.planning import Planning, make_asker
from tests.fakes import make_chat

ANN, BOB = make_asker(), make_asker("43")
GROUP = make_asker("42", make_chat("-100"), private=False)


@pytest.fixture
def planning() -> Planning:
    return Planning()


async def test_a_zone_is_the_persons_wherever_they_are(planning: Planning) -> None:
    assert planning.planner.zone_of(ANN) == ""
    assert await planning.planner.keep_zone(GROUP, "berlin") == "Europe/Berlin"
    assert planning.planner.zone_of(ANN) == "Europe/Berlin"
    assert await planning.planner.keep_zone(ANN, "Asia/Tokyo") == "Asia/Tokyo"
    assert planning.planner.zone_of(GROUP) == "Asia/Tokyo"
    assert planning.planner.zone_of(BOB) == ""


async def test_a_zone_that_is_none_is_not_kept(planning: Planning) -> None:
    with pytest.raises(ScheduleInvalid):
        await planning.planner.keep_zone(ANN, "Mars/Olympus")
    assert planning.planner.zone_of(ANN) == ""
