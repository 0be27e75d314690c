"""One answer while it arrives, put together from what a wire format's reader finds in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from minibot.adapters.llm.fields import as_json_text, as_text, parse
from minibot.core.errors import ModelReplyInvalid, ModelRequestRefused
from minibot.core.llm import (
    Finished,
    FinishReason,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCall,
    ToolCallReady,
    Usage,
    UsageReport,
)


@dataclass(slots=True)
class PartialCall:
    """A tool call of which more may come."""

    id: str
    name: str
    arguments: list[str] = field(default_factory=list)
    signature: str = ""
    """What the provider wants to see again beside it, sealed."""


class Answer:
    """Collects text, reasoning, tool calls, usage and the reason of the end.

    Text and reasoning go on at once, through `take`; tool calls, usage and the reason come from
    `finish`, which also refuses an answer that is cut or empty.
    """

    def __init__(self, *, call_prefix: str) -> None:
        self.started = False
        """True once the model produced anything: it thinks, speaks or calls."""
        self.ended = False
        """True once nothing more can come: the wire format's own end mark was read."""
        self.usage: Usage | None = None
        self._reason: FinishReason | None = None
        self._ready: list[StreamEvent] = []
        self._has_text = False
        self._calls: dict[object, PartialCall] = {}
        self._call_prefix = call_prefix

    def add_text(self, piece: object) -> None:
        text = as_text(piece)
        if text:
            self.started = True
            self._has_text = self._has_text or not text.isspace()
            self._ready.append(TextDelta(text))

    def add_reasoning(self, piece: object) -> None:
        text = as_text(piece)
        if text:
            self.started = True
            self._ready.append(ReasoningDelta(text))

    def open_call(self, key: object, *, call_id: object, name: object) -> PartialCall:
        """Begin a tool call; `key` is how the wire format tells several apart."""
        self.started = True
        call = PartialCall(id=as_text(call_id), name=as_text(name))
        self._calls[key] = call
        return call

    def make_call_id(self, index: int) -> str:
        """Give an id to a call that came without one."""
        return f"{self._call_prefix}_{index}"

    def find_call(self, key: object) -> PartialCall | None:
        return self._calls.get(key)

    def add_arguments(self, key: object, piece: object) -> None:
        call = self._calls.get(key)
        if call is not None:
            call.arguments.append(as_json_text(piece))

    def count(self, **tokens: int) -> None:
        """Record usage; what is 0 leaves an earlier figure as it was."""
        known = {name: number for name, number in tokens.items() if number}
        if known:
            self.usage = replace(self.usage or Usage(), **known)

    def stop(self, reason: FinishReason) -> None:
        """Note why the model stopped; usage may still follow."""
        self._reason = reason

    def end(self) -> None:
        self.ended = True

    @property
    def is_blank(self) -> bool:
        return not (self._has_text or self._calls)

    def take(self) -> list[StreamEvent]:
        """Hand out what came since the last time."""
        ready, self._ready = self._ready, []
        return ready

    def finish(self) -> Iterator[StreamEvent]:
        """Give the end of the answer; raises when it is cut or empty."""
        if not self.ended and self._reason is None:
            raise ModelReplyInvalid("the model's answer broke off before its end")
        if self.is_blank:
            raise _blank(self._reason)
        if self._reason is FinishReason.LENGTH and not all(map(_is_whole, self._calls.values())):
            raise ModelRequestRefused(
                "the model spent all its tokens before a tool call was whole; "
                "raise or remove llm.max_new_tokens"
            )
        calls = list(self._whole_calls())
        yield from self._ready
        yield from map(ToolCallReady, calls)
        if self.usage is not None:
            yield UsageReport(self.usage)
        yield Finished(self._final_reason())

    def _final_reason(self) -> FinishReason:
        if self._reason in (None, FinishReason.STOP) and self._calls:
            return FinishReason.TOOL_CALLS  # several servers say "stop" behind tool calls
        return self._reason or FinishReason.STOP

    def _whole_calls(self) -> Iterator[ToolCall]:
        used: set[str] = set()
        for index, call in enumerate(self._calls.values()):
            if not call.name:
                raise ModelReplyInvalid("the model called a tool without naming it")
            call_id = call.id
            if not call_id or call_id in used:
                call_id = self.make_call_id(index)
            used.add(call_id)
            arguments = "".join(call.arguments) or "{}"
            yield ToolCall(
                id=call_id, name=call.name, arguments=arguments, signature=call.signature
            )


def _is_whole(call: PartialCall) -> bool:
    """Say whether there are arguments that can be read, be they empty ones."""
    return isinstance(parse("".join(call.arguments).encode("utf-8", "replace")), dict)


def _blank(reason: FinishReason | None) -> ModelReplyInvalid | ModelRequestRefused:
    if reason is FinishReason.LENGTH:
        return ModelRequestRefused(
            "the model spent all its tokens before it began to answer; "
            "raise or remove llm.max_new_tokens"
        )
    if reason is FinishReason.FILTERED:
        return ModelRequestRefused("the provider's content filter withheld the answer")
    return ModelReplyInvalid("the model's answer is empty")
