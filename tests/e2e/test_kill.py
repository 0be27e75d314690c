"""What people notice of a process that is killed: nothing."""

import random
from pathlib import Path

import pytest

from minibot.app.crash_points import NAMES
from tests.crash.campaign import CRASHED, End, Plan, run_campaign
from tests.crash.forking import fork_server
from tests.e2e.process import Installation, Launch, Mode, installed

CHAT = 7
CRASHES_WITHIN = 10.0
MODES: tuple[Mode, ...] = ("long_polling", "webhook")

ANSWERS_AND_CALLS = {
    "P0": (1, 1),
    "P1": (1, 1),
    "P2": (1, 1),
    "P3": (1, 2),  # the model is asked again
    "P5": (1, 1),
    "P6": (1, 1),
    "P7": (2, 1),  # nobody can tell that the first copy arrived
}


@pytest.mark.parametrize("mode", MODES)
async def test_a_crash_costs_at_most_one_repeated_answer(mode: Mode, tmp_path: Path) -> None:
    async with installed(tmp_path, users=[CHAT], mode=mode) as installation, fork_server() as fork:
        found = {name: await _answers_and_calls(installation, fork.launch, name) for name in NAMES}
    assert found == ANSWERS_AND_CALLS


async def _answers_and_calls(
    installation: Installation, launch: Launch, crash_point: str
) -> tuple[int, int]:
    """Crash with one message in hand, start again, and count what became of it."""
    calls = len(installation.model.records)
    crashing = await installation.start(launch, crash_point=crash_point)
    token = installation.say(CHAT)
    assert await crashing.exits_within(CRASHES_WITHIN) == CRASHED
    minibot = await installation.start(launch)
    await minibot.listening()
    assert await installation.answered(installation.said)
    assert await minibot.stop() == 0
    assert minibot.accidents() == []
    return installation.answers().count(token), len(installation.model.records) - calls


@pytest.mark.parametrize("mode", MODES)
async def test_kills_under_load_lose_nothing_and_keep_the_order(mode: Mode, tmp_path: Path) -> None:
    rng = random.Random(f"kills {mode}")  # noqa: S311 - must be repeatable
    points = ("P1:2", "P3:9", "P6:4")
    ends = [
        *(End(after=rng.uniform(0, 0.4)) for _ in range(3)),
        *(End(crash_point=point) for point in points),
    ]
    rng.shuffle(ends)
    verdict, course = await run_campaign(tmp_path, Plan(mode=mode, ends=ends, rng=rng))
    assert verdict.sent > 0
    assert (verdict.lost, verdict.pending, verdict.disorder) == (0, 0, 0), verdict.fates
    assert verdict.answered == verdict.sent
    assert verdict.duplicates <= verdict.ends
    assert verdict.integrity == "ok"
    assert course.surprises == []
