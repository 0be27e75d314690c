"""Anthropic messages."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

from tests.peers.llm.conversation import (
    ApiError,
    Call,
    Json,
    Reply,
    Strictness,
    Turn,
    content_text,
    dumps,
    halves,
    sse,
)

ID = re.compile(r"[a-zA-Z0-9_-]+")
BREAKPOINTS = 4
STOPS = {"tool_calls": "tool_use", "length": "max_tokens"}


class ClaudeWire:
    """The format, with the service's rules on roles, ``max_tokens`` and tool results."""

    def __init__(self, strict: Strictness) -> None:
        self._strict = strict

    def turns(self, body: Json) -> list[Turn]:
        messages = body.get("messages")
        if not isinstance(body.get("max_tokens"), int):
            raise ApiError(400, "max_tokens: Field required")
        if not isinstance(messages, list) or not messages:
            raise ApiError(400, "messages: at least one message is required")
        if messages[0].get("role") != "user" and self._strict():
            raise ApiError(400, 'messages: first message must use the "user" role')
        if self._strict():
            _check_whole(body)
        system, _ = content_text(body.get("system"))
        turns = [Turn("system", system)] if system else []
        open_calls: set[str] = set()
        for message in messages:
            role = str(message.get("role"))
            if role not in ("user", "assistant"):
                raise ApiError(400, f'messages: Unexpected role "{role}".')
            blocks = _blocks(message)
            answered = {str(b.get("tool_use_id")) for b in blocks if b["type"] == "tool_result"}
            if self._strict():
                _check(blocks, open_calls, answered)
            turns.extend(
                Turn(
                    "tool",
                    content_text(block.get("content"))[0],
                    call_id=str(block.get("tool_use_id")),
                )
                for block in blocks
                if block["type"] == "tool_result"
            )
            calls = _calls(blocks)
            open_calls = {call.id for call in calls}
            text, images = content_text(message.get("content"))
            if role == "assistant":
                turns.append(Turn("assistant", text, calls, images))
            elif text or images or not answered:
                turns.append(Turn("user", text, [], images))
        return turns

    def whole(self, body: Json, reply: Reply, serial: int) -> Json:
        blocks: list[Json] = []
        if reply.reasoning:
            blocks.append({"type": "thinking", "thinking": reply.reasoning, "signature": "c2ln"})
        if reply.text:
            blocks.append({"type": "text", "text": reply.text})
        for call in reply.calls:
            block = {"type": "tool_use", "id": call.id, "name": call.name}
            blocks.append({**block, "input": call.arguments_object or {}})
        return {
            "id": f"msg_{serial:08d}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model", "fake-model"),
            "content": blocks,
            "stop_reason": STOPS.get(reply.finish, "end_turn"),
            "stop_sequence": None,
            "usage": {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens},
        }

    async def events(self, body: Json, reply: Reply, serial: int) -> AsyncIterator[bytes]:
        start = self.whole(body, reply, serial)
        start.update(content=[], stop_reason=None)
        start["usage"] = {"input_tokens": reply.input_tokens, "output_tokens": 1}
        yield _event("message_start", message=start)
        yield _event("ping")
        index = 0
        if reply.reasoning:
            async for event in _block(
                index, {"type": "thinking", "thinking": ""}, _thoughts(reply)
            ):
                yield event
            index += 1
        if reply.text:
            async for event in _block(index, {"type": "text", "text": ""}, _texts(reply)):
                yield event
            index += 1
        for call in reply.calls:
            block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            async for event in _block(index, block, _arguments(call.arguments)):
                yield event
            index += 1
        yield _event(
            "message_delta",
            delta={"stop_reason": STOPS.get(reply.finish, "end_turn"), "stop_sequence": None},
            usage={"output_tokens": reply.output_tokens},
        )
        yield _event("message_stop")

    def error(self, error: ApiError) -> Json:
        return {"type": "error", "error": {"type": error.kind, "message": error.message}}

    def error_event(self, error: ApiError) -> bytes:
        return sse(self.error(error), "error")

    def without_content(self) -> Json:
        return {"id": "msg_0", "type": "message", "role": "assistant", "content": []}


def _blocks(message: Json) -> list[Json]:
    content = message.get("content")
    blocks = content if isinstance(content, list) else []
    return [{"type": "", **block} for block in blocks]


def _calls(blocks: list[Json]) -> list[Call]:
    return [
        Call(str(b.get("id")), str(b.get("name")), dumps(b.get("input")).decode())
        for b in blocks
        if b["type"] == "tool_use"
    ]


def _check_whole(body: Json) -> None:
    """Refuse what is wrong with a request as a whole."""
    marked = _marked(body)
    if len(marked) > BREAKPOINTS:
        raise ApiError(
            400,
            f"A maximum of {BREAKPOINTS} blocks with cache_control may be provided. "
            f"Found {len(marked)}.",
        )
    if any(block.get("type") == "text" and not block.get("text") for block in marked):
        raise ApiError(400, "cache_control cannot be set for empty text blocks")
    uses = '"type": "tool_use"' in json.dumps(body["messages"])
    if uses and not body.get("tools"):
        raise ApiError(400, "Requests which include `tool_use` blocks must define tools")


def _marked(tree: Any) -> list[Json]:
    if isinstance(tree, list):
        return [found for each in tree for found in _marked(each)]
    if not isinstance(tree, dict):
        return []
    below = [found for each in tree.values() for found in _marked(each)]
    return [tree, *below] if "cache_control" in tree else below


def _check(blocks: list[Json], open_calls: set[str], answered: set[str]) -> None:
    if any(b["type"] == "text" and not str(b.get("text", "")).strip() for b in blocks):
        raise ApiError(400, "messages: text content blocks must be non-empty")
    for call in _calls(blocks):
        if not ID.fullmatch(call.id):
            raise ApiError(400, "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
        if call.arguments_object is None:
            raise ApiError(400, "tool_use.input: Input should be a valid dictionary")
    if open_calls - answered:
        raise ApiError(
            400,
            "tool_use ids were found without tool_result blocks immediately after: "
            + ", ".join(sorted(open_calls - answered)),
        )
    if answered - open_calls:
        raise ApiError(400, "unexpected tool_use_id found in tool_result blocks")


async def _block(index: int, block: Json, deltas: AsyncIterator[Json]) -> AsyncIterator[bytes]:
    yield _event("content_block_start", index=index, content_block=block)
    async for delta in deltas:
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


async def _thoughts(reply: Reply) -> AsyncIterator[Json]:
    for piece in halves(reply.reasoning):
        yield {"type": "thinking_delta", "thinking": piece}
    yield {"type": "signature_delta", "signature": "c2ln"}


async def _texts(reply: Reply) -> AsyncIterator[Json]:
    async for piece in reply.paced():
        yield {"type": "text_delta", "text": piece}


async def _arguments(arguments: str) -> AsyncIterator[Json]:
    for part in halves(arguments):
        yield {"type": "input_json_delta", "partial_json": part}


def _event(kind: str, **fields: Any) -> bytes:
    return sse({"type": kind, **fields}, kind)
