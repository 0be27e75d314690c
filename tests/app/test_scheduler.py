import pytest

from minibot.app.scheduler import RETRY_SECONDS, PeriodicJob, Scheduler
from minibot.core.errors import StorageUnavailable
from minibot.core.events import TroubleNoticed
from tests.app.rig import Rig, in_background, overheard
from tests.fakes import make_settings, settle


class Work:
    """Notes when it ran; fails where its script has an F, and never behind its end."""

    def __init__(self, rig: Rig, script: str = "", takes: float = 0) -> None:
        self._rig = rig
        self._script = list(script)
        self._takes = takes
        self.times: list[float] = []

    async def run(self) -> None:
        self.times.append(self._rig.clock.monotonic())
        if self._takes:
            await self._rig.clock.sleep(self._takes)
        if self._script and self._script.pop(0) == "F":
            raise StorageUnavailable("full")


def scheduler(rig: Rig, **work: tuple[float, Work]) -> Scheduler:
    jobs = [
        PeriodicJob(name=name, every_seconds=every, run=each.run)
        for name, (every, each) in work.items()
    ]
    return Scheduler(jobs, settings=rig.live, clock=rig.clock, bus=rig.bus)


@pytest.fixture
def rig() -> Rig:
    return Rig(make_settings(scheduler={"default_retry_limit": 2, "poll_interval_ms": 500}))


async def test_each_runs_in_its_own_rhythm_first_after_one_period(rig: Rig) -> None:
    often, seldom = Work(rig), Work(rig)
    async with in_background(scheduler(rig, often=(10, often), seldom=(25, seldom)).run):
        assert often.times == []
        await rig.clock.advance(51)
    assert often.times == [10, 20, 30, 40, 50]
    assert seldom.times == [25, 50]


async def test_period_counts_from_the_end_of_a_run(rig: Rig) -> None:
    slow = Work(rig, takes=4)
    async with in_background(scheduler(rig, slow=(10, slow)).run):
        await rig.clock.advance(40)
    assert slow.times == [10, 24, 38]


async def test_it_looks_at_the_clock_at_least_as_often_as_set(rig: Rig) -> None:
    async with in_background(scheduler(rig, work=(3600, Work(rig))).run):
        assert rig.clock.naps == [0.5]


async def test_failed_run_is_tried_again_later_each_time(rig: Rig) -> None:
    work = Work(rig, "FF.FF.")
    async with (
        overheard(rig.bus, TroubleNoticed) as events,
        in_background(scheduler(rig, work=(100, work)).run),
    ):
        await rig.clock.advance(240)
    assert work.times == [100, 100 + RETRY_SECONDS, 100 + 3 * RETRY_SECONDS, 215, 220, 230]
    assert events == []


async def test_owner_is_told_when_trying_again_does_not_help(rig: Rig) -> None:
    work = Work(rig, "F" * 99)
    async with (
        overheard(rig.bus, TroubleNoticed) as events,
        in_background(scheduler(rig, work=(100, work)).run),
    ):
        await rig.clock.advance(215)
        await settle()
    assert work.times == [100, 105, 115, 215]
    assert events == [TroubleNoticed(topic="job work", text="work fails: full")]


async def test_without_work_it_ends(rig: Rig) -> None:
    await scheduler(rig).run()


async def test_bug_in_the_work_is_for_the_supervisor(rig: Rig) -> None:
    async def broken() -> None:
        raise LookupError

    jobs = [PeriodicJob(name="j", every_seconds=0, run=broken)]
    with pytest.raises(LookupError):
        await Scheduler(jobs, settings=rig.live, clock=rig.clock, bus=rig.bus).run()


async def test_it_says_what_it_does_and_what_of_it_fails(rig: Rig) -> None:
    fine, failing = Work(rig), Work(rig, "F")
    both = scheduler(rig, fine=(10, fine), failing=(10, failing))
    assert both.describe() == "Upkeep: fine, failing"
    async with in_background(both.run):
        await rig.clock.advance(10)
        assert both.describe() == "Upkeep: fine, failing; ⚠️ failing failed 1 time"
        await rig.clock.advance(RETRY_SECONDS)
        assert both.describe() == "Upkeep: fine, failing"
