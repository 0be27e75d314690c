"""What is planned, in a file: damaged, changed from outside, and moved to another kind of store."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from minibot.core.jobs import Job
from minibot.core.ports import Entry
from tests.e2e.launch import run_command
from tests.e2e.planning import HOUR, Planner, asked, planning, stored
from tests.e2e.process import Installation
from tests.e2e.serving import edit, serving, until
from tests.e2e.talking import call
from tests.peers.llm import Rule

ALREADY_RUNNING, DAMAGED = 3, 4
SIX_TIMES_SEVEN = {"tool": "calculate", "arguments": {"expression": "6*7"}}


async def tasks(installation: Installation, *arguments: str) -> str:
    """Run ``minibot tasks``, which succeeds; gives what it says."""
    code, out, err = await run_command(installation.config, "tasks", *arguments)
    assert (code, err) == (0, ""), err
    return out


async def only_job(installation: Installation, text: str) -> Job:
    (job,) = (e for e in await stored(installation) if isinstance(e, Job) and e.text == text)
    return job


async def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        planner = Planner(installation)
        minibot = await planner.start()
        for number in range(3):
            await planner.remind(f"reminder {number}", delay_seconds=HOUR)
        assert await minibot.stop() == 0
        path = installation.data / "tasks.log"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

        minibot = await installation.start()
        code = await minibot.exits_within(15)
        listed, out, err = await run_command(installation.config, "tasks", "list")

        assert (code, listed, out) == (DAMAGED, DAMAGED, "")
        words = minibot.log.splitlines()[-1]
        assert words.startswith(f"minibot: {path} is damaged")
        assert "was left as it is; a copy is" in words
        assert "put back a backup" in words
        assert words == err.rstrip("\n")
        assert minibot.accidents() == []
        assert path.read_bytes() == content
        (copy,) = installation.data.glob("tasks.log.damaged-*")
        assert copy.read_bytes() == content


async def test_what_the_way_out_says_keeps_what_stood_before_the_damage(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        installation = planner.installation
        minibot = await planner.start()
        await planner.remind("the first", delay_seconds=HOUR)
        await planner.remind("the second", delay_seconds=HOUR)
        assert await minibot.stop() == 0
        path = installation.data / "tasks.log"
        content = bytearray(path.read_bytes())
        content[content.rindex(b"the second")] ^= 1
        path.write_bytes(content)
        _, _, err = await run_command(installation.config, "tasks", "list")

        found = re.search(r"`truncate -s (\d+) (\S+)`", err)
        assert found is not None
        assert found[2] == str(path)
        path.write_bytes(content[: int(found[1])])
        await planner.start()
        planner.move_clock(HOUR)
        await planner.everything_due_was_said()

        assert len(planner.said("the first")) == 1
        assert planner.said("the second") == []


async def test_a_reminder_cancelled_from_the_shell_is_never_said(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        installation = planner.installation
        await planner.start()
        await planner.remind("the train", delay_seconds=HOUR)
        await planner.remind("the bus", delay_seconds=HOUR)
        job = await only_job(installation, "the train")

        assert job.id in await tasks(installation, "list")
        assert await tasks(installation, "cancel", job.id) == f"{job.id} is cancelled.\n"
        assert job.id not in await tasks(installation, "list")
        planner.move_clock(HOUR)
        await planner.everything_due_was_said()

        assert planner.said("the train") == []
        assert len(planner.said("the bus")) == 1


async def test_a_task_cancelled_from_the_shell_stops_and_is_never_told(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        installation = planner.installation
        ponder = Rule.from_json({"match": "Ponder", "text": "Pondered.", "ttft": 60.0})
        installation.model.rules.append(ponder)
        await planner.start()
        await planner.have_called(
            call(
                "create_tasks",
                tasks=[
                    {"name": "first", "description": "Ponder the sea.", "kind": "llm_prompt"},
                    {"description": "the sky", "kind": "reminder", "after": ["first"]},
                ],
            )
        )
        await until(lambda: asked(installation, "Ponder"))
        first, _ = await stored(installation)

        assert first.id in await tasks(installation, "cancel", first.id)
        await until(lambda: asked(installation, "Ponder")[0]["outcome"] == "client gone")
        await planner.everything_due_was_said()

        assert [e.state.value for e in await stored(installation)][:2] == ["cancelled"] * 2
        assert planner.said("Ponder") == planner.said("the sky") == []


async def test_moving_to_a_database_and_back_keeps_everything(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        installation = planner.installation
        minibot = await planner.start()
        await planner.remind("the train", delay_seconds=HOUR)
        await planner.remind("the pills", cron="0 9 * * 1-5", timezone="Europe/Berlin")
        await planner.plan(
            "create_task", description="the sum", kind="tool_call", payload=SIX_TIMES_SEVEN
        )
        await planner.everything_due_was_said()
        code, _, _ = await run_command(installation.config, "tasks", "migrate", "--to", "sqlite")
        assert code == ALREADY_RUNNING
        assert await minibot.stop() == 0
        before = known(await stored(installation))

        assert "4 jobs and tasks are in" in await tasks(installation, "migrate", "--to", "sqlite")
        edit(installation, {"tasks.storage": {"backend": "sqlite"}})
        assert known(await stored(installation)) == before
        minibot = await planner.start()
        planner.move_clock(HOUR)
        await planner.everything_due_was_said()
        assert len(planner.said("the train")) == 1
        assert await minibot.stop() == 0
        there = known(await stored(installation))

        (installation.data / "tasks.log").rename(tmp_path / "tasks.log.before")
        await tasks(installation, "migrate", "--to", "file")
        edit(installation, {"tasks.storage": {"backend": "file"}})

        assert known(await stored(installation)) == there
        await planner.start()
        await planner.everything_due_was_said()
        assert len(planner.said("the train")) == 1


def known(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Give entries by their ids, without the number of their version, which begins anew."""
    return {entry.id: replace(entry, version=1) for entry in entries}
