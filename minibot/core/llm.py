"""What is asked of a language model and what it answers, whatever the provider."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from minibot.core.tokens import BYTES_PER_TOKEN, size_of_text

OVERHEAD_TOKENS = 4
"""What a provider adds for the frame of one entry."""

PICTURE_TOKENS = 1_600
"""What a picture costs at the most with the providers that say so (Anthropic, "Vision")."""


class Role(StrEnum):
    """Who speaks in a conversation."""

    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call the model wants made. `arguments` is the JSON text as it came, unchecked."""

    id: str
    name: str
    arguments: str
    signature: str = ""
    """What the provider wants to see again beside this call, opaque; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture on the disk: JPEG, PNG or WebP, which every provider takes."""

    path: str
    """Absolute."""
    mime_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One entry of a conversation as the model sees it."""

    role: Role
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    """Of an assistant: the calls it made in this entry."""
    tool_call_id: str = ""
    """Of a tool: the call this text is the result of."""
    untrusted: bool = False
    """True when strangers may have written it, or it was written after reading what they wrote."""
    pictures: tuple[Picture, ...] = ()
    """Of a user: what goes with the text, for a model that sees."""
    tokens: int = field(init=False, repr=False, compare=False)
    """What it costs, by guess, rather too much than too little. Counted once: entries are weighed
    again with every question behind them."""

    def __post_init__(self) -> None:
        size = size_of_text(self.text)
        for call in self.tool_calls:
            size += len(call.name) + size_of_text(call.arguments)
        seen = PICTURE_TOKENS * len(self.pictures)
        object.__setattr__(self, "tokens", OVERHEAD_TOKENS + seen + size // BYTES_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as the model sees it; `parameters` is JSON Schema text of an object."""

    name: str
    description: str
    parameters: str
    tokens: int = field(init=False, repr=False, compare=False)
    """What it costs, by guess."""

    def __post_init__(self) -> None:
        size = len(self.name) + len(self.description) + len(self.parameters)
        object.__setattr__(self, "tokens", size // BYTES_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """One question to a model: the instructions, the conversation so far, the tools."""

    model: str
    system_prompt: str
    messages: tuple[Utterance, ...]
    tools: tuple[ToolSpec, ...] = ()
    temperature: float | None = None
    max_new_tokens: int | None = None
    once: bool = False
    """True to be submitted once, and not again when that fails."""


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    FILTERED = "filtered"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counted them; 0 where it does not say."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    """The part of `input_tokens` that was read from the provider's prompt cache."""
    reasoning_tokens: int = 0
    """The part of `output_tokens` that was spent on reasoning."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the reasoning, which is never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallReady:
    """A tool call, whole."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What the answer cost so far; the last report counts."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """The model is done; always the last event of a stream that did not fail."""

    reason: FinishReason


@dataclass(frozen=True, slots=True)
class Restarted:
    """An attempt failed and another begins: what came before in this stream is void."""


StreamEvent = TextDelta | ReasoningDelta | ToolCallReady | UsageReport | Finished | Restarted


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer."""

    text: str
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    finish_reason: FinishReason = FinishReason.STOP


Observe = Callable[[StreamEvent], None]


def ignore(_event: StreamEvent) -> None:
    """Make nothing of an event."""


async def collect(events: AsyncIterator[StreamEvent], observe: Observe = ignore) -> Completion:
    """Read a stream to its end and put the answer together; `observe` sees every event first."""
    text: list[str] = []
    reasoning: list[str] = []
    calls: list[ToolCall] = []
    usage = Usage()
    reason = FinishReason.OTHER
    async for event in events:
        observe(event)
        match event:
            case TextDelta(delta):
                text.append(delta)
            case ReasoningDelta(delta):
                reasoning.append(delta)
            case ToolCallReady(call):
                calls.append(call)
            case UsageReport(reported):
                usage = reported
            case Finished(stopped):
                reason = stopped
            case Restarted():
                text, reasoning, calls, usage = [], [], [], Usage()
    return Completion(
        text="".join(text),
        reasoning="".join(reasoning),
        tool_calls=tuple(calls),
        usage=usage,
        finish_reason=reason,
    )
