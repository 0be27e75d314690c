"""What a scripted model says."""

import json
from typing import Any

from minibot.core.llm import (
    Finished,
    FinishReason,
    TextDelta,
    ToolCall,
    ToolCallReady,
    Usage,
    UsageReport,
)
from tests.fakes import ModelStep

Called = tuple[str, str]
"""A tool's name and the arguments as text."""


def call(name: str, **arguments: Any) -> Called:
    return name, json.dumps(arguments)


def says(text: str, *, usage: Usage | None = None) -> list[ModelStep]:
    """Give an answer that ends a turn."""
    counted: list[ModelStep] = [UsageReport(usage)] if usage else []
    return [TextDelta(text), *counted, Finished(FinishReason.STOP)]


def calls(*called: Called, text: str = "", usage: Usage | None = None) -> list[ModelStep]:
    """Give an answer that calls tools; the calls are named c0, c1 … in every answer."""
    counted: list[ModelStep] = [UsageReport(usage)] if usage else []
    return [
        *([TextDelta(text)] if text else []),
        *(
            ToolCallReady(ToolCall(id=f"c{number}", name=name, arguments=arguments))
            for number, (name, arguments) in enumerate(called)
        ),
        *counted,
        Finished(FinishReason.TOOL_CALLS),
    ]
