"""The journal of a turn: its steps, so that a crash neither repeats nor forgets one."""

from dataclasses import dataclass

from minibot.core.llm import ToolCall, Usage
from minibot.core.tools import CallState, ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call of a tool."""

    call: ToolCall
    state: CallState | None = None
    """None while it was asked for and not begun."""
    result: ToolResult | None = None
    """There when the state is finished."""
    untrusted: bool = False
    """True when strangers may have written the result."""
    undo_token: str = ""
    """The button that takes it back; empty when nothing can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One answer of the model that called tools, and what came of the calls."""

    number: int
    """From 0."""
    text: str
    calls: tuple[CallRecord, ...]
    usage: Usage
    model: str = ""
