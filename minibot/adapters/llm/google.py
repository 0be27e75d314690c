"""The generateContent format of Google's Gemini API."""

from collections.abc import Iterator

from llm_async.models import Tool
from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.answer import Answer
from minibot.adapters.llm.fields import (
    Object,
    arguments_object,
    as_count,
    as_object,
    as_objects,
    as_text,
)
from minibot.adapters.llm.pictures import shown
from minibot.adapters.llm.signature import NO_SIGNATURE, demands_signatures, sealed, unsealed
from minibot.adapters.llm.sse import ServerEvent
from minibot.adapters.llm.wire import (
    EMPTY_TEXT,
    FailureOf,
    ToolFormat,
    begin_answer,
    event_fields,
    runs,
)
from minibot.core.errors import ModelReplyInvalid, ModelRequestRefused
from minibot.core.llm import CompletionRequest, FinishReason, Role, ToolCall, Utterance

FILTERS = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "LANGUAGE"}
)
BROKEN_CALLS = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"})
"""Reasons to stop that leave a call out of the answer."""

FORM = "google"
"""The name under which signatures are kept."""


class GoogleWire:
    """Asks for generated content.

    Models from Gemini 3 on sign the first call of each answer and refuse a history without the
    signatures. A call that another model made is sent with the mark that the API has for that.
    """

    def __init__(self, provider: BaseProvider) -> None:
        self._tools = ToolFormat(_shape_tools)
        base = str(provider.base_url).rstrip("/")
        self._base = base if base.endswith("/models") else f"{base}/models"

    def address(self, request: CompletionRequest) -> str:
        return f"{self._base}/{_plain(request.model)}:streamGenerateContent?alt=sse"

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        payload: dict[str, object] = {"contents": list(self._contents(request))}
        if request.system_prompt:
            payload["system_instruction"] = {"parts": [{"text": request.system_prompt}]}
        config = {
            "temperature": request.temperature,
            "maxOutputTokens": request.max_new_tokens,
        }
        if stated := {key: value for key, value in config.items() if value is not None}:
            payload["generationConfig"] = stated
        if request.tools:
            payload["tools"] = self._tools(request.tools)
        return payload

    def reader(self, model: str, failure_of: FailureOf) -> "GoogleReader":
        return GoogleReader(begin_answer(), failure_of, model=_plain(model))

    def _contents(self, request: CompletionRequest) -> Iterator[Object]:
        names = {call.id: call.name for entry in request.messages for call in entry.tool_calls}
        model = _plain(request.model)
        for role, entries in runs(request.messages):
            if role is Role.TOOL:
                results = [_result(entry, names.get(entry.tool_call_id, "")) for entry in entries]
                yield {"role": "user", "parts": results}
                continue
            for entry in entries:
                parts = [*_said(entry), *_calls(entry.tool_calls, model)]
                yield {"role": "model" if role is Role.ASSISTANT else "user", "parts": parts}


class GoogleReader:
    """Reads generated content, streamed or whole."""

    def __init__(self, answer: Answer, failure_of: FailureOf, *, model: str) -> None:
        self.answer = answer
        self._failure_of = failure_of
        self._model = model
        self._calls = 0

    def read_event(self, event: ServerEvent) -> None:
        self._read(event_fields(event))

    def read_whole(self, body: object) -> None:
        for chunk in as_objects(body if isinstance(body, list) else [body]):
            self._read(chunk)
        self.answer.end()

    def _read(self, chunk: Object) -> None:
        if chunk.get("error"):
            raise self._failure_of(chunk["error"])
        blocked = as_text(as_object(chunk.get("promptFeedback")).get("blockReason"))
        if blocked:
            raise ModelRequestRefused(
                f"the provider's filter refused the question ({blocked[:40]})"
            )
        self._count(as_object(chunk.get("usageMetadata")))
        for candidate in as_objects(chunk.get("candidates")):
            if candidate.get("index") in (0, None):
                self._read_candidate(candidate)

    def _read_candidate(self, candidate: Object) -> None:
        for part in as_objects(as_object(candidate.get("content")).get("parts")):
            if part.get("functionCall"):
                self._read_call(part)
            elif part.get("thought"):
                self.answer.add_reasoning(part.get("text"))
            else:
                self.answer.add_text(part.get("text"))
        reason = as_text(candidate.get("finishReason"))
        if reason in BROKEN_CALLS:
            raise ModelReplyInvalid("the model made a tool call that cannot be read")
        if reason:
            self.answer.stop(_reason(reason))

    def _read_call(self, part: Object) -> None:
        function = as_object(part["functionCall"])
        key = self._calls
        self._calls += 1
        call_id = as_text(function.get("id")) or self.answer.make_call_id(key)
        call = self.answer.open_call(key, call_id=call_id, name=function.get("name"))
        self.answer.add_arguments(key, as_object(function.get("args")))
        call.signature = sealed(FORM, self._model, as_text(part.get("thoughtSignature")))

    def _count(self, usage: Object) -> None:
        thoughts = as_count(usage.get("thoughtsTokenCount"))
        self.answer.count(
            input_tokens=as_count(usage.get("promptTokenCount")),
            output_tokens=as_count(usage.get("candidatesTokenCount")) + thoughts,
            cached_tokens=as_count(usage.get("cachedContentTokenCount")),
            reasoning_tokens=thoughts,
        )


def _plain(model: str) -> str:
    return model.removeprefix("models/")


def _said(entry: Utterance) -> list[Object]:
    text, pictures = shown(entry)
    parts: list[Object] = [
        {"inlineData": {"mimeType": each.mime_type, "data": each.base64}} for each in pictures
    ]
    if text.strip():
        parts.append({"text": text})
    return parts if parts or entry.tool_calls else [{"text": EMPTY_TEXT}]


def _calls(calls: tuple[ToolCall, ...], model: str) -> Iterator[Object]:
    signatures = [unsealed(call, FORM, model) for call in calls]
    if signatures and not any(signatures) and demands_signatures(model):
        signatures[0] = NO_SIGNATURE
    for call, signature in zip(calls, signatures, strict=True):
        function = {"name": call.name, "args": arguments_object(call.arguments)}
        part: dict[str, object] = {"functionCall": function}
        yield {**part, "thoughtSignature": signature} if signature else part


def _shape_tools(tools: list[Tool]) -> list[dict[str, object]]:
    """Put tools into the API's shape.

    The older field `parameters` takes a part of JSON Schema only, and refuses an object that
    names no properties: one tool without arguments would have every question refused.
    """
    declared = [
        {
            "name": tool.name,
            "description": tool.description or "",
            "parametersJsonSchema": tool.parameters,
        }
        for tool in tools
    ]
    return [{"functionDeclarations": declared}]


def _result(entry: Utterance, name: str) -> Object:
    return {"functionResponse": {"name": name, "response": {"result": entry.text}}}


def _reason(said: str) -> FinishReason:
    if said in FILTERS:
        return FinishReason.FILTERED
    if said == "MAX_TOKENS":
        return FinishReason.LENGTH
    return FinishReason.STOP if said == "STOP" else FinishReason.OTHER
