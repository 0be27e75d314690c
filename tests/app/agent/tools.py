"""Tools that do what a test says, and count it."""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from minibot.core.errors import ToolArgumentsInvalid
from minibot.core.llm import ToolSpec
from minibot.core.ports import Tool
from minibot.core.settings import Settings
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits, UndoAction
from tests.fakes import Gate

ToolStep = ToolResult | Exception | Gate


class FakeTool:
    """Answers from a script, one step a run; behind its end it says what it was given.

    Arguments are any JSON object without the key ``bad``.
    """

    def __init__(self, name: str, *steps: ToolStep, scope: str = "", **traits: Any) -> None:
        self._spec = ToolSpec(name=name, description=f"{name}s", parameters='{"type":"object"}')
        self._traits = ToolTraits(**traits)
        self._scope = scope
        self.steps = deque(steps)
        self.tried: list[str] = []
        """Arguments of every run."""
        self.effects: list[str] = []
        """Arguments of every run that came to its end."""
        self.contexts: list[ToolContext] = []

    @property
    def spec(self) -> ToolSpec:
        return self._spec

    @property
    def traits(self) -> ToolTraits:
        return self._traits

    def check(self, arguments: str) -> str:
        try:
            given = json.loads(arguments)
        except ValueError:
            raise ToolArgumentsInvalid("this is no JSON") from None
        if "bad" in given:
            raise ToolArgumentsInvalid('"bad": there is no such argument')
        return json.dumps(given, sort_keys=True)

    def scope(self, arguments: str) -> str:
        return self._scope or arguments

    async def run(self, arguments: str, context: ToolContext) -> ToolResult:
        self.tried.append(arguments)
        self.contexts.append(context)
        step = self.steps.popleft() if self.steps else None
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Gate):
            await step.pass_through()
        self.effects.append(arguments)
        if isinstance(step, ToolResult):
            return step
        return ToolResult(text=f"{self.spec.name} {arguments}")


def reader(name: str = "look", *steps: ToolStep, **traits: Any) -> FakeTool:
    return FakeTool(name, *steps, effect=Effect.READ, **traits)


def writer(name: str = "save", *steps: ToolStep, **traits: Any) -> FakeTool:
    return FakeTool(name, *steps, effect=Effect.WRITE, **traits)


def fetcher(name: str = "fetch", *steps: ToolStep, **traits: Any) -> FakeTool:
    """Give a tool that reads what strangers wrote, from a place the model names."""
    return FakeTool(name, *steps, effect=Effect.READ, outbound=True, untrusted=True, **traits)


def change(what: str, *, undo: bool = True) -> ToolResult:
    """Give the result of having changed something."""
    return ToolResult(
        text=f"changed {what}",
        receipt=f"📝 Changed **{what}**",
        undo=UndoAction(kind="change", payload=what) if undo else None,
    )


class FakeToolbox:
    """Holds these tools, whatever the settings say."""

    def __init__(self, *tools: Tool) -> None:
        self.tools = {tool.spec.name: tool for tool in tools}
        self.undone: list[tuple[UndoAction, str]] = []
        self.failures: deque[Exception] = deque()
        """What the next undoings run into."""

    def enabled(self, settings: Settings) -> Mapping[str, Tool]:
        return self.tools

    async def undo(self, action: UndoAction, owner: str) -> str:
        if self.failures:
            raise self.failures.popleft()
        self.undone.append((action, owner))
        return f"{action.payload} is as it was"
