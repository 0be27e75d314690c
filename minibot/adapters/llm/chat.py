"""The chat completions format: OpenAI, OpenRouter and every compatible server."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from llm_async import OpenAIProvider, OpenRouterProvider
from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.answer import Answer, PartialCall
from minibot.adapters.llm.fields import (
    Object,
    as_count,
    as_object,
    as_objects,
    as_text,
    dump,
    parse,
)
from minibot.adapters.llm.pictures import shown
from minibot.adapters.llm.signature import NO_SIGNATURE, demands_signatures, sealed, unsealed
from minibot.adapters.llm.sse import ServerEvent
from minibot.adapters.llm.thinking import ThinkingSplitter
from minibot.adapters.llm.wire import (
    CACHE_HERE,
    EMPTY_TEXT,
    LONGEST_ID,
    FailureOf,
    ToolFormat,
    begin_answer,
    event_fields,
    portable_id,
    readable_arguments,
)
from minibot.core.errors import ModelReplyInvalid
from minibot.core.llm import CompletionRequest, FinishReason, Role, ToolCall, Utterance

REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "model_length": FinishReason.LENGTH,
    "content_filter": FinishReason.FILTERED,
}
BROKEN_OFF = frozenset({"error", "insufficient_system_resource"})
"""Reasons to stop with which OpenRouter, Mistral and DeepSeek own up to half an answer."""


class ChatWire:
    """Asks for chat completions."""

    def __init__(self, provider: BaseProvider) -> None:
        self._base = str(provider.base_url)
        self._tools = ToolFormat(provider._format_tools)
        self._is_openai = provider.base_url == OpenAIProvider.BASE_URL
        self._is_openrouter = isinstance(provider, OpenRouterProvider)
        self._is_google = (urlsplit(self._base).hostname or "").endswith(".googleapis.com")
        self._form = "openrouter" if self._is_openrouter else "chat"

    def address(self, request: CompletionRequest) -> str:
        return f"{self._base}/chat/completions"

    def payload(self, request: CompletionRequest) -> dict[str, object]:
        payload: dict[str, object] = {
            "model": request.model,
            "messages": list(self._messages(request)),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.tools:
            payload["tools"] = self._tools(request.tools)
        if request.temperature is not None:
            payload["temperature"] = request.temperature
        if request.max_new_tokens is not None:
            limit = "max_completion_tokens" if self._is_openai else "max_tokens"
            payload[limit] = request.max_new_tokens
        return payload

    def reader(self, model: str, failure_of: FailureOf) -> "ChatReader":
        return ChatReader(begin_answer(), failure_of, form=self._form, model=model)

    def _messages(self, request: CompletionRequest) -> Iterator[Object]:
        """Put the conversation into messages.

        Of the models behind OpenRouter only Anthropic's have to be told what to keep in their
        cache; the other providers see to that themselves.
        """
        marks = self._is_openrouter and request.model.startswith("anthropic/")
        if request.system_prompt:
            yield {"role": "system", "content": _content(request.system_prompt, marked=marks)}
        users = (n for n, entry in enumerate(request.messages) if entry.role is Role.USER)
        last_question = max(users, default=-1) if marks else -1
        tool, user = Role.TOOL, Role.USER
        for number, entry in enumerate(request.messages):
            if entry.role is tool:
                call_id = self._id(entry.tool_call_id)
                yield {"role": "tool", "tool_call_id": call_id, "content": entry.text}
            elif entry.tool_calls:
                yield self._calls(entry, request.model)
            elif entry.role is user:
                is_last = number == last_question
                said = (
                    _content_of(entry, marked=is_last) if entry.pictures or is_last else entry.text
                )
                yield {"role": "user", "content": said}
            else:
                yield {"role": "assistant", "content": entry.text}

    def _calls(self, entry: Utterance, model: str) -> Object:
        kept = [_kept(unsealed(call, self._form, model)) for call in entry.tool_calls]
        beside = [dict(as_object(each.get("call"))) for each in kept]
        if self._is_google and demands_signatures(model) and not any(beside):
            beside[0] = {"extra_content": {"google": {"thought_signature": NO_SIGNATURE}}}
        calls = [
            {**self._call(call), **more}
            for call, more in zip(entry.tool_calls, beside, strict=True)
        ]
        # without words null is what the services themselves write; some refuse an empty text
        message = {"role": "assistant", "content": entry.text or None, "tool_calls": calls}
        return {**message, **as_object(kept[0].get("message"))}

    def _call(self, call: ToolCall) -> dict[str, object]:
        function = {"name": call.name, "arguments": readable_arguments(call.arguments)}
        return {"id": self._id(call.id), "type": "function", "function": function}

    def _id(self, call_id: str) -> str:
        """Give a call's id; some models read their own, so only OpenAI gets any odd one anew."""
        if self._is_openai or len(call_id) > LONGEST_ID:
            return portable_id(call_id)
        return call_id


