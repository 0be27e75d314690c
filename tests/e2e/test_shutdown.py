"""A signal ends the process in good order, whatever it is doing."""

import random
import time
from pathlib import Path
from signal import Signals

import pytest

from tests.crash.campaign import Plan, run_campaign, stops
from tests.e2e.forking import forked
from tests.e2e.launch import Launch, command_line
from tests.e2e.process import Installation, Minibot, Mode, installed
from tests.peers.llm import Fault

CHAT = 7
IDLE_SECONDS = 2.0
AT_ONCE_SECONDS = 1.0
LONG_SECONDS = 60


@pytest.mark.parametrize("number", [Signals.SIGTERM, Signals.SIGINT])
async def test_an_idle_process_exits_soon(number: Signals, tmp_path: Path) -> None:
    async with installed(tmp_path, users=[CHAT]) as installation:
        minibot = await installation.start(command_line)
        await minibot.listening()
        began = time.monotonic()
        assert await minibot.stop(number) == 0
        assert time.monotonic() - began <= IDLE_SECONDS
        assert minibot.accidents() == []


async def test_a_turn_that_outlasts_the_grace_is_taken_up_by_the_next_process(
    tmp_path: Path,
) -> None:
    sections = {"runtime": {"shutdown_grace_seconds": 1}}
    async with installed(tmp_path, users=[CHAT], sections=sections) as installation:
        minibot = await _with_hanging_turn(installation, command_line)
        began = time.monotonic()
        assert await minibot.stop() == 0
        assert 1.0 <= time.monotonic() - began <= 1.0 + IDLE_SECONDS
        assert minibot.accidents() == []
        assert installation.answers() == []
        await _is_answered_once_by_the_next(installation, command_line)


@pytest.mark.parametrize("number", [Signals.SIGTERM, Signals.SIGINT])
async def test_a_second_signal_ends_it_at_once(number: Signals, tmp_path: Path) -> None:
    sections = {"runtime": {"shutdown_grace_seconds": LONG_SECONDS}}
    async with installed(tmp_path, users=[CHAT], sections=sections) as installation:
        minibot = await _with_hanging_turn(installation, forked)
        minibot.send(number)
        await installation.telegram.hangups.exceeds(0)  # it obeys: it listens no more
        assert minibot.running
        minibot.send(number)
        assert await minibot.exits_within(AT_ONCE_SECONDS) == 128 + number
        await _is_answered_once_by_the_next(installation, forked)


@pytest.mark.parametrize(
    ("mode", "number", "count"),
    [
        ("long_polling", Signals.SIGTERM, 10),
        ("long_polling", Signals.SIGINT, 4),
        ("webhook", Signals.SIGTERM, 4),
    ],
)
async def test_signals_under_load_lose_nothing_and_keep_the_order(
    mode: Mode, number: Signals, count: int, tmp_path: Path
) -> None:
    rng = random.Random(f"stops {mode} {number}")  # noqa: S311 - must be repeatable
    plan = Plan(mode=mode, ends=stops(count, number, rng), rng=rng)
    verdict, course = await run_campaign(tmp_path, plan)
    assert verdict.sent > 0
    assert (verdict.lost, verdict.pending, verdict.disorder) == (0, 0, 0), verdict.fates
    assert verdict.answered == verdict.sent
    assert verdict.duplicates <= 1
    assert verdict.integrity == "ok"
    assert course.surprises == []
    assert course.kinds == {number.name: count}


async def _with_hanging_turn(installation: Installation, launch: Launch) -> Minibot:
    """Start it and let it wait for a model that does not answer."""
    installation.model.faults.append(Fault(kind="hang", times=1))
    minibot = await installation.start(launch)
    await minibot.listening()
    installation.say(CHAT)
    await installation.model.ledger.until_inflight(1)
    await installation.telegram.listens.exceeds(1)  # the message is confirmed, too
    return minibot


async def _is_answered_once_by_the_next(installation: Installation, launch: Launch) -> None:
    minibot = await installation.start(launch)
    await minibot.listening()
    assert await installation.answered(1)
    assert await minibot.stop() == 0
    assert minibot.accidents() == []
    assert installation.answers() == ["rid1end"]
