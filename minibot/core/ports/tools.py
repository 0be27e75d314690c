"""Tools, and what makes their effects safe."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from minibot.core.approvals import Approval, ApprovalRequest, Grant, Refusal, Verdict
from minibot.core.journal import StepRecord
from minibot.core.llm import ToolSpec
from minibot.core.settings import Settings
from minibot.core.tools import ToolContext, ToolResult, ToolTraits, UndoAction
from minibot.core.undo import Undoable


class Tool(Protocol):
    """Something the model may call. Stateless between calls."""

    @property
    def spec(self) -> ToolSpec: ...

    @property
    def traits(self) -> ToolTraits: ...

    def check(self, arguments: str) -> str:
        """Mend and validate arguments; gives them as canonical JSON.

        Raises `ToolArgumentsInvalid` with words that help the model to do better.
        """

    def scope(self, arguments: str) -> str:
        """Say what a permission that reaches beyond these canonical arguments would cover."""

    async def run(self, arguments: str, context: ToolContext) -> ToolResult:
        """Do it, with arguments that `check` gave. Raises `ToolFailed`."""


class Toolbox(Protocol):
    """The tools there are."""

    def enabled(self, settings: Settings) -> Mapping[str, Tool]:
        """Give those that the settings switch on, by name; the same mapping while they stay."""

    async def undo(self, action: UndoAction, owner: str) -> str:
        """Take back what a tool did and say so in one line. Raises `ToolFailed`."""


class Journal(Protocol):
    """Steps of turns that are not over. What it is given is durable when it returns."""

    async def steps(self, inbox_id: int) -> list[StepRecord]:
        """Give a turn's steps so far, in order."""

    async def add_step(self, inbox_id: int, step: StepRecord) -> None:
        """Record an answer of the model; its calls in the state they have in `step`."""

    async def start(self, inbox_id: int, step: int, call_id: str) -> None:
        """Record that a call begins, before it has any effect. Raises `IllegalTransition`."""

    async def finish(self, inbox_id: int, step: int, call_id: str, outcome: "CallOutcome") -> None:
        """Record what came of a call. Raises `IllegalTransition`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """The end of a call."""

    result: ToolResult
    untrusted: bool
    unknown: bool = False
    """True when the process died meanwhile and the call is not repeated."""
    undo: Undoable | None = None
    """Recorded in the same transaction."""


class UndoLog(Protocol):
    """What can be taken back."""

    async def add(self, undoable: Undoable) -> None: ...

    async def take(self, token: str, person_id: str, now: datetime) -> Undoable | Refusal:
        """Give what a button takes back, to the one person it belongs to, once."""

    async def taken(self, token: str) -> bool:
        """Say whether something was taken back."""

    async def put_back(self, token: str) -> None:
        """Make a button work again whose undoing failed."""


class Approvals(Protocol):
    """Questions for permission, and permissions given for good."""

    async def ask(self, request: ApprovalRequest) -> Approval:
        """Record a question; gives the one there is when this call was asked about before."""

    async def decide(
        self, token: str, person_id: str, verdict: Verdict, now: datetime
    ) -> Approval | Refusal:
        """Take the answer of the one person it was asked of, once, in time.

        `Verdict.ALWAYS` adds the grant in the same transaction.
        """

    async def expire(self, token: str) -> Approval | None:
        """End a question that was not answered; gives it as it stands then."""

    async def find(self, token: str) -> Approval | None: ...

    async def is_granted(self, person_id: str, tool: str, scope: str, inbox_id: int) -> bool:
        """Say whether a person agreed beforehand: for good, or for this item's whole turn."""

    async def grants(self, person_id: str) -> list[Grant]: ...

    async def revoke(self, person_id: str, grant_id: int) -> bool: ...
