"""What the wire formats have in common."""

from collections.abc import Callable, Iterable
from itertools import groupby
from secrets import token_hex
from typing import Protocol

from llm_async.models import Tool
from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.answer import Answer
from minibot.adapters.llm.fields import Object, arguments_object
from minibot.adapters.llm.sse import ServerEvent
from minibot.core.errors import ModelError
from minibot.core.llm import CompletionRequest, Role, ToolSpec, Utterance

FailureOf = Callable[[object], ModelError]
"""Types an error object that a server put inside an answer."""


class Reader(Protocol):
    """Reads one answer in one wire format into an `Answer`."""

    answer: Answer

    def read_event(self, event: ServerEvent) -> None:
        """Read an event of a stream. Raises a `ModelError` when it is one of an error."""

    def read_whole(self, body: object) -> None:
        """Read an answer that came in one piece."""


class Wire(Protocol):
    """A provider's wire format."""

    def address(self, request: CompletionRequest) -> str:
        """Give the URL to post to."""

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        """Put the question into the provider's words."""

    def reader(self, failure_of: FailureOf) -> Reader: ...


class WireType(Protocol):
    def __call__(self, provider: BaseProvider) -> Wire: ...


def begin_answer() -> Answer:
    """Begin an answer whose calls get ids of their own where the server gives none."""
    return Answer(call_prefix=f"call_{token_hex(6)}")


def format_tools(provider: BaseProvider, tools: Iterable[ToolSpec]) -> list[dict[str, object]]:
    """Put tools into the provider's shape, which llm-async knows."""
    return provider._format_tools([_tool(spec) for spec in tools])


def runs(messages: Iterable[Utterance]) -> Iterable[tuple[Role, list[Utterance]]]:
    """Group entries of the same role that follow each other."""
    return ((role, list(entries)) for role, entries in groupby(messages, lambda entry: entry.role))


def _tool(spec: ToolSpec) -> Tool:
    schema: Object = arguments_object(spec.parameters) or {"type": "object", "properties": {}}
    return Tool(
        name=spec.name,
        description=spec.description,
        parameters=dict(schema),
        input_schema=dict(schema),
    )
