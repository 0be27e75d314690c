"""The Messages format of Anthropic."""

from llm_async.providers.base import BaseProvider
from llm_async.providers.claude import DEFAULT_MAX_TOKENS

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
from minibot.core.llm import CompletionRequest, FinishReason, Role, ToolSpec, Utterance

REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "refusal": FinishReason.FILTERED,
}

EMPTY_TEXT = "(no text)"
"""The format refuses a message without any text."""


class ClaudeWire:
    """Asks for messages."""

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider

    def address(self, request: CompletionRequest) -> str:
        return f"{self._provider.base_url}/messages"

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        payload: dict[str, object] = {
            "model": request.model,
            "max_tokens": request.max_new_tokens or DEFAULT_MAX_TOKENS,
            "messages": [
                message
                for role, entries in runs(request.messages)
                for message in _messages(role, entries)
            ],
            "stream": True,
        }
        if request.system_prompt:
            payload["system"] = request.system_prompt
        if request.temperature is not None:
            payload["temperature"] = request.temperature
        if request.tools:
            payload["tools"] = format_tools(self._provider, request.tools)
        elif used := _tools_used(request.messages):
            # a history with calls must define tools, also when none may be called any more
            payload["tools"] = format_tools(self._provider, used)
            payload["tool_choice"] = {"type": "none"}
        return payload

    def reader(self, failure_of: FailureOf) -> "ClaudeReader":
        return ClaudeReader(begin_answer(), failure_of)


class ClaudeReader:
    """Reads messages, streamed or whole."""

    def __init__(self, answer: Answer, failure_of: FailureOf) -> None:
        self.answer = answer
        self._failure_of = failure_of
        self._input_tokens = 0

    def read_event(self, event: ServerEvent) -> None:
        fields = as_object(parse(event.data))
        match as_text(fields.get("type")) or event.name:
            case "message_start":
                self._count(as_object(as_object(fields.get("message")).get("usage")))
            case "content_block_start":
                self.answer.started = True
                self._open_block(fields.get("index"), as_object(fields.get("content_block")))
            case "content_block_delta":
                self._read_delta(fields.get("index"), as_object(fields.get("delta")))
            case "message_delta":
                self._count(as_object(fields.get("usage")))
                self._stop(as_object(fields.get("delta")))
            case "message_stop":
                self.answer.end()
            case "error":
                raise self._failure_of(fields.get("error"))

    def read_whole(self, body: object) -> None:
        message = as_object(body)
        if message.get("error"):
            raise self._failure_of(message["error"])
        for index, block in enumerate(as_objects(message.get("content"))):
            self._open_block(index, block)
        self._count(as_object(message.get("usage")))
        self._stop(message)
        self.answer.end()

    def _open_block(self, index: object, block: Object) -> None:
        match block.get("type"):
            case "text":
                self.answer.add_text(block.get("text"))
            case "thinking":
                self.answer.add_reasoning(block.get("thinking"))
            case "tool_use":
                key = as_count(index)
                self.answer.open_call(key, call_id=block.get("id"), name=block.get("name"))
                if block.get("input"):
                    self.answer.add_arguments(key, block["input"])

    def _read_delta(self, index: object, delta: Object) -> None:
        match delta.get("type"):
            case "text_delta":
                self.answer.add_text(delta.get("text"))
            case "thinking_delta":
                self.answer.add_reasoning(delta.get("thinking"))
            case "input_json_delta":
                self.answer.add_arguments(as_count(index), delta.get("partial_json"))

    def _stop(self, fields: Object) -> None:
        reason = as_text(fields.get("stop_reason"))
        if reason:
            self.answer.stop(REASONS.get(reason, FinishReason.OTHER))

    def _count(self, usage: Object) -> None:
        """Add up the input: the format counts what went through the prompt cache apart."""
        cached = as_count(usage.get("cache_read_input_tokens"))
        parts = (usage.get("input_tokens"), usage.get("cache_creation_input_tokens"))
        self.answer.count(
            input_tokens=cached + sum(map(as_count, parts)),
            output_tokens=as_count(usage.get("output_tokens")),
            cached_tokens=cached,
        )


def _messages(role: Role, entries: list[Utterance]) -> list[Object]:
    """Put entries of one role into messages; all results of a round share one."""
    if role is not Role.TOOL:
        return [{"role": role.value, "content": _blocks(entry)} for entry in entries]
    results = [
        {"type": "tool_result", "tool_use_id": entry.tool_call_id, "content": entry.text}
        for entry in entries
    ]
    return [{"role": "user", "content": results}]


def _blocks(entry: Utterance) -> list[Object]:
    blocks: list[Object] = []
    if entry.text.strip():
        blocks.append({"type": "text", "text": entry.text})
    blocks.extend(
        {
            "type": "tool_use",
            "id": call.id,
            "name": call.name,
            "input": arguments_object(call.arguments),
        }
        for call in entry.tool_calls
    )
    return blocks or [{"type": "text", "text": EMPTY_TEXT}]


def _tools_used(messages: tuple[Utterance, ...]) -> list[ToolSpec]:
    names = dict.fromkeys(call.name for entry in messages for call in entry.tool_calls)
    return [ToolSpec(name=name, description="", parameters="{}") for name in names]
