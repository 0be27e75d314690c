"""Ways to do a task, by the name of its kind."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from minibot.app.agenda.agenda import Agenda
from minibot.app.agent.calls import REFUSED, CallRunner, Step
from minibot.app.agent.limits import TurnBudget
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.account import AnswerAccount
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import ToolCall, Usage, Utterance
from minibot.core.messages import Button, OutgoingFile
from minibot.core.ports import Clock, Journal, Toolbox
from minibot.core.tasks import Task, TaskState
from minibot.core.tools import CallState, needs_approval

PARENT_CHARACTERS = 4_000
"""Of the result of a task, shown to one that waited for it."""

BACKGROUND = (
    "[This is a task in the background that I asked for before. Do it now, without asking me "
    "anything, and answer with the result alone.]\n\n{prompt}"
)
EARLIER = "What came of the tasks before it:\n{results}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a task."""

    text: str
    """Markdown."""
    untrusted: bool = False
    entries: tuple[Utterance, ...] = ()
    """For the history of the chat."""
    account: AnswerAccount | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()
    files: tuple[OutgoingFile, ...] = ()


class Strategy(Protocol):
    """Does one kind of task."""

    async def __call__(self, task: Task, context: TurnContext) -> Done:
        """Do it. Raises `ToolFailed`, `ModelError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What tasks are done with."""

    agenda: Agenda
    ask_model: Handler
    toolbox: Toolbox
    journal: Journal
    runner: CallRunner
    clock: Clock


def build_strategies(equipment: Equipment) -> Mapping[str, Strategy]:
    """Give every kind of task there is."""
    return {kind: make(equipment) for kind, make in STRATEGIES.items()}


async def remind(task: Task, context: TurnContext) -> Done:
    """Say something."""
    return Done(text=_text(task, "text") or task.description)


class AskInBackground:
    """Puts the task to the model, with its tools."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    async def __call__(self, task: Task, context: TurnContext) -> Done:
        return await self.ask(task, context, _text(task, "prompt") or task.description)

    async def ask(self, task: Task, context: TurnContext, prompt: str) -> Done:
        parents = _parents(task, self._equipment.agenda)
        text = BACKGROUND.format(prompt=prompt)
        if parents:
            text = f"{text}\n\n{EARLIER.format(results=_results(parents))}"
        foreign = any(parent.untrusted for parent in parents)
        message = replace(context.message, text=text, foreign=foreign)
        item = replace(context.item, message=message)
        answer: Answer = await self._equipment.ask_model(replace(context, item=item))
        return Done(
            text=answer.markdown,
            # In incognito nothing is told of where the answer comes from.
            untrusted=not answer.entries or any(entry.untrusted for entry in answer.entries),
            entries=answer.entries,
            account=answer.account,
            buttons=answer.buttons,
            files=answer.files,
        )


class CallOneTool:
    """Calls one tool, with the same precautions as in a turn, and gives what it gave."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    async def __call__(self, task: Task, context: TurnContext) -> Done:
        fields = payload_of(task)
        arguments = fields.get("arguments", {})
        return await self.call(task, context, str(fields.get("tool", "")), json.dumps(arguments))

    async def call(self, task: Task, context: TurnContext, name: str, arguments: str) -> Done:
        tools = self._equipment.toolbox.enabled(context.settings)
        tool = tools.get(name)
        if tool is None:
            raise ToolFailed(f"There is no tool {name!r}.")
        tainted = any(parent.untrusted for parent in _parents(task, self._equipment.agenda))
        journal, item_id = self._equipment.journal, context.item.id
        steps = await journal.steps(item_id)
        if not steps:
            try:
                sound = tool.check(arguments)
            except ToolArgumentsInvalid as error:
                raise ToolFailed(str(error)) from error
            waits = needs_approval(tool.traits, tainted=tainted)
            call = CallRecord(
                call=ToolCall(id=f"{task.id}-{task.attempts}", name=name, arguments=sound),
                state=None if waits else CallState.STARTED,
            )
            first = StepRecord(number=0, text="", calls=(call,), usage=Usage())
            await journal.add_step(item_id, first)
        record = await self._equipment.runner.run(
            Step(
                context=context,
                record=steps[0] if steps else first,
                tools=tools,
                tainted=tainted,
                resumed=bool(steps),
                budget=TurnBudget(context.settings.tools, self._equipment.clock),
            )
        )
        (ended,) = record.calls
        if ended.result is None or ended.state is CallState.UNKNOWN:
            raise ToolFailed(f"I was interrupted, and do not know whether {name} took effect.")
        if ended.result.text == REFUSED:
            raise ToolFailed(f"You did not allow {name}.")
        if ended.result.text.startswith("Error: "):
            raise ToolFailed(ended.result.text.removeprefix("Error: "))
        return Done(text=ended.result.text, untrusted=ended.untrusted, files=ended.result.files)


class FetchPage:
    """Reads a web page, and has the model answer a question about it if there is one."""

    def __init__(self, ask: AskInBackground, call: CallOneTool) -> None:
        self._ask = ask
        self._call = call

    async def __call__(self, task: Task, context: TurnContext) -> Done:
        url, question = _text(task, "url"), _text(task, "question")
        if not url:
            raise ToolFailed('The payload of a web_fetch needs an "url".')
        if question:
            prompt = f"Read {url} with http_fetch and answer this: {question}"
            return await self._ask.ask(task, context, prompt)
        return await self._call.call(task, context, "http_fetch", json.dumps({"url": url}))


STRATEGIES: Mapping[str, Callable[[Equipment], Strategy]] = {
    "llm_prompt": AskInBackground,
    "reminder": lambda equipment: remind,
    "tool_call": CallOneTool,
    "web_fetch": lambda equipment: FetchPage(AskInBackground(equipment), CallOneTool(equipment)),
}
"""By the name of their kind; a new one is a class and a line here."""

KINDS = frozenset(STRATEGIES)


def payload_of(task: Task) -> dict[str, Any]:
    """Read what a task has to know.

    Raises:
        ToolFailed: it is no JSON object.
    """
    try:
        fields = json.loads(task.payload or "{}")
    except ValueError as error:
        raise ToolFailed(f"The payload of the task is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ToolFailed("The payload of the task is no JSON object.")
    return fields


def _text(task: Task, name: str) -> str:
    value = payload_of(task).get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _parents(task: Task, agenda: Agenda) -> Sequence[Task]:
    known = (agenda.task(parent) for parent in task.parents)
    return [each for each in known if each is not None and each.state is TaskState.SUCCEEDED]


def _results(parents: Sequence[Task]) -> str:
    return "\n\n".join(
        f"{parent.description}:\n{parent.result[:PARENT_CHARACTERS]}" for parent in parents
    )