class ChatReader:
    """Reads chat completions, streamed or whole."""

    def __init__(self, answer: Answer, failure_of: FailureOf, *, form: str, model: str) -> None:
        self.answer = answer
        self._failure_of = failure_of
        self._thinking = ThinkingSplitter(answer)
        self._current_call: object = None
        """The key of the call that the last delta belonged to."""
        self._keepsakes = Keepsakes(form, model)

    def read_event(self, event: ServerEvent) -> None:
        if event.data.strip() == b"[DONE]":
            self._end()
            return
        self._read(event_fields(event))

    def read_whole(self, body: object) -> None:
        self._read(as_object(body))
        self._end()

    def _end(self) -> None:
        self._thinking.end()
        self.answer.end()

    def _read(self, chunk: Object) -> None:
        if chunk.get("error"):
            raise self._failure_of(chunk["error"])
        if usage := as_object(chunk.get("usage")):
            self._count(usage)
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
        self._keepsakes.read(delta)
        reason = as_text(choice.get("finish_reason"))
        if reason in BROKEN_OFF:
            raise ModelReplyInvalid("the provider gave up in mid-answer")
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
            known = self.answer.find_call(key) or self.answer.open_call(
                key, call_id=call_id, name=name
            )
        elif known.name == "":
            known.name = name
        self._current_call = key
        self.answer.add_arguments(key, function.get("arguments"))
        self._keepsakes.read_call(known, call)

    def _count(self, usage: Object) -> None:
        prompt = as_object(usage.get("prompt_tokens_details"))
        completion = as_object(usage.get("completion_tokens_details"))
        # three names for the same: OpenAI's, DeepSeek's and Moonshot's
        cached = (
            prompt.get("cached_tokens"),
            usage.get("prompt_cache_hit_tokens"),
            usage.get("cached_tokens"),
        )
        self.answer.count(
            input_tokens=as_count(usage.get("prompt_tokens")),
            output_tokens=as_count(usage.get("completion_tokens")),
            cached_tokens=max(map(as_count, cached)),
            reasoning_tokens=as_count(completion.get("reasoning_tokens")),
        )


class Keepsakes:
    """What some services want to see again beside an answer's calls, or refuse the history.

    DeepSeek and Moonshot want the reasoning; Google's models want their signatures, which come
    in `extra_content` from Google's own address, and among OpenRouter's details. What belongs
    to the message is kept in its first call.
    """

    def __init__(self, form: str, model: str) -> None:
        self._form = form
        self._model = model
        self._wants_details = form == "openrouter" and model.startswith("google/")
        self._calls: list[PartialCall] = []
        self._beside: dict[int, Object] = {}
        """By the place of a call: what stood in it."""
        self._reasoning: list[str] = []
        self._details: list[Object] = []

    def read_call(self, call: PartialCall, said: Object) -> None:
        known = next((n for n, each in enumerate(self._calls) if each is call), None)
        if known is None:
            known = len(self._calls)
            self._calls.append(call)
            self._sign(known)
        extra = as_object(said.get("extra_content"))
        if extra:
            self._beside[known] = {"extra_content": extra}
            self._sign(known)

    def read(self, delta: Object) -> None:
        """Read what a piece of the message holds beside text and calls, mostly nothing."""
        if "reasoning_content" not in delta and not self._wants_details:
            return
        reasoning = as_text(delta.get("reasoning_content"))
        details = [
            item
            for item in as_objects(delta.get("reasoning_details"))
            if self._wants_details and item.get("type") == "reasoning.encrypted"
        ]
        if reasoning or details:
            self._reasoning.append(reasoning)
            self._details.extend(details)
            if self._calls:
                self._sign(0)

    def _sign(self, place: int) -> None:
        message: dict[str, object] = {}
        if place == 0 and self._form == "chat" and any(self._reasoning):
            message["reasoning_content"] = "".join(self._reasoning)
        if place == 0 and self._details:
            message["reasoning_details"] = self._details
        kept = {"message": message, "call": self._beside.get(place, {})}
        said = dump({name: value for name, value in kept.items() if value}).decode()
        if said != "{}":
            self._calls[place].signature = sealed(self._form, self._model, said)


def _kept(signature: str) -> Object:
    return as_object(parse(signature.encode())) if signature else {}


def _content_of(entry: Utterance, *, marked: bool) -> object:
    """Give what a question says, and in parts where it shows something as well."""
    if not entry.pictures:
        return _content(entry.text, marked=marked)
    text, pictures = shown(entry)
    parts: list[Object] = [
        {"type": "image_url", "image_url": {"url": each.data_url}} for each in pictures
    ]
    words: Object = {"type": "text", "text": text or EMPTY_TEXT}
    return [*parts, {**words, **CACHE_HERE} if marked else words]


def _content(text: str, *, marked: bool) -> object:
    return [{"type": "text", "text": text, **CACHE_HERE}] if marked and text else text
