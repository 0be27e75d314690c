"""Google's generateContent."""

from collections.abc import AsyncIterator
from typing import Any

from tests.peers.llm.conversation import (
    ApiError,
    Call,
    Json,
    Reply,
    Strictness,
    Turn,
    dumps,
    halves,
    sse,
)

FIELDS = frozenset(
    {
        "contents",
        "system_instruction",
        "systemInstruction",
        "generationConfig",
        "generation_config",
        "tools",
        "toolConfig",
        "tool_config",
        "safetySettings",
        "safety_settings",
        "cachedContent",
    }
)
OWN_FIELDS = frozenset({"model", "stream"})
"""What the server itself puts into the body, from the path."""

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
SKIP_SIGNATURE = "skip_thought_signature_validator"


class GoogleWire:
    """The format. Gemini 3 signs its tool calls and wants the signatures of the turn back."""

    def __init__(self, strict: Strictness) -> None:
        self._strict = strict

    def turns(self, body: Json) -> list[Turn]:
        unknown = sorted(body.keys() - FIELDS - OWN_FIELDS)
        if unknown:
            raise ApiError(400, f'Invalid JSON payload received. Unknown name "{unknown[0]}"')
        contents = body.get("contents")
        if not isinstance(contents, list) or not contents:
            raise ApiError(400, "* GenerateContentRequest.contents: contents is not specified")
        turns: list[Turn] = []
        instruction = body.get("system_instruction") or body.get("systemInstruction")
        if instruction:
            turns.append(Turn("system", _text(instruction.get("parts") or [])))
        open_calls = 0
        for number, content in enumerate(contents):
            parts = content.get("parts") or []
            results = [part["functionResponse"] for part in parts if "functionResponse" in part]
            if self._strict():
                _check(content, parts, open_calls, len(results))
            open_calls = sum("functionCall" in part for part in parts)
            turns.extend(Turn("tool", _result(result)) for result in results)
            if content.get("role") == "model":
                turns.append(Turn("assistant", _text(parts), _calls(parts, number)))
            elif not results:
                turns.append(Turn("user", _text(parts)))
        if self._strict():
            _check_declarations(body)
        if self._strict() and str(body.get("model", "")).startswith("gemini-3"):
            _check_signatures(contents)
        return turns

    def whole(self, body: Json, reply: Reply, serial: int) -> Json:
        signed = str(body.get("model", "")).startswith("gemini-3")
        parts: list[Json] = []
        if reply.reasoning:
            parts.append({"text": reply.reasoning, "thought": True})
        if reply.text:
            parts.append({"text": reply.text})
        parts.extend(_call_parts(reply, signed=signed))
        return _chunk(body, reply, serial, parts, finish=True)

    async def events(self, body: Json, reply: Reply, serial: int) -> AsyncIterator[bytes]:
        signed = str(body.get("model", "")).startswith("gemini-3")
        for piece in halves(reply.reasoning):
            part = {"text": piece, "thought": True}
            yield sse(_chunk(body, reply, serial, [part], finish=False))
        async for piece in reply.paced():
            yield sse(_chunk(body, reply, serial, [{"text": piece}], finish=False))
        calls = _call_parts(reply, signed=signed)
        yield sse(_chunk(body, reply, serial, calls or [{"text": ""}], finish=True))

    def error(self, error: ApiError) -> Json:
        status = STATUS_NAMES.get(error.status, "INTERNAL")
        return {"error": {"code": error.status, "message": error.message, "status": status}}

    def error_event(self, error: ApiError) -> bytes:
        return sse(self.error(error))

    def without_content(self) -> Json:
        return {"candidates": [], "usageMetadata": {"promptTokenCount": 1}}


def _check(content: Json, parts: list[Json], open_calls: int, results: int) -> None:
    if content.get("role") not in ("user", "model"):
        raise ApiError(400, "Please use a valid role: user, model.")
    if not parts:
        raise ApiError(400, "* GenerateContentRequest.contents.parts: must not be empty")
    if results != open_calls:
        raise ApiError(
            400,
            "Please ensure that the number of function response parts is equal to the number of "
            "function call parts of the function call turn.",
        )
    for part in parts:
        call: Any = part.get("functionCall") or part.get("functionResponse")
        if call is not None and not call.get("name"):
            raise ApiError(400, "* function_response.name: Name cannot be empty.")
        if "functionCall" in part and not isinstance(call.get("args", {}), dict):
            raise ApiError(400, "Invalid value at 'function_call.args' (Struct)")


def _check_declarations(body: Json) -> None:
    """Refuse schemas that are no part of what the older field takes."""
    for tool in body.get("tools") or ():
        for function in tool.get("functionDeclarations") or ():
            schema = function.get("parameters")
            if schema is None:
                continue
            if "additionalProperties" in schema:
                raise ApiError(400, 'Invalid JSON payload. Unknown name "additionalProperties"')
            if schema.get("type") == "object" and not schema.get("properties"):
                raise ApiError(400, "parameters.properties: should be non-empty for OBJECT type")


def _check_signatures(contents: list[Json]) -> None:
    """Demand the signature of the first call of each round behind the last user text."""
    for content in reversed(contents):
        parts = content.get("parts") or []
        if content.get("role") == "user" and any("text" in part for part in parts):
            return
        calls = [part for part in parts if "functionCall" in part]
        wrong = [part for part in calls if part.get("thoughtSignature") not in _legal(part)]
        if wrong:
            raise ApiError(400, "Corrupted thought signature.")
        if calls and not calls[0].get("thoughtSignature"):
            raise ApiError(
                400, "Function call is missing a thought_signature in functionCall parts."
            )


def _legal(part: Json) -> tuple[str | None, ...]:
    return (None, SKIP_SIGNATURE, _sign(part))


def _sign(part: Json) -> str:
    return f"c2ln{part['functionCall']['name']}"


def _call_parts(reply: Reply, *, signed: bool) -> list[Json]:
    """Give the parts of an answer's calls, the first one signed; none when one is garbled."""
    if reply.is_garbled:
        return []
    parts: list[Json] = [
        {"functionCall": {"name": call.name, "args": call.arguments_object}} for call in reply.calls
    ]
    for part in parts[:1] if signed else ():
        part["thoughtSignature"] = _sign(part)
    return parts


def _calls(parts: list[Json], number: int) -> list[Call]:
    """Read calls; the format gives them no ids."""
    found = [part["functionCall"] for part in parts if "functionCall" in part]
    return [
        Call(f"{number}.{index}", str(call.get("name")), dumps(call.get("args") or {}).decode())
        for index, call in enumerate(found)
    ]


def _text(parts: list[Json]) -> str:
    return "\n".join(str(part["text"]) for part in parts if "text" in part)


def _result(result: Json) -> str:
    response = result.get("response") or {}
    return str(response.get("result", response))


def _reason(reply: Reply) -> str:
    if reply.is_garbled:
        return "MALFORMED_FUNCTION_CALL"
    return "MAX_TOKENS" if reply.finish == "length" else "STOP"


def _chunk(body: Json, reply: Reply, serial: int, parts: list[Json], *, finish: bool) -> Json:
    candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
    usage = {"promptTokenCount": reply.input_tokens, "totalTokenCount": reply.input_tokens}
    if finish:
        candidate["finishReason"] = _reason(reply)
        answered = reply.output_tokens - reply.reasoning_tokens
        usage["candidatesTokenCount"] = answered
        usage["thoughtsTokenCount"] = reply.reasoning_tokens
        usage["totalTokenCount"] += reply.output_tokens
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": body.get("model", "fake-model"),
        "responseId": f"gen_{serial:08d}",
    }
