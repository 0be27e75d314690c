"""The chat completions format: OpenAI, OpenRouter and every compatible server."""

from llm_async import OpenAIProvider
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
from minibot.adapters.llm.thinking import ThinkingSplitter
from minibot.adapters.llm.wire import FailureOf, begin_answer, format_tools
from minibot.core.llm import CompletionRequest, FinishReason, Role, Utterance

REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.FILTERED,
}


class ChatWire:
    """Asks for chat completions."""

    def __init__(self, provider: BaseProvider) -> None:
        self._provider = provider
        own_address = provider.base_url == OpenAIProvider.BASE_URL
        self._limit_key = "max_completion_tokens" if own_address else "max_tokens"

    def address(self, request: CompletionRequest) -> str:
        return f"{self._provider.base_url}/chat/completions"

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        messages: list[Object] = []
        if request.system_prompt:
            messages.append({"role": "system", "content": request.system_prompt})
        messages.extend(map(_message, request.messages))
        payload: dict[str, object] = {
            "model": request.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.tools:
            payload["tools"] = format_tools(self._provider, request.tools)
        if request.temperature is not None:
            payload["temperature"] = request.temperature
        if request.max_new_tokens is not None:
            payload[self._limit_key] = request.max_new_tokens
        return payload

    def reader(self, failure_of: FailureOf) -> "ChatReader":
        return ChatReader(begin_answer(), failure_of)


class ChatReader:
    """Reads chat completions, streamed or whole."""

    def __init__(self, answer: Answer, failure_of: FailureOf) -> None:
        self.answer = answer
        self._failure_of = failure_of
        self._thinking = ThinkingSplitter(answer)
        self._current_call: object = None
        """The key of the call that the last delta belonged to."""

    def read_event(self, event: ServerEvent) -> None:
        if event.data.strip() == b"[DONE]":
            self._thinking.end()
            self.answer.end()
            return
        self._read(as_object(parse(event.data)))

    def read_whole(self, body: object) -> None:
        self._read(as_object(body))
        self._thinking.end()
        self.answer.end()

    def _read(self, chunk: Object) -> None:
        if chunk.get("error"):
            raise self._failure_of(chunk["error"])
        self._count(as_object(chunk.get("usage")))
        for choice in as_objects(chunk.get("choices")):
            if choice.get("index") in (0, None):
                self._read_choice(choice)

    def _read_choice(self, choice: Object) -> None:
        delta = as_object(choice.get("delta")) or as_object(choice.get("message"))
        self.answer.add_reasoning(delta.get("reasoning_content") or delta.get("reasoning"))
        self._thinking.add(as_text(delta.get("content")))
        self._thinking.add(as_text(delta.get("refusal")))
        for call in as_objects(delta.get("tool_calls")):
            self._read_call(call)
        reason = as_text(choice.get("finish_reason"))
        if reason:
            self._thinking.end()
            self.answer.stop(REASONS.get(reason, FinishReason.OTHER))

    def _read_call(self, call: Object) -> None:
        """Tell the calls apart by index, and by id where a server gives all the same index."""
        function = as_object(call.get("function"))
        call_id, name = as_text(call.get("id")), as_text(function.get("name"))
        index = call.get("index")
        key: object = index if isinstance(index, int) else (call_id or self._current_call)
        known = self.answer.find_call(key)
        if known is None or (call_id and known.id and call_id != known.id):
            key = (key, call_id) if known else key
            self.answer.open_call(key, call_id=call_id, name=name)
        elif known.name == "":
            known.name = name
        self._current_call = key
        self.answer.add_arguments(key, function.get("arguments"))

    def _count(self, usage: Object) -> None:
        prompt = as_object(usage.get("prompt_tokens_details"))
        completion = as_object(usage.get("completion_tokens_details"))
        self.answer.count(
            input_tokens=as_count(usage.get("prompt_tokens")),
            output_tokens=as_count(usage.get("completion_tokens")),
            cached_tokens=as_count(prompt.get("cached_tokens")),
            reasoning_tokens=as_count(completion.get("reasoning_tokens")),
        )


def _message(entry: Utterance) -> Object:
    if entry.role is Role.TOOL:
        return {"role": "tool", "tool_call_id": entry.tool_call_id, "content": entry.text}
    message: dict[str, object] = {"role": entry.role.value, "content": entry.text}
    if entry.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": readable_arguments(call.arguments)},
            }
            for call in entry.tool_calls
        ]
    return message


def readable_arguments(arguments: str) -> str:
    """Give the arguments of a past call as they were, unless they are no JSON object.

    Several servers answer 500 to a history that holds such a call.
    """
    return arguments if arguments_object(arguments) else "{}"
