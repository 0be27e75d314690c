import asyncio

import pytest

from minibot.app.event_bus import EventBus
from minibot.app.supervisor import HEALTHY_AFTER_SECONDS, Supervisor, fatal_cause, restart_delay
from minibot.core.errors import AlreadyRunning, StorageDamaged, TokenRefused
from minibot.core.events import ComponentFailed
from tests.app.rig import cancel, overheard
from tests.fakes import FakeClock, settle


class Component:
    """Dies by the errors of its script, then runs until it is ended."""

    def __init__(self, clock: FakeClock, *errors: BaseException, lives: float = 0) -> None:
        self._clock = clock
        self._errors = list(errors)
        self._lives = lives
        self.starts: list[float] = []
        self.ended = asyncio.Event()

    async def run(self) -> None:
        self.starts.append(self._clock.monotonic())
        if self._errors:
            if self._lives:
                await self._clock.sleep(self._lives)
            raise self._errors.pop(0)
        await self.ended.wait()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_component_that_ends_is_not_started_again(clock: FakeClock) -> None:
    component = Component(clock)
    component.ended.set()
    await Supervisor(EventBus(), clock).keep("c", component.run)
    assert component.starts == [0]


async def test_component_that_dies_is_started_again_after_a_growing_pause(
    clock: FakeClock,
) -> None:
    component = Component(clock, *(LookupError("odd") for _ in range(4)))
    kept = asyncio.create_task(Supervisor(EventBus(), clock).keep("c", component.run))
    await clock.advance(60)
    assert component.starts == [0, 0.5, 1.5, 3.5, 7.5]
    await cancel(kept)


async def test_long_life_begins_the_pauses_anew(clock: FakeClock) -> None:
    lives = HEALTHY_AFTER_SECONDS + 1
    component = Component(clock, LookupError(), LookupError(), lives=lives)
    kept = asyncio.create_task(Supervisor(EventBus(), clock).keep("c", component.run))
    await clock.advance(1000)
    assert component.starts == [0, lives + 0.5, 2 * (lives + 0.5)]
    await cancel(kept)


async def test_death_is_shown_and_told(clock: FakeClock) -> None:
    bus = EventBus()
    supervisor = Supervisor(bus, clock)
    group = ExceptionGroup("tasks", [ExceptionGroup("inner", [LookupError("odd")])])
    component = Component(clock, group)
    async with overheard(bus, ComponentFailed) as events:
        kept = asyncio.create_task(supervisor.keep("c", component.run))
        await settle()
        assert supervisor.down == {"c": "LookupError: odd"}
        await clock.advance(1)
        assert supervisor.down == {}
        await cancel(kept)
    assert events == [
        ComponentFailed(component="c", problem="LookupError: odd", restart_in_seconds=0.5)
    ]


async def test_several_deaths_at_once_are_told_as_they_are(clock: FakeClock) -> None:
    supervisor = Supervisor(EventBus(), clock)
    group = ExceptionGroup("tasks", [LookupError(), OSError()])
    kept = asyncio.create_task(supervisor.keep("c", Component(clock, group).run))
    await settle()
    assert supervisor.down == {"c": "ExceptionGroup: tasks (2 sub-exceptions)"}
    await cancel(kept)


@pytest.mark.parametrize("error", [AlreadyRunning(), StorageDamaged(), TokenRefused()])
async def test_fatal_error_is_raised(clock: FakeClock, error: Exception) -> None:
    with pytest.raises(type(error)):
        await Supervisor(EventBus(), clock).keep("c", Component(clock, error).run)
    group = ExceptionGroup("tasks", [LookupError(), ExceptionGroup("inner", [error])])
    with pytest.raises(type(error)):
        await Supervisor(EventBus(), clock).keep("c", Component(clock, group).run)


async def test_cancellation_ends_a_component_and_a_pause(clock: FakeClock) -> None:
    supervisor = Supervisor(EventBus(), clock)
    running = asyncio.create_task(supervisor.keep("c", Component(clock).run))
    pausing = asyncio.create_task(supervisor.keep("d", Component(clock, LookupError()).run))
    await settle()
    for kept in (running, pausing):
        await cancel(kept)
        assert kept.cancelled()


@pytest.mark.parametrize(
    ("deaths", "pause"), [(0, 0.5), (1, 1), (2, 2), (6, 32), (7, 60), (10_000, 60)]
)
def test_pause_grows_to_a_minute(deaths: int, pause: float) -> None:
    assert restart_delay(deaths) == pause


def test_no_cause_is_found_where_there_is_none() -> None:
    assert fatal_cause(ExceptionGroup("tasks", [LookupError(), OSError()])) is None
