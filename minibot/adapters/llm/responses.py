"""The Responses format of OpenAI."""

from llm_async.models import Tool
from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.answer import Answer
from minibot.adapters.llm.fields import (
    Object,
    as_count,
    as_object,
    as_objects,
    as_text,
)
from minibot.adapters.llm.pictures import shown
from minibot.adapters.llm.sse import ServerEvent
from minibot.adapters.llm.wire import (
    FailureOf,
    ToolFormat,
    begin_answer,
    event_fields,
    portable_id,
    readable_arguments,
)
from minibot.core.llm import CompletionRequest, FinishReason, Role, Utterance

TEXT_EVENTS = frozenset({"response.output_text.delta", "response.refusal.delta"})
REASONING_EVENTS = frozenset(
    {"response.reasoning_summary_text.delta", "response.reasoning_text.delta"}
)
END_EVENTS = frozenset({"response.completed", "response.incomplete", "response.failed"})


class ResponsesWire:
    """Asks for responses; the server is told not to keep them.

    Calls are sent back without the ids of their items, so that the server does not look for the
    reasoning that belonged to them. Reasoning could come back encrypted, but it opens with the
    key and the model it was made with alone: changing either would have every later question of
    the conversation refused.
    """

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider
        self._tools = ToolFormat(self._shape_tools)

    def address(self, request: CompletionRequest) -> str:
        return f"{self._provider.base_url}/responses"

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        payload: dict[str, object] = {
            "model": request.model,
            "input": [item for entry in request.messages for item in _items(entry)],
            "stream": True,
            "store": False,
        }
        if request.system_prompt:
            payload["instructions"] = request.system_prompt
        if request.tools:
            payload["tools"] = self._tools(request.tools)
        if request.temperature is not None:
            payload["temperature"] = request.temperature
        if request.max_new_tokens is not None:
            payload["max_output_tokens"] = request.max_new_tokens
        return payload

    def reader(self, model: str, failure_of: FailureOf) -> "ResponsesReader":
        return ResponsesReader(begin_answer(), failure_of)

    def _shape_tools(self, tools: list[Tool]) -> list[dict[str, object]]:
        # strict demands that every parameter is required, which ours need not be
        return [{**tool, "strict": False} for tool in self._provider._format_tools(tools)]


class ResponsesReader:
    """Reads responses, streamed or whole."""

    def __init__(self, answer: Answer, failure_of: FailureOf) -> None:
        self.answer = answer
        self._failure_of = failure_of

    def read_event(self, event: ServerEvent) -> None:
        if event.data.strip() == b"[DONE]":
            return  # some compatible servers end their streams as they do elsewhere
        fields = event_fields(event)
        kind = as_text(fields.get("type")) or event.name
        if kind in TEXT_EVENTS:
            self.answer.add_text(fields.get("delta"))
        elif kind in REASONING_EVENTS:
            self.answer.add_reasoning(fields.get("delta"))
        elif kind == "response.output_item.added":
            self.answer.started = True
        elif kind == "response.output_item.done":
            self._read_call(as_object(fields.get("item")))
        elif kind in END_EVENTS:
            self._read_end(as_object(fields.get("response")))
        elif kind == "error" or fields.get("error"):
            raise self._failure_of(fields.get("error") or fields)

    def read_whole(self, body: object) -> None:
        self._read_end(as_object(body))

    def _read_end(self, response: Object) -> None:
        status = as_text(response.get("status"))
        if response.get("error") or status in ("failed", "cancelled"):
            raise self._failure_of(response.get("error") or {"message": "the response failed"})
        if self.answer.is_blank:
            for item in as_objects(response.get("output")):
                self._read_item(item)
        self._count(as_object(response.get("usage")))
        self.answer.stop(_reason(response))
        self.answer.end()

    def _read_item(self, item: Object) -> None:
        """Read an output item that was not streamed."""
        if item.get("type") == "reasoning":
            for part in as_objects(item.get("summary")):
                self.answer.add_reasoning(part.get("text"))
        for part in as_objects(item.get("content")):
            if part.get("type") in ("output_text", "text"):
                self.answer.add_text(part.get("text"))
            elif part.get("type") == "refusal":
                self.answer.add_text(part.get("refusal"))
        self._read_call(item)

    def _read_call(self, item: Object) -> None:
        if item.get("type") == "function_call":
            call_id = item.get("call_id") or item.get("id")
            key = (as_text(item.get("id")), as_text(call_id))
            self.answer.open_call(key, call_id=call_id, name=item.get("name"))
            self.answer.add_arguments(key, item.get("arguments"))

    def _count(self, usage: Object) -> None:
        read = as_object(usage.get("input_tokens_details"))
        written = as_object(usage.get("output_tokens_details"))
        self.answer.count(
            input_tokens=as_count(usage.get("input_tokens")),
            output_tokens=as_count(usage.get("output_tokens")),
            cached_tokens=as_count(read.get("cached_tokens")),
            reasoning_tokens=as_count(written.get("reasoning_tokens")),
        )


def _items(entry: Utterance) -> list[Object]:
    if entry.role is Role.TOOL:
        output = {"call_id": portable_id(entry.tool_call_id), "output": entry.text}
        return [{"type": "function_call_output", **output}]
    items: list[Object] = []
    if entry.text or not entry.tool_calls:
        items.append({"role": entry.role.value, "content": _content(entry)})
    items.extend(
        {
            "type": "function_call",
            "call_id": portable_id(call.id),
            "name": call.name,
            "arguments": readable_arguments(call.arguments),
        }
        for call in entry.tool_calls
    )
    return items


def _content(entry: Utterance) -> object:
    if not entry.pictures:
        return entry.text
    text, pictures = shown(entry)
    parts: list[Object] = [{"type": "input_text", "text": text}] if text else []
    parts += [{"type": "input_image", "image_url": each.data_url} for each in pictures]
    return parts


def _reason(response: Object) -> FinishReason:
    why = as_text(as_object(response.get("incomplete_details")).get("reason"))
    if why == "content_filter":
        return FinishReason.FILTERED
    if why or response.get("status") == "incomplete":
        return FinishReason.LENGTH
    return FinishReason.STOP
