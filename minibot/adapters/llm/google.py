"""The generateContent format of Google's Gemini API."""

from collections import OrderedDict
from collections.abc import Iterator

from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.answer import Answer
from minibot.adapters.llm.fields import (
    Object,
    arguments_object,
    as_count,
    as_object,
    as_objects,
    as_text,
    parse,
)
from minibot.adapters.llm.sse import ServerEvent
from minibot.adapters.llm.wire import FailureOf, begin_answer, format_tools, runs
from minibot.core.errors import ModelRequestRefused
from minibot.core.llm import CompletionRequest, FinishReason, Role, ToolCall, Utterance

FILTERS = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "LANGUAGE"}
)
NO_SIGNATURE = "skip_thought_signature_validator"
"""What the API takes in place of the signature of a call that was made elsewhere."""

MAX_SIGNATURES = 1024


class GoogleWire:
    """Asks for generated content.

    Models from Gemini 3 on sign their tool calls and refuse a history without the signatures.
    Only those of the running turn are checked, so they are kept in memory; a call from before
    a restart is sent with the mark that the API has for that.
    """

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider
        base = str(provider.base_url).rstrip("/")
        self._base = base if base.endswith("/models") else f"{base}/models"
        self._signatures: OrderedDict[str, str] = OrderedDict()

    def address(self, request: CompletionRequest) -> str:
        model = request.model.removeprefix("models/")
        return f"{self._base}/{model}:streamGenerateContent?alt=sse"

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
            payload["tools"] = format_tools(self._provider, request.tools)
        return payload

    def reader(self, failure_of: FailureOf) -> "GoogleReader":
        return GoogleReader(begin_answer(), failure_of, self._signatures)

    def _contents(self, request: CompletionRequest) -> Iterator[Object]:
        names = {call.id: call.name for entry in request.messages for call in entry.tool_calls}
        signs = not request.model.removeprefix("models/").startswith(("gemini-1", "gemini-2"))
        for role, entries in runs(request.messages):
            if role is Role.TOOL:
                results = [_result(entry, names.get(entry.tool_call_id, "")) for entry in entries]
                yield {"role": "user", "parts": results}
                continue
            for entry in entries:
                parts = [{"text": entry.text}] if entry.text or not entry.tool_calls else []
                calls = [self._call(call, signs=signs) for call in entry.tool_calls]
                yield {
                    "role": "model" if role is Role.ASSISTANT else "user",
                    "parts": parts + calls,
                }

    def _call(self, call: ToolCall, *, signs: bool) -> dict[str, object]:
        function = {"name": call.name, "args": arguments_object(call.arguments)}
        signature = self._signatures.get(call.id) or (NO_SIGNATURE if signs else "")
        part: dict[str, object] = {"functionCall": function}
        return {**part, "thoughtSignature": signature} if signature else part


class GoogleReader:
    """Reads generated content, streamed or whole."""

    def __init__(
        self, answer: Answer, failure_of: FailureOf, signatures: OrderedDict[str, str]
    ) -> None:
        self.answer = answer
        self._failure_of = failure_of
        self._signatures = signatures
        self._calls = 0

    def read_event(self, event: ServerEvent) -> None:
        self._read(as_object(parse(event.data)))

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
        if reason:
            self.answer.stop(_reason(reason))

    def _read_call(self, part: Object) -> None:
        function = as_object(part["functionCall"])
        key = self._calls
        self._calls += 1
        call_id = as_text(function.get("id")) or self.answer.make_call_id(key)
        self.answer.open_call(key, call_id=call_id, name=function.get("name"))
        self.answer.add_arguments(key, as_object(function.get("args")))
        signature = as_text(part.get("thoughtSignature"))
        if signature:
            self._signatures[call_id] = signature
            while len(self._signatures) > MAX_SIGNATURES:
                self._signatures.popitem(last=False)

    def _count(self, usage: Object) -> None:
        thoughts = as_count(usage.get("thoughtsTokenCount"))
        self.answer.count(
            input_tokens=as_count(usage.get("promptTokenCount")),
            output_tokens=as_count(usage.get("candidatesTokenCount")) + thoughts,
            cached_tokens=as_count(usage.get("cachedContentTokenCount")),
            reasoning_tokens=thoughts,
        )


def _result(entry: Utterance, name: str) -> Object:
    return {"functionResponse": {"name": name, "response": {"result": entry.text}}}


def _reason(said: str) -> FinishReason:
    if said in FILTERS:
        return FinishReason.FILTERED
    if said == "MAX_TOKENS":
        return FinishReason.LENGTH
    return FinishReason.STOP if said == "STOP" else FinishReason.OTHER
