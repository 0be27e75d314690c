"""What the journal of a turn keeps as text: usage, calls, results."""

from dataclasses import asdict

import orjson

from minibot.adapters.storage.codec import call_fields, dump, file_fields, read_call, storable
from minibot.core.errors import StorageDamaged
from minibot.core.llm import ToolCall, Usage
from minibot.core.messages import OutgoingFile
from minibot.core.tools import CallState, ToolResult, UndoAction

ENDED = frozenset({CallState.FINISHED, CallState.UNKNOWN})
"""States of calls that have a result."""


def encode_usage(usage: Usage) -> str:
    return dump(asdict(usage))


def decode_usage(text: str) -> Usage:
    try:
        return Usage(**orjson.loads(text))
    except (ValueError, TypeError) as error:
        raise StorageDamaged(f"the stored usage of a step cannot be read: {error!r}") from error


def encode_call(call: ToolCall) -> str:
    return dump(call_fields(call))


def decode_call(text: str) -> ToolCall:
    try:
        return read_call(orjson.loads(text))
    except (ValueError, TypeError) as error:
        raise StorageDamaged(f"a stored tool call cannot be read: {error!r}") from error


def encode_result(result: ToolResult) -> str:
    undo = result.undo
    return dump(
        {
            "text": storable(result.text),
            "receipt": storable(result.receipt),
            "undo": undo and {"kind": storable(undo.kind), "payload": storable(undo.payload)},
            "files": [file_fields(file) for file in result.files],
            "untrusted": result.untrusted,
        }
    )


def decode_result(text: str) -> ToolResult:
    try:
        fields = orjson.loads(text)
        undo = fields["undo"]
        return ToolResult(
            text=fields["text"],
            receipt=fields["receipt"],
            undo=None if undo is None else UndoAction(**undo),
            files=tuple(OutgoingFile(**file) for file in fields["files"]),
            untrusted=fields["untrusted"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StorageDamaged(f"a stored tool result cannot be read: {error!r}") from error


def decode_state(text: str | None) -> CallState | None:
    try:
        return None if text is None else CallState(text)
    except ValueError as error:
        raise StorageDamaged(f"a stored tool call is in no known state: {text!r}") from error
