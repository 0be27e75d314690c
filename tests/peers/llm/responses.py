"""OpenAI responses."""

import time
from collections import OrderedDict
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
    halves,
    openai_error,
    sse,
)

KEPT_RESPONSES = 500
LONGEST_ID = 64


class ResponsesWire:
    """The format; responses are kept for ``previous_response_id`` unless ``store`` is false."""

    def __init__(self, strict: Strictness) -> None:
        self._strict = strict
        self._stored: OrderedDict[str, list[Any]] = OrderedDict()

    def turns(self, body: Json) -> list[Turn]:
        turns: list[Turn] = []
        if body.get("instructions"):
            turns.append(Turn("system", str(body["instructions"])))
        known: set[str] = set()
        answered: set[str] = set()
        for item in self._items(body):
            kind = item.get("type", "message")
            if kind == "function_call":
                call = _call(item)
                if self._strict():
                    _check_call(call, item, body)
                known.add(call.id)
                _add_call(turns, call)
            elif kind == "function_call_output":
                call_id = str(item.get("call_id"))
                if self._strict() and call_id not in known:
                    raise ApiError(
                        400, f"No tool call found for function call output with call_id {call_id}."
                    )
                answered.add(call_id)
                turns.append(Turn("tool", str(item.get("output", "")), call_id=call_id))
            elif kind == "message":
                text, images = content_text(item.get("content"))
                role = str(item.get("role", "user"))
                turns.append(Turn("system" if role == "developer" else role, text, [], images))
        if self._strict() and known - answered:
            raise ApiError(400, f"No tool output found for function call {min(known - answered)}.")
        return turns

    def whole(self, body: Json, reply: Reply, serial: int) -> Json:
        output = _output(reply, serial)
        response_id = f"resp_{serial:08d}"
        if body.get("store", True):
            self._stored[response_id] = [*self._items(body), *output]
            while len(self._stored) > KEPT_RESPONSES:
                self._stored.popitem(last=False)
        short = reply.finish == "length"
        return {
            "id": response_id,
            "object": "response",
            "created_at": int(time.time()),
            "status": "incomplete" if short else "completed",
            "model": body.get("model", "fake-model"),
            "output": output,
            "output_text": reply.text,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if short else None,
            "instructions": body.get("instructions"),
            "parallel_tool_calls": True,
            "tool_choice": body.get("tool_choice", "auto"),
            "tools": body.get("tools") or [],
            "usage": {
                "input_tokens": reply.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": reply.output_tokens,
                "output_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
                "total_tokens": reply.input_tokens + reply.output_tokens,
            },
        }

    async def events(self, body: Json, reply: Reply, serial: int) -> AsyncIterator[bytes]:
        final = self.whole(body, reply, serial)
        numbered = _Numbered()
        opening = {**final, "status": "in_progress", "output": [], "usage": None}
        opening.pop("output_text")
        yield numbered.event("response.created", response=opening)
        yield numbered.event("response.in_progress", response=opening)
        for index, item in enumerate(final["output"]):
            where: Json = {"item_id": item["id"], "output_index": index}
            blank = {**item, "status": "in_progress", **_blank(item)}
            yield numbered.event("response.output_item.added", output_index=index, item=blank)
            if item["type"] == "message":
                async for event in _message_events(numbered, where, item, reply):
                    yield event
            elif item["type"] == "reasoning":
                for piece in halves(reply.reasoning):
                    kind = "response.reasoning_summary_text.delta"
                    yield numbered.event(kind, **where, summary_index=0, delta=piece)
            else:
                kind, arguments = "response.function_call_arguments", item["arguments"]
                yield numbered.event(f"{kind}.delta", **where, delta=arguments)
                yield numbered.event(f"{kind}.done", **where, arguments=arguments)
            yield numbered.event("response.output_item.done", output_index=index, item=item)
        kind = "response.incomplete" if reply.finish == "length" else "response.completed"
        yield numbered.event(kind, response=final)

    def error(self, error: ApiError) -> Json:
        return openai_error(error)

    def error_event(self, error: ApiError) -> bytes:
        code = error.code or error.kind
        return sse({"type": "error", "code": code, "message": error.message}, "error")

    def without_content(self) -> Json:
        return {"id": "resp_0", "object": "response", "status": "completed", "output": []}

    def _items(self, body: Json) -> list[Any]:
        """Give the whole conversation, with what an earlier response kept."""
        source = body.get("input")
        if source is None or source == []:
            raise ApiError(400, "Missing required parameter: 'input'.")
        given = [{"role": "user", "content": source}] if isinstance(source, str) else list(source)
        previous = body.get("previous_response_id")
        if not previous:
            return given
        if previous not in self._stored:
            raise ApiError(
                400,
                f"Previous response with id '{previous}' not found.",
                "previous_response_not_found",
            )
        return [*self._stored[previous], *given]


def _call(item: Json) -> Call:
    return Call(str(item.get("call_id")), str(item.get("name")), str(item.get("arguments")))


def _check_call(call: Call, item: Json, body: Json) -> None:
    if not 0 < len(call.id) <= LONGEST_ID:
        raise ApiError(400, f"Invalid 'input.call_id': expected 1 to {LONGEST_ID} characters.")
    if call.arguments_object is None:
        raise ApiError(400, "Invalid 'input.arguments': not a JSON object.")
    if item.get("id") and body.get("store") is False:
        raise ApiError(
            404,
            f"Item with id '{item['id']}' not found. Items are not persisted when `store` is set "
            "to false.",
        )


def _add_call(turns: list[Turn], call: Call) -> None:
    """Put a call into the answer it belongs to: items of one answer follow each other."""
    if turns and turns[-1].role == "assistant":
        turns[-1].calls.append(call)
    else:
        turns.append(Turn("assistant", "", [call]))


class _Numbered:
    """Counts the events of one stream."""

    def __init__(self) -> None:
        self._next = 0

    def event(self, kind: str, **fields: Any) -> bytes:
        number, self._next = self._next, self._next + 1
        return sse({"type": kind, "sequence_number": number, **fields}, kind)


def _output(reply: Reply, serial: int) -> list[Json]:
    output: list[Json] = []
    if reply.reasoning:
        summary = [{"type": "summary_text", "text": reply.reasoning}]
        output.append({"type": "reasoning", "id": f"rs_{serial:08d}", "summary": summary})
    if reply.text:
        part = {"type": "output_text", "text": reply.text, "annotations": []}
        head = {"type": "message", "id": f"msg_{serial:08d}", "status": "completed"}
        output.append({**head, "role": "assistant", "content": [part]})
    output.extend(
        {
            "type": "function_call",
            "id": f"fc_{serial:08d}{index:02d}",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
            "status": "completed",
        }
        for index, call in enumerate(reply.calls)
    )
    return output


def _blank(item: Json) -> Json:
    """Give an item's fields as they are before its content comes."""
    blanks: dict[str, Json] = {
        "message": {"content": []},
        "reasoning": {"summary": []},
        "function_call": {"arguments": ""},
    }
    return blanks[item["type"]]


async def _message_events(
    numbered: _Numbered, where: Json, item: Json, reply: Reply
) -> AsyncIterator[bytes]:
    where = {**where, "content_index": 0}
    part: Json = {"type": "output_text", "text": "", "annotations": []}
    yield numbered.event("response.content_part.added", **where, part=part)
    async for piece in reply.paced():
        yield numbered.event("response.output_text.delta", **where, delta=piece)
    yield numbered.event("response.output_text.done", **where, text=reply.text)
    yield numbered.event("response.content_part.done", **where, part=item["content"][0])
