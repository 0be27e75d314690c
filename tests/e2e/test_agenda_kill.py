"""A process that dies on either side of any change of what is planned: it happens, and once."""

import random
from pathlib import Path

import pytest

from minibot.app.crash_points import OF_THE_AGENDA
from tests.crash.agenda_campaign import all_is_over, run_agenda_campaign
from tests.crash.campaign import CRASHED, End, Plan
from tests.crash.wishes import Wishers
from tests.e2e.forking import forked
from tests.e2e.planning import planning
from tests.e2e.talking import call
from tests.peers.llm import Rule
from tests.peers.telegram.wire import Json

CRASHES_WITHIN = 10.0
REMINDER = (call("schedule", text="the tea", kind="reminder", delay_seconds=1), "⏰ the tea")
QUESTION = (
    call("schedule", text="Ask for the tea.", kind="llm_prompt", delay_seconds=1),
    "It is ready.",
)
TASK = (
    call("create_task", description="the tea", kind="reminder", payload={"text": "Make it."}),
    "✅ the tea",
)
BATCH = (
    call(
        "create_tasks",
        tasks=[
            {"name": "water", "description": "the water", "kind": "reminder"},
            {"description": "the tea", "kind": "reminder", "after": ["water"]},
        ],
    ),
    "📋 All 2 tasks are over, 2 of them done.",
)


@pytest.mark.parametrize(
    ("wish", "changes"),
    [
        (REMINDER, 3),  # made, fired, settled
        (QUESTION, 6),  # made, fired; its task: begun, done; settled; its task told of
        (TASK, 4),  # made, begun, done, told of
        (BATCH, 7),  # made; begun, done, begun, done; told of, each
    ],
    ids=["reminder", "question", "task", "batch"],
)
async def test_a_crash_beside_any_change_costs_nothing_and_repeats_nothing(
    wish: tuple[Json, str], changes: int, tmp_path: Path
) -> None:
    made, words = wish
    points = [f"{point}:{number + 1}" for number in range(changes) for point in OF_THE_AGENDA]
    async with planning(tmp_path) as planner:
        tea = Rule.from_json({"match": r"Ask for the tea\.", "text": "It is ready."})
        planner.installation.model.rules.append(tea)
        kept = []
        for point in points:
            crashing = await planner.start(forked, crash_point=point)
            answer = planner.want(made)
            assert await crashing.exits_within(CRASHES_WITHIN) == CRASHED, point

            minibot = await planner.start(forked)
            await planner.answer_to(answer)
            await planner.all_over()
            kept.append(len(planner.said(words)))
            assert await minibot.stop() == 0
            assert minibot.accidents() == []

        # Before it was stored, nothing was promised.
        assert kept == list(range(len(points)))
        # And there was no other change beside which to die.
        survivor = await planner.start(forked, crash_point=f"P8:{changes + 1}")
        await planner.have_called(made)
        await planner.all_over()
        assert await survivor.stop() == 0
        assert len(planner.said(words)) == len(points)


async def test_kills_under_load_keep_every_promise(tmp_path: Path) -> None:
    rng = random.Random("kills of promises")  # noqa: S311 - must be repeatable
    ends = [
        *(End(after=rng.uniform(0, 1.2)) for _ in range(2)),
        *(End(crash_point=point) for point in ("P4:3", "P8:9", "P9:5", "P9:12")),
    ]
    rng.shuffle(ends)
    wishers = Wishers()
    plan = Plan(
        mode="long_polling",
        ends=ends,
        rng=rng,
        load=wishers.load(),
        until_over=all_is_over,
    )
    verdict, course, promises = await run_agenda_campaign(tmp_path, plan, wishers)
    assert promises.passed, promises.table() + promises.details()
    assert (verdict.lost, verdict.pending, verdict.disorder) == (0, 0, 0), verdict.fates
    assert verdict.duplicates <= verdict.ends
    assert course.surprises == []
