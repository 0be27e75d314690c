"""What people notice of a process that is killed: nothing."""

import random
from pathlib import Path

import pytest

from minibot.core.tools import CallState
from tests.crash.campaign import CRASHED, End, Plan, run_campaign
from tests.crash.effects import install_witnesses, read_witnesses
from tests.crash.errands import WORK
from tests.crash.load import OF_MESSAGES
from tests.crash.tool_campaign import run_tool_campaign
from tests.e2e.forking import forked
from tests.e2e.launch import Launch
from tests.e2e.process import Installation, Mode, installed
from tests.peers.llm import Rule

CHAT = 7
CRASHES_WITHIN = 10.0
MODES: tuple[Mode, ...] = ("long_polling", "webhook")

ANSWERS_AND_CALLS = {
    "P0": (1, 1),
    "P1": (1, 1),
    "P2": (1, 1),
    "P3": (1, 2),  # the model is asked again
    "P4": (1, 2),  # once for the tool, once for the words behind it
    "P5": (1, 1),
    "P6": (1, 1),
    "P7": (2, 1),  # nobody can tell that the first copy arrived
}


CALCULATES = Rule.from_json(
    {
        "match": "",
        "steps": [
            {"tool_calls": [{"name": "calculate", "arguments": {"expression": "6*7"}}]},
            {"text": "{acks} {last_result}"},
        ],
    }
)


@pytest.mark.parametrize("mode", MODES)
async def test_a_crash_costs_at_most_one_repeated_answer(mode: Mode, tmp_path: Path) -> None:
    async with installed(tmp_path, users=[CHAT], mode=mode) as installation:
        found = {name: await _answers_and_calls(installation, forked, name) for name in OF_MESSAGES}
    assert found == ANSWERS_AND_CALLS


async def _answers_and_calls(
    installation: Installation, launch: Launch, crash_point: str, rule: Rule = CALCULATES
) -> tuple[int, int]:
    """Crash with one message in hand, start again, and count what became of it."""
    calls = len(installation.model.records)
    installation.model.script.rules = [rule] if crash_point == "P4" else []
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
    # One for each chat and kill is what may happen; a machine that stalls makes it more than usual.
    assert verdict.duplicates <= 3 * verdict.ends
    assert verdict.integrity == "ok"
    assert course.surprises == []


async def test_a_crash_behind_a_tool_that_changes_something_does_not_repeat_it(
    tmp_path: Path,
) -> None:
    calls = [{"name": "note_save", "arguments": {"title": "Tea", "data": "Green."}}]
    steps = [{"tool_calls": calls}, {"text": "{acks}: {last_result}"}]
    async with installed(tmp_path, users=[CHAT]) as installation:
        minibot = await installation.start(forked)
        await minibot.listening()
        assert await minibot.stop() == 0
        install_witnesses(installation.database)

        rule = Rule.from_json({"steps": steps})
        found = await _answers_and_calls(installation, forked, "P4", rule)

        witnessed = read_witnesses(installation.data, ())
        events = installation.telegram.transcript.select({"dir": "out"})
    (answer,) = (event["text"] for event in events if "ack" in (event["text"] or ""))
    assert found == (1, 2)
    assert [call.state for call in witnessed.calls] == [CallState.UNKNOWN]
    assert witnessed.changes == {"note Tea": 1}
    assert "It is not known whether this call took effect" in answer


async def test_kills_between_tools_do_nothing_twice(tmp_path: Path) -> None:
    rng = random.Random("kills between tools")  # noqa: S311 - must be repeatable
    points = ("P2:2", "P3:9", "P4:2", "P4:7")
    ends = [
        *(End(after=rng.uniform(0, 0.8)) for _ in range(2)),
        *(End(crash_point=point) for point in points),
    ]
    rng.shuffle(ends)
    plan = Plan(mode="long_polling", ends=ends, rng=rng, load=WORK)
    verdict, course, effects = await run_tool_campaign(tmp_path, plan)
    assert effects.passed, effects.details()
    assert (verdict.lost, verdict.pending, verdict.disorder) == (0, 0, 0), verdict.fates
    assert verdict.duplicates <= verdict.ends
    assert course.surprises == []
