"""The tools for tasks, as a model calls them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minibot.adapters.tools.agenda import AgendaTools
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.tasks import Task, TaskState
from minibot.core.tools import ToolContext, ToolResult
from tests.adapters.tools.rig import OWNER, call, make_context, make_rig
from tests.fakes import make_chat

GROUP = make_context(owner=f"{OWNER}@-100", chat=make_chat("-100"))


class Workshop:
    """The tools by name, and the tasks they work on."""

    def __init__(self, folder: Path) -> None:
        self.rig = make_rig(folder)
        self.family = AgendaTools(self.rig.supplies.planner, self.rig.clock)
        self.by_name = {tool.spec.name: tool for tool in self.family.tools}

    async def call(
        self, name: str, context: ToolContext | None = None, **arguments: object
    ) -> ToolResult:
        return await call(self.by_name[name], context, **arguments)

    async def create(self, context: ToolContext | None = None, **arguments: object) -> ToolResult:
        given = {"description": "read the news", "kind": "llm_prompt", **arguments}
        return await self.call("create_task", context, **given)

    @property
    def tasks(self) -> list[Task]:
        return self.rig.agenda.tasks()

    async def end(self, task: Task, **changes: object) -> None:
        """Have it succeed, or end otherwise."""
        now = self.rig.clock.now()
        await self.rig.agenda.change_task(task.id, lambda task: task.started(now))
        await self.rig.agenda.change_task(
            task.id,
            lambda task: replace(task.succeeded("seven headlines", now), **changes),  # type: ignore[arg-type]
        )

    async def undo(self, result: ToolResult, owner: str = OWNER) -> str:
        assert result.undo is not None
        return await self.family.undo[result.undo.kind](result.undo.payload, owner)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


async def test_a_task_is_promised(workshop: Workshop) -> None:
    result = await workshop.create(priority=7)
    (task,) = workshop.tasks
    assert result.receipt == "📌 promised **read the news** · in the background"
    assert f"- {task.id}, llm_prompt, queued: read the news" in result.text
    assert (task.owner, task.priority, task.private) == (OWNER, 7, True)


async def test_a_task_of_a_group_is_told_there(workshop: Workshop) -> None:
    await workshop.create(GROUP)
    (task,) = workshop.tasks
    assert (task.owner, task.chat, task.private) == (OWNER, GROUP.chat, False)


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ({"url": "https://example.org"}, {"url": "https://example.org"}),
        ('{"url": "https://example.org"}', {"url": "https://example.org"}),
        (" https://example.org ", {"url": "https://example.org"}),
    ],
)
async def test_a_payload_is_an_object_or_a_text(
    workshop: Workshop, payload: object, kept: dict[str, str]
) -> None:
    await workshop.create(kind="web_fetch", payload=payload)
    (task,) = workshop.tasks
    assert json.loads(task.payload) == kept


@pytest.mark.parametrize("payload", ["", "  ", None, {}])
async def test_a_payload_may_be_empty(workshop: Workshop, payload: object) -> None:
    await workshop.create(payload=payload)
    assert workshop.tasks[0].payload == "{}"


async def test_a_text_that_looks_like_an_object_is_a_text(workshop: Workshop) -> None:
    await workshop.create(payload="{name} is what to greet with")
    assert json.loads(workshop.tasks[0].payload) == {"prompt": "{name} is what to greet with"}


async def test_tasks_wait_for_each_other_by_name(workshop: Workshop) -> None:
    result = await workshop.call(
        "create_tasks",
        tasks=[
            {"name": "get", "description": "get it", "kind": "web_fetch", "payload": "https://x.y"},
            {"description": "sum it up", "kind": "llm_prompt", "after": ["get"]},
            {"description": "say hello", "kind": "reminder"},
        ],
    )
    get, total, hello = workshop.tasks
    assert total.parents == (get.id,)
    assert f"{total.id}, llm_prompt, waiting, after {get.id}: sum it up" in result.text
    assert "in one report" in result.text
    assert result.receipt == "📌 promised **get it** and 2 more · in the background"
    assert hello.state is TaskState.QUEUED


async def test_a_workflow_is_promised_as_its_steps(workshop: Workshop) -> None:
    await workshop.create(
        kind="workflow",
        payload={"steps": [{"name": "a"}, {"name": "b", "after": ["a"]}]},
    )
    assert [task.description for task in workshop.tasks] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "magic"}, "kind"),
        ({"kind": "web_fetch"}, 'needs a "url"'),
        ({"kind": "tool_call", "payload": {"arguments": {}}}, 'needs a "tool"'),
        ({"priority": 12}, "from 0 to 9"),
        ({"after": ["t9zzz"]}, "There is no task 't9zzz' to wait for."),
        ({"payload": [1]}, "payload"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_words(
    workshop: Workshop, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ToolArgumentsInvalid, match=words):
        await workshop.create(**arguments)
    assert workshop.tasks == []


async def test_a_mistake_in_one_of_several_is_named(workshop: Workshop) -> None:
    with pytest.raises(ToolArgumentsInvalid, match=r'"tasks\.1\.urgency": there is no such'):
        await workshop.call(
            "create_tasks",
            tasks=[
                {"description": "a", "kind": "reminder"},
                {"description": "b", "kind": "reminder", "urgency": 1},
            ],
        )
    with pytest.raises(ToolArgumentsInvalid, match="wait for each other: a"):
        await workshop.call(
            "create_tasks",
            tasks=[{"description": "x", "kind": "reminder", "name": "a", "after": ["a"]}],
        )


async def test_a_promise_is_taken_back(workshop: Workshop) -> None:
    single = await workshop.create()
    assert await workshop.undo(single) == "read the news is cancelled"
    with pytest.raises(ToolFailed, match="over already"):
        await workshop.undo(single)
    several = await workshop.call(
        "create_tasks",
        tasks=[
            {"description": "a", "kind": "reminder", "name": "a"},
            {"description": "b", "kind": "reminder", "after": ["a"]},
        ],
    )
    assert await workshop.undo(several) == "2 tasks are cancelled"
    assert {task.state for task in workshop.tasks} == {TaskState.CANCELLED}


async def test_only_whoever_asked_for_it_takes_it_back(workshop: Workshop) -> None:
    result = await workshop.create()
    with pytest.raises(ToolFailed, match="there is no task"):
        await workshop.undo(result, "telegram:7")
    assert workshop.tasks[0].state is TaskState.QUEUED


async def test_tasks_are_listed_with_their_ids(workshop: Workshop) -> None:
    assert (await workshop.call("list_tasks")).text == "There are no tasks."
    await workshop.create()
    (task,) = workshop.tasks
    listed = await workshop.call("list_tasks")
    assert listed.text == f"- {task.id}, llm_prompt, queued: read the news"
    assert not listed.untrusted
    assert (await workshop.call("list_tasks", GROUP)).text == "There are no tasks."
    assert (await workshop.call("list_tasks", status="running")).text == "There are no tasks."


async def test_results_are_told_where_they_are_asked_for(workshop: Workshop) -> None:
    await workshop.create()
    await workshop.end(workshop.tasks[0])
    assert "headlines" not in (await workshop.call("list_tasks")).text
    listed = await workshop.call("list_tasks", status="succeeded")
    assert listed.text.endswith("read the news → seven headlines")
    assert not listed.untrusted


@pytest.mark.parametrize(
    "changes", [{"untrusted": True}, {"problem": "no answer"}, {"progress": "step 2"}]
)
async def test_what_strangers_may_have_written_is_marked(
    workshop: Workshop, changes: dict[str, object]
) -> None:
    await workshop.create()
    await workshop.end(workshop.tasks[0], **changes)
    assert (await workshop.call("list_tasks", status="succeeded")).untrusted


async def test_long_lists_show_what_is_under_way(workshop: Workshop) -> None:
    several = [{"description": "x", "kind": "reminder"}] * 40
    await workshop.call("create_tasks", tasks=several)
    for task in workshop.tasks[:30]:
        await workshop.call("cancel_task", id=task.id)
    await workshop.call("create_tasks", tasks=several[:38])
    lines = (await workshop.call("list_tasks")).text.splitlines()
    assert sum("cancelled" in line for line in lines) == 10
    assert sum("queued" in line for line in lines) == 40
    assert lines[-1] == "And 28 more."


async def test_a_cancelled_task_says_what_ended_with_it(workshop: Workshop) -> None:
    await workshop.create(description="root")
    (root,) = workshop.tasks
    await workshop.create(description="child", after=[root.id])
    result = await workshop.call("cancel_task", id=f"#{root.id}")
    assert result.receipt == "🗑 cancelled **root** and 1 more"
    assert result.undo is None
    with pytest.raises(ToolFailed, match="it is cancelled"):
        await workshop.call("cancel_task", id=root.id)
