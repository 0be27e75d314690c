"""Work in the background: what waits for what, what is told in the end, and what a kill costs."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from signal import Signals

from tests.e2e.planning import PROMISED, Planner, asked, planning, stored
from tests.e2e.serving import edit, until
from tests.e2e.talking import call
from tests.peers.llm import Rule
from tests.peers.telegram.wire import Json

REPORT = "📋"
SLOW_SECONDS = 2.0


def prompt(name: str, *after: str) -> Json:
    """Describe a task that the model does, known by its name."""
    task = {"name": name, "description": f"Do {name}.", "kind": "llm_prompt"}
    return {**task, "after": list(after)} if after else task


def does_tasks(planner: Planner, *, ttft: float = 0.0) -> None:
    """Have the model say what it did when it is given a task."""
    rule = Rule.from_json({"match": r"Do (\w+)\.", "text": "I did {1}.", "ttft": ttft})
    planner.installation.model.rules.append(rule)


def reports(planner: Planner) -> list[str]:
    return planner.said(REPORT)


async def report(planner: Planner) -> str:
    """Wait for the one report there is to be."""
    await until(lambda: reports(planner))
    await planner.over()
    (text,) = reports(planner)
    return text


def questions(planner: Planner) -> dict[str, str]:
    """Give what the model was asked in the background, by the name of the task, in order."""
    texts = [record["user_text"] for record in asked(planner.installation)]
    return {text.partition("\n\nDo ")[2].partition(".")[0]: text for text in texts}


async def test_each_of_a_chain_is_told_what_came_of_the_one_before(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        does_tasks(planner)
        await planner.start()
        chain = [prompt("run", "write"), prompt("write", "setup"), prompt("setup")]
        await planner.plan("create_tasks", tasks=chain)

        text = await report(planner)

        assert text == (
            "📋 All 3 tasks are over, 3 of them done.\n\n"
            "✅ Do run.\nI did run.\n\n✅ Do write.\nI did write.\n\n✅ Do setup.\nI did setup."
        )
        found = questions(planner)
        assert list(found) == ["setup", "write", "run"]
        assert "What came of the tasks before it" not in found["setup"]
        assert found["write"].endswith(
            "What came of the tasks before it:\nDo setup.:\nI did setup."
        )
        assert found["run"].endswith("What came of the tasks before it:\nDo write.:\nI did write.")
        records = asked(planner.installation)
        assert all(one["t_end"] <= other["t_start"] for one, other in pairwise(records))


async def test_the_end_of_a_diamond_waits_for_both_sides(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        does_tasks(planner)
        await planner.start()
        sides = [prompt("left", "top"), prompt("right", "top")]
        diamond = [prompt("top"), *sides, prompt("bottom", "left", "right")]
        await planner.plan("create_tasks", tasks=diamond)

        text = await report(planner)

        assert text.startswith("📋 All 4 tasks are over, 4 of them done.")
        found = questions(planner)
        assert len(asked(planner.installation)) == len(found) == 4
        assert list(found)[0] == "top"
        assert list(found)[3] == "bottom"
        assert "I did left." in found["bottom"]
        assert "I did right." in found["bottom"]
        assert "I did top." not in found["bottom"]


async def test_twenty_at_once_are_told_in_one_report(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        does_tasks(planner)
        await planner.start()
        names = [f"part{number}" for number in range(20)]
        await planner.plan("create_tasks", tasks=[prompt(name) for name in names])

        text = await report(planner)

        assert text.splitlines()[0] == "📋 All 20 tasks are over, 20 of them done."
        told = [line for line in text.splitlines() if line.startswith("I did")]
        assert told == [f"I did {name}." for name in names]
        assert Counter(questions(planner).keys()) == Counter(names)
        assert len(asked(planner.installation)) == 20
        assert planner.said("I did") == [text]


async def test_what_needed_a_task_that_failed_does_not_begin_and_says_so(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        does_tasks(planner)
        await planner.start()
        sum_ = {"tool": "calculate", "arguments": {"expression": "1/0"}}
        first = {"name": "sum", "description": "the sum", "kind": "tool_call", "payload": sum_}
        await planner.plan(
            "create_tasks", tasks=[first, prompt("next", "sum"), prompt("last", "next")]
        )

        lines = (await report(planner)).split("\n\n")

        assert lines[0] == "📋 All 3 tasks are over, 0 of them done."
        assert lines[1].startswith("⚠️ the sum\n")
        assert "zero" in lines[1]
        assert lines[2] == "🚫 Do next.\nit needed 'the sum', which failed"
        assert lines[3] == "🚫 Do last.\nit needed 'Do next.', which could not begin"
        assert asked(planner.installation) == []


async def test_tasks_that_wait_for_each_other_are_refused_with_words(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        does_tasks(planner)
        await planner.start()
        circle = [prompt("egg", "hen"), prompt("hen", "egg"), prompt("farm")]
        answer = await planner.have_called(call("create_tasks", tasks=circle))

        assert PROMISED not in answer["text"]
        told = planner.installation.model.ledger.turns(planner.installation.model.records[-1]["id"])
        assert told[-1]["role"] == "tool"
        assert "these tasks wait for each other: egg, hen" in told[-1]["text"].lower()
        await planner.everything_due_was_said()
        assert [entry.id[0] for entry in await stored(planner.installation)] == ["j"]
        assert asked(planner.installation) == []


async def test_three_that_take_their_time_are_done_side_by_side(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        does_tasks(planner, ttft=SLOW_SECONDS)
        await planner.start()
        await planner.plan("create_tasks", tasks=[prompt("one"), prompt("two"), prompt("three")])

        text = await report(planner)

        assert text.startswith("📋 All 3 tasks are over, 3 of them done.")
        records = asked(planner.installation)
        assert len(records) == 3
        assert max(record["t_start"] for record in records) < min(r["t_end"] for r in records)
        assert all(record["t_end"] - record["t_start"] >= SLOW_SECONDS for record in records)


async def test_no_more_are_done_at_once_than_there_are_workers(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        edit(planner.installation, {"tasks": {"workers": 2}})
        does_tasks(planner, ttft=0.2)
        await planner.start()
        await planner.plan("create_tasks", tasks=[prompt(f"part{n}") for n in range(6)])

        await report(planner)

        records = asked(planner.installation)
        assert len(records) == 6
        assert max(_others_at(each["t_start"], records) for each in records) == 2


def _others_at(moment: float, records: list[Json]) -> int:
    return sum(record["t_start"] <= moment < record["t_end"] for record in records)


async def test_a_kill_while_tasks_run_stand_in_line_and_wait_ends_each_once(
    tmp_path: Path,
) -> None:
    async with planning(tmp_path) as planner:
        edit(planner.installation, {"tasks": {"workers": 1}})
        does_tasks(planner, ttft=60.0)
        minibot = await planner.start()
        await planner.plan("create_tasks", tasks=[prompt("first"), prompt("last", "first")])
        payload = {"tool": "calculate", "arguments": {"expression": "6*7"}}
        await planner.plan("create_task", description="the sum", kind="tool_call", payload=payload)
        await until(lambda: asked(planner.installation, "first"))
        states = [task.state.value for task in await stored(planner.installation)]
        assert states == ["running", "waiting", "queued"]

        await minibot.stop(Signals.SIGKILL)
        planner.installation.model.rules.clear()
        does_tasks(planner)
        await planner.start()
        text = await report(planner)

        assert text.startswith("📋 All 2 tasks are over, 2 of them done.")
        assert text.endswith("I did last.")
        assert planner.said("the sum") == ["✅ the sum\n\n42"]
        done = Counter(r["outcome"] for r in asked(planner.installation))
        assert done == {"client gone": 1, "ok": 2}
