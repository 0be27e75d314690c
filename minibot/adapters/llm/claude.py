"""The Messages format of Anthropic."""

from collections.abc import Iterator, Sequence

from llm_async.models import Tool
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
)
from minibot.adapters.llm.pictures import shown
from minibot.adapters.llm.sse import ServerEvent
from minibot.adapters.llm.wire import (
    CACHE_HERE,
    EMPTY_TEXT,
    FailureOf,
    ToolFormat,
    begin_answer,
    event_fields,
    portable_id,
    runs,
)
from minibot.core.llm import CompletionRequest, FinishReason, Role, ToolSpec, Utterance

REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "refusal": FinishReason.FILTERED,
}

INPUT_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
"""The format counts what goes into and comes out of its prompt cache apart."""


class ClaudeWire:
    """Asks for messages.

    The service keeps nothing for the next question unless told what. It is told in four places,
    as many as it allows: behind the tools, the instructions, the question being answered, and
    the last of the results that came since. So each step of a turn pays for what is new.
    """

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider
        self._tools = ToolFormat(self._shape_tools)

    def address(self, request: CompletionRequest) -> str:
        return f"{self._provider.base_url}/messages"

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        payload: dict[str, object] = {
            "model": request.model,
            "max_tokens": request.max_new_tokens or DEFAULT_MAX_TOKENS,
            "messages": list(_messages(request.messages)),
            "stream": True,
        }
        if request.system_prompt:
            system = {"type": "text", "text": request.system_prompt}
            payload["system"] = [{**system, **CACHE_HERE}]
        if request.temperature is not None:
            payload["temperature"] = request.temperature
        if request.tools:
            payload["tools"] = self._tools(request.tools)
        elif used := _tools_used(request.messages):
            # a history with calls must define tools, also when none may be called any more
            payload["tools"] = self._tools(used)
            payload["tool_choice"] = {"type": "none"}
        return payload

    def reader(self, model: str, failure_of: FailureOf) -> "ClaudeReader":
        return ClaudeReader(begin_answer(), failure_of)

    def _shape_tools(self, tools: list[Tool]) -> list[dict[str, object]]:
        shaped = self._provider._format_tools(tools)
        return [*shaped[:-1], *({**last, **CACHE_HERE} for last in shaped[-1:])]


class ClaudeReader:
    """Reads messages, streamed or whole."""

    def __init__(self, answer: Answer, failure_of: FailureOf) -> None:
        self.answer = answer
        self._failure_of = failure_of
        self._input = dict.fromkeys(INPUT_COUNTS, 0)

    def read_event(self, event: ServerEvent) -> None:
        fields = event_fields(event)
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
        """Add up the input; a later report may leave out what an earlier one said."""
        for name in INPUT_COUNTS:
            self._input[name] = as_count(usage.get(name)) or self._input[name]
        self.answer.count(
            input_tokens=sum(self._input.values()),
            output_tokens=as_count(usage.get("output_tokens")),
            cached_tokens=self._input["cache_read_input_tokens"],
        )


def _messages(entries: Sequence[Utterance]) -> Iterator[Object]:
    """Put entries into messages; all results of a round share one."""
    users = (n for n, entry in enumerate(entries) if entry.role is Role.USER)
    marked = {max(users, default=-1), len(entries) - 1}
    number = 0
    for role, run in runs(entries):
        places = range(number, number + len(run))
        number += len(run)
        if role is Role.TOOL:
            results = [_result(entry) for entry in run]
            yield {"role": "user", "content": _marked(results, places[-1] in marked)}
            continue
        for place, entry in zip(places, run, strict=True):
            yield {"role": role.value, "content": _marked(_blocks(entry), place in marked)}


def _marked(blocks: list[Object], is_marked: bool) -> list[Object]:
    return [*blocks[:-1], {**blocks[-1], **CACHE_HERE}] if is_marked else blocks


def _result(entry: Utterance) -> Object:
    result = {"type": "tool_result", "tool_use_id": portable_id(entry.tool_call_id)}
    return {**result, "content": entry.text} if entry.text else result


def _blocks(entry: Utterance) -> list[Object]:
    text, pictures = shown(entry)
    # Anthropic, "Vision": pictures work best in front of what is said about them
    blocks: list[Object] = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": each.mime_type, "data": each.base64},
        }
        for each in pictures
    ]
    if text.strip():
        blocks.append({"type": "text", "text": text})
    blocks.extend(
        {
            "type": "tool_use",
            "id": portable_id(call.id),
            "name": call.name,
            "input": arguments_object(call.arguments),
        }
        for call in entry.tool_calls
    )
    return blocks or [{"type": "text", "text": EMPTY_TEXT}]


def _tools_used(messages: Sequence[Utterance]) -> tuple[ToolSpec, ...]:
    names = dict.fromkeys(call.name for entry in messages for call in entry.tool_calls)
    return tuple(ToolSpec(name=name, description="", parameters="{}") for name in names)
