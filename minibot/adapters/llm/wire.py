"""What the wire formats have in common."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from secrets import token_hex
from typing import Protocol

import orjson
from llm_async.models import Tool
from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.answer import Answer
from minibot.adapters.llm.fields import Object, arguments_object, dump, parse
from minibot.adapters.llm.sse import ServerEvent
from minibot.core.errors import ModelError, ModelReplyInvalid
from minibot.core.llm import CompletionRequest, Role, ToolSpec, Utterance

FailureOf = Callable[[object], ModelError]
"""Types an error object that a server put inside an answer."""

CACHE_HERE: Mapping[str, object] = {"cache_control": {"type": "ephemeral"}}
"""Says that all up to the block that holds it is worth keeping until the next question."""

EMPTY_TEXT = "(no text)"
"""Stands for a message without words where a format refuses an empty one."""

TOOLSETS = 16
"""Serialised sets of tools that are kept: people are offered one of very few."""

LONGEST_ID = 40
"""Characters a call's id may have where the limit is least."""

_PORTABLE_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")


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
        """Put the question into the provider's words, as `dump` can write them."""

    def reader(self, model: str, failure_of: FailureOf) -> Reader:
        """Begin to read the answer of a model."""


class WireType(Protocol):
    def __call__(self, provider: BaseProvider) -> Wire: ...


class ToolFormat:
    """Tools in a provider's shape, already serialised.

    The same tools come with nearly every question, and their schemas are most of its bytes.
    """

    def __init__(
        self, shape: Callable[[list[Tool]], list[dict[str, object]]], *, count: int = TOOLSETS
    ) -> None:
        self._shape = shape
        self._serialised = lru_cache(maxsize=count)(self._serialise)

    def __call__(self, tools: tuple[ToolSpec, ...]) -> orjson.Fragment:
        return self._serialised(tools)

    def _serialise(self, tools: tuple[ToolSpec, ...]) -> orjson.Fragment:
        return orjson.Fragment(dump(self._shape([_tool(spec) for spec in tools])))


def begin_answer() -> Answer:
    """Begin an answer whose calls get ids of their own where the server gives none."""
    return Answer(call_prefix=f"call_{token_hex(6)}")


def event_fields(event: ServerEvent) -> Object:
    """Read the JSON of an event.

    Raises:
        ModelReplyInvalid: it is none; a piece of the answer would be missing unnoticed.
    """
    fields = parse(event.data)
    if isinstance(fields, dict):
        return fields
    if not event.data.strip():
        return {}
    raise ModelReplyInvalid("the model's server sent an event that cannot be read")


def runs(messages: Iterable[Utterance]) -> Iterable[tuple[Role, list[Utterance]]]:
    """Group entries of the same role that follow each other."""
    return ((role, list(entries)) for role, entries in groupby(messages, lambda entry: entry.role))


def readable_arguments(arguments: str) -> str:
    """Give the arguments of a past call as they were, unless they are no JSON object.

    Several servers answer 500 to a history that holds such a call.
    """
    return arguments if arguments_object(arguments) else "{}"


def portable_id(call_id: str) -> str:
    """Give a call's id as the strict providers take it, when another one made it up."""
    if _PORTABLE_ID.fullmatch(call_id):
        return call_id
    return f"call_{sha256(call_id.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _tool(spec: ToolSpec) -> Tool:
    schema: Object = arguments_object(spec.parameters) or {"type": "object", "properties": {}}
    return Tool(
        name=spec.name,
        description=spec.description,
        parameters=dict(schema),
        input_schema=dict(schema),
    )
