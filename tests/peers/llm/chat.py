"""OpenAI chat completions."""

import time
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

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
LONGEST_ID = 40
PLAIN_ROLE = {"developer": "system", "function": "tool"}


class ChatWire:
    """The format, with the service's rule that tool calls and results match."""

    def __init__(self, strict: Strictness) -> None:
        self._strict = strict

    def turns(self, body: Json) -> list[Turn]:
        messages = body.get("messages")
        if not body.get("model"):
            raise ApiError(400, "you must provide a model parameter")
        if not isinstance(messages, list) or not messages:
            raise ApiError(400, "[] is too short - 'messages'")
        turns: list[Turn] = []
        open_calls: list[str] = []
        for index, message in enumerate(messages):
            role = message.get("role")
            if role not in ROLES:
                raise ApiError(400, f"Invalid value: {role!r} - 'messages[{index}].role'")
            text, images = content_text(message.get("content"))
            if self._strict():
                _check(message, index, open_calls)
                _check_calls(_calls(message), index)
            calls = _calls(message)
            if calls:
                open_calls = [call.id for call in calls]
            answered = str(message.get("tool_call_id", ""))
            turns.append(Turn(PLAIN_ROLE.get(role, role), text, calls, images, answered))
        if open_calls and self._strict():
            raise _unanswered(open_calls)
        return turns

    def whole(self, body: Json, reply: Reply, serial: int) -> Json:
        message: Json = {"role": "assistant", "content": reply.text or None, "refusal": None}
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        if reply.calls:
            message["tool_calls"] = [_call(call) for call in reply.calls]
        elif message["content"] is None:
            message["content"] = ""
        choice: Json = {"index": 0, "message": message, "logprobs": None}
        return {
            "id": f"chatcmpl-{serial:08d}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body.get("model", "fake-model"),
            "choices": [{**choice, "finish_reason": reply.finish}],
            "usage": _usage(reply),
            "system_fingerprint": "fp_fake",
        }

    async def events(self, body: Json, reply: Reply, serial: int) -> AsyncIterator[bytes]:
        with_usage = (body.get("stream_options") or {}).get("include_usage")
        base: Json = {
            "id": f"chatcmpl-{serial:08d}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": body.get("model", "fake-model"),
            "system_fingerprint": "fp_fake",
        }
        if with_usage:
            base["usage"] = None

        def chunk(delta: Json, finish: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return sse({**base, "choices": [choice]})

        yield chunk({"role": "assistant", "content": "" if not reply.calls else None})
        for number, piece in enumerate(halves(reply.reasoning)):
            # both names are in use, and a server may send either
            yield chunk({("reasoning_content", "reasoning")[number % 2]: piece})
        async for piece in reply.paced():
            yield chunk({"content": piece})
        for index, call in enumerate(reply.calls):
            head = {**_call(call), "index": index}
            head["function"] = {"name": call.name, "arguments": ""}
            yield chunk({"tool_calls": [head]})
            for part in halves(call.arguments):
                yield chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
        yield chunk({}, reply.finish)
        if with_usage:
            yield sse({**base, "choices": [], "usage": _usage(reply)})
        yield b"data: [DONE]\n\n"

    def error(self, error: ApiError) -> Json:
        return openai_error(error)

    def error_event(self, error: ApiError) -> bytes:
        return sse(self.error(error))

    def without_content(self) -> Json:
        return {"id": "chatcmpl-0", "object": "chat.completion", "choices": []}


def _check(message: Json, index: int, open_calls: list[str]) -> None:
    """Refuse what the service refuses; answered calls leave `open_calls`."""
    role = message.get("role")
    if open_calls and role != "tool":
        raise _unanswered(open_calls)
    if role == "tool":
        if message.get("tool_call_id") not in open_calls:
            raise ApiError(
                400,
                "Invalid parameter: messages with role 'tool' must be a response to a "
                "preceeding message with 'tool_calls'.",
            )
        open_calls.remove(message["tool_call_id"])
    elif message.get("content") is None and not message.get("tool_calls"):
        raise ApiError(400, f"Invalid value for 'content' - 'messages[{index}].content'")


def _calls(message: Json) -> list[Call]:
    found = message.get("tool_calls") or ()
    functions = [(str(call.get("id")), call.get("function") or {}) for call in found]
    return [Call(id, str(f.get("name")), str(f.get("arguments"))) for id, f in functions]


def _check_calls(calls: list[Call], index: int) -> None:
    where = f"'messages[{index}].tool_calls"
    for call in calls:
        if not 0 < len(call.id) <= LONGEST_ID:
            raise ApiError(400, f"Invalid {where}.id': expected 1 to {LONGEST_ID} characters.")
        if call.arguments_object is None:  # several compatible servers fail with 500 here
            raise ApiError(400, f"Invalid {where}.function.arguments': not a JSON object.")
    if len({call.id for call in calls}) < len(calls):
        raise ApiError(400, f"Duplicate value for {where}.id'.")


def _unanswered(open_calls: list[str]) -> ApiError:
    return ApiError(
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
        + ", ".join(open_calls),
    )


def _call(call: Call) -> Json:
    function: dict[str, Any] = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _usage(reply: Reply) -> Json:
    details = {"reasoning_tokens": reply.reasoning_tokens, "audio_tokens": 0}
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": details,
    }
