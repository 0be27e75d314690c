"""Tools for tasks: work in the background."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from minibot.adapters.tools.asking import (
    asker_behind,
    asker_of,
    for_the_model,
    for_the_person,
)
from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.mending import clean
from minibot.adapters.tools.schema import Arguments
from minibot.adapters.tools.wording import RECEIPT_LENGTH, escaped, one_line
from minibot.core.errors import ToolFailed
from minibot.core.planning import Made, TaskWish
from minibot.core.ports import Planner
from minibot.core.tasks import DEFAULT_PRIORITY, Task, TaskState
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits, UndoAction

CANCEL = "task_cancel"

LISTED = 50
"""Tasks that are listed."""

LISTED_OVER = 10
"""Of those that are over, when no state is asked for."""

LISTED_TEXT = 80
"""Characters of each, and of what it is doing."""

LISTED_RESULT = 400
"""Characters of what came of each, when the state that is asked for has a result."""

_WRITES = ToolTraits(effect=Effect.WRITE)

Kind = Literal["llm_prompt", "web_fetch", "tool_call", "reminder", "workflow"]
Name = Annotated[str, Field(max_length=60)]
Text = Annotated[str, Field(max_length=2_000)]


def _object(value: object) -> object:
    """Read a payload: an object, one that was written as text, or a text that is all it says."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("{"):
        try:
            return clean(json.loads(text))
        except (ValueError, RecursionError):
            pass
    return {"text": text} if text else None


Payload = Annotated[dict[str, Any] | None, BeforeValidator(_object)]


class TaskArguments(Arguments):
    """A task of several, as a model writes it."""

    description: Text
    kind: Kind
    name: Name = ""
    payload: Payload = None
    after: list[Name] | None = None
    priority: int = DEFAULT_PRIORITY


_SEVERAL = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "description": {"type": "string"},
            "kind": {"type": "string"},
            "payload": {"type": "object"},
            "after": {"type": "array", "items": {"type": "string"}},
            "priority": {"type": "integer"},
        },
        "required": ["description", "kind"],
    },
}
"""Their schema without references, which not every provider takes."""


class TaskTools:
    """Makes, shows and ends tasks of whoever the context names."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self.tools = (
            function_tool(self.create_task, traits=_WRITES),
            function_tool(self.create_tasks, traits=_WRITES),
            function_tool(self.list_tasks),
            function_tool(self.cancel_task, traits=_WRITES),
        )
        self.undo = {CANCEL: self._cancel}

    async def create_task(
        self,
        context: ToolContext,
        description: Text,
        kind: Kind,
        payload: Payload = None,
        after: list[Name] | None = None,
        priority: int = DEFAULT_PRIORITY,
    ) -> ToolResult:
        """Do something that takes long in the background, now; the result is told by itself.

        Args:
            description: of an llm_prompt it is the prompt; it has to stand alone.
            payload: web_fetch {"url", "question"?}; tool_call {"tool", "arguments"}; reminder
                {"text"}; workflow {"steps": [as for create_tasks]}.
            after: ids of tasks to wait for.
            priority: 0 to 9; more goes first.
        """
        wish = TaskArguments.model_construct(
            description=description, kind=kind, payload=payload, after=after, priority=priority
        )
        return await self._make(context, [wish])

    async def create_tasks(
        self,
        context: ToolContext,
        tasks: Annotated[list[TaskArguments], WithJsonSchema(_SEVERAL)],
    ) -> ToolResult:
        """Do several things in the background, side by side where they can be; one report tells
        the results. Items are as for create_task; after may have names of others among them.
        """
        return await self._make(context, tasks)

    async def list_tasks(
        self,
        context: ToolContext,
        status: Literal[
            "waiting", "queued", "running", "succeeded", "failed", "cancelled", "blocked"
        ]
        | None = None,
    ) -> ToolResult:
        """List the person's tasks in the background with ids; for one status, with results."""
        asker = asker_of(context)
        states = () if status is None else (TaskState(status),)
        found = self._planner.tasks(asker, states=states)
        shown = found[-LISTED:] if status else _most_telling(found)
        if not shown:
            return ToolResult(text="There are no tasks.")
        lines = [_line(task, whole=status is not None) for task in shown]
        if len(found) > len(shown):
            lines.append(f"And {len(found) - len(shown)} more.")
        return ToolResult(
            text="\n".join(lines),
            untrusted=any(_quotes(task, whole=bool(status)) for task in shown),
        )

    async def cancel_task(self, context: ToolContext, id: Name) -> ToolResult:
        """Cancel a task of the person, and those that wait for it."""
        with for_the_model():
            task_id = id.strip().lstrip("#").lower()
            ended = await self._planner.cancel_task(asker_of(context), task_id)
        names = ", ".join(task.id for task in ended)
        return ToolResult(text=f"Cancelled {names}.", receipt=f"🗑 cancelled {_all(ended)}")

    async def _make(self, context: ToolContext, tasks: Sequence[TaskArguments]) -> ToolResult:
        wishes = [
            TaskWish(
                description=task.description,
                kind=task.kind,
                payload=json.dumps(task.payload or {}, ensure_ascii=False),
                after=tuple(task.after or ()),
                name=task.name,
                priority=task.priority,
            )
            for task in tasks
        ]
        with for_the_model():
            made = await self._planner.create(asker_of(context), wishes)
        ids = [task.id for task in made.tasks]
        return ToolResult(
            text=_told(made),
            receipt=f"📌 promised {_all(made.tasks)} · in the background",
            undo=UndoAction(kind=CANCEL, payload=json.dumps({"ids": ids})),
        )

    async def _cancel(self, payload: str, owner: str) -> str:
        asker, ended = asker_behind(owner), []
        with for_the_person():
            for task_id in json.loads(payload)["ids"]:
                if not self._planner.task(asker, task_id).over:
                    ended += await self._planner.cancel_task(asker, task_id)
        if not ended:
            raise ToolFailed("it is over already")
        if len(ended) == 1:
            return f"{one_line(ended[0].description, RECEIPT_LENGTH)} is cancelled"
        return f"{len(ended)} tasks are cancelled"


def _most_telling(tasks: Sequence[Task]) -> list[Task]:
    """Choose what to list: those under way, and what was over last."""
    over = [task for task in tasks if task.over][-LISTED_OVER:]
    return [*[task for task in tasks if not task.over][: LISTED - len(over)], *over]


def _told(made: Made) -> str:
    lines = [_line(task, whole=False) for task in made.tasks]
    told = "in one report" if made.batch else "by itself"
    return "\n".join(
        [f"Created; the person is told {told} what came of it. Do not wait for it.", *lines]
    )


def _line(task: Task, *, whole: bool) -> str:
    parts = [task.id, task.kind, task.state.value]
    if task.parents and not task.over:
        parts.append(f"after {' '.join(task.parents)}")
    line = f"- {', '.join(parts)}: {one_line(task.description, LISTED_TEXT)}"
    if task.progress:
        line += f" ({one_line(task.progress, LISTED_TEXT)})"
    said = task.problem or task.result
    if said and (whole or task.problem):
        line += f" → {one_line(said, LISTED_RESULT if whole else LISTED_TEXT)}"
    return line


def _quotes(task: Task, *, whole: bool) -> bool:
    """Say whether strangers may have written what is told of a task."""
    return bool(task.problem or task.progress) or (whole and task.untrusted)


def _all(tasks: Sequence[Task]) -> str:
    """Name tasks in a receipt."""
    first = f"**{escaped(tasks[0].description)}**"
    return first if len(tasks) == 1 else f"{first} and {len(tasks) - 1} more"
