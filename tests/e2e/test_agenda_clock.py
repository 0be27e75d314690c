"""Clocks that are set, processes that were away or asleep: what was due is told, and once."""

from pathlib import Path
from signal import Signals

import pytest

from tests.e2e.planning import DAY, HOUR, MINUTE, Planner, planning
from tests.e2e.process import Minibot
from tests.e2e.serving import serving, until

CONFIGURATION = 2
AWAY = "I was away"
MISSED = "and missed this"


def times(planner: Planner, *words: str) -> int:
    return len(planner.said(*words))


async def test_a_clock_set_forward_by_a_day_has_each_job_said_once(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        await planner.start()
        await planner.remind("the train", delay_seconds=2 * HOUR)
        await planner.remind("the pills", every_seconds=HOUR)
        await planner.remind("the market", delay_seconds=3 * DAY)

        planner.move_clock(DAY)
        await planner.everything_due_was_said()

        assert times(planner, "the train", f"; {AWAY})") == times(planner, "the train") == 1
        assert times(planner, "the pills", MISSED) == times(planner, "the pills") == 1
        assert times(planner, "the market") == 0

        planner.move_clock(HOUR)
        await planner.everything_due_was_said()
        assert times(planner, "⏰ the pills") == 1
        assert times(planner, "the train") == 1


async def test_a_clock_set_back_by_a_day_says_nothing_again(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        await planner.start()
        await planner.remind("the train", delay_seconds=HOUR)
        await planner.remind("the pills", every_seconds=HOUR)
        planner.move_clock(HOUR + 1)
        await planner.everything_due_was_said()
        assert (times(planner, "the train"), times(planner, "the pills")) == (1, 1)

        planner.move_clock(-DAY)
        await planner.everything_due_was_said()
        planner.move_clock(DAY)
        await planner.everything_due_was_said()
        assert (times(planner, "the train"), times(planner, "the pills")) == (1, 1)

        planner.move_clock(HOUR)
        await planner.everything_due_was_said()
        assert (times(planner, "the train"), times(planner, "the pills")) == (1, 2)


async def test_a_job_that_comes_due_while_the_clock_is_set_back_and_forth_is_said_once(
    tmp_path: Path,
) -> None:
    async with planning(tmp_path) as planner:
        await planner.start()
        await planner.remind("the train", delay_seconds=HOUR)
        for seconds in (-DAY, 2 * DAY, -2 * DAY, 2 * DAY):
            planner.move_clock(seconds)
            await planner.everything_due_was_said()
        assert times(planner, "the train") == 1


@pytest.mark.parametrize(
    ("every", "away", "expected"),
    [
        (MINUTE, 50 * MINUTE + 30, f"; {AWAY})"),  # within the grace: it runs once, late
        (HOUR, 50 * HOUR + 30, MISSED),  # beyond it: it does not
    ],
    ids=["within the grace", "beyond the grace"],
)
async def test_an_outage_over_fifty_runs_is_told_once(
    every: int, away: int, expected: str, tmp_path: Path
) -> None:
    async with planning(tmp_path) as planner:
        minibot = await planner.start()
        await planner.remind("the pills", every_seconds=every)
        await minibot.stop(Signals.SIGKILL)

        planner.move_clock(away)
        await planner.start()
        await planner.everything_due_was_said()
        assert times(planner, "the pills", expected) == times(planner, "the pills") == 1

        planner.move_clock(every)
        await planner.everything_due_was_said()
        assert times(planner, "the pills") == 2
        assert AWAY not in planner.said("the pills")[-1]


async def test_a_reminder_that_was_missed_for_days_is_said_with_when_it_was_due(
    tmp_path: Path,
) -> None:
    async with planning(tmp_path) as planner:
        minibot = await planner.start()
        await planner.remind("the train", at="2031-03-09T09:30:00", timezone="UTC")
        await minibot.stop(Signals.SIGKILL)
        planner.set_time("2031-03-12T12:00:00+00:00")
        await planner.start()
        await planner.everything_due_was_said()

        (said,) = planner.said("the train")
        assert said == "⏰ the train\n(was due Sun 9 Mar, 09:30; I was away)"


async def test_ten_minutes_asleep_cost_no_run_and_double_none(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        minibot = await planner.start()
        await planner.remind("the tea", delay_seconds=5 * MINUTE)
        await planner.remind("the pills", every_seconds=2 * MINUTE)
        await planner.remind("the train", delay_seconds=20 * MINUTE)

        await asleep(minibot)
        planner.move_clock(10 * MINUTE)
        minibot.send(Signals.SIGCONT)
        await planner.everything_due_was_said()

        assert times(planner, "the tea", AWAY) == times(planner, "the tea") == 1
        assert times(planner, "the pills", AWAY) == times(planner, "the pills") == 1
        assert times(planner, "the train") == 0


async def asleep(minibot: Minibot) -> None:
    """Suspend a process and wait until it is."""
    minibot.send(Signals.SIGSTOP)
    stat = Path(f"/proc/{minibot.pid}/stat")
    await until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T")


async def test_the_clock_cannot_be_moved_outside_of_a_test(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        installation.set_clock(DAY)
        minibot = await installation.start()

        code = await minibot.exits_within(15)

        assert code == CONFIGURATION
        assert "MINIBOT_TEST_CLOCK is set, which only runtime.environment" in minibot.log
        assert "unset it" in minibot.log
        assert not installation.data.exists()
