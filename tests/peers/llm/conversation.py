"""A conversation and a reply, whatever the wire format."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]

TOKEN_RE = re.compile(r"rid[a-z0-9]*?end")


class ApiError(Exception):
    """An error answer in the style of the API that was called."""

    def __init__(
        self, status: int, message: str, code: str = "", kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.kind = kind
        self.headers: dict[str, str] = {}


class DropConnection(Exception):
    """Abort the transport without an answer."""


@dataclass(slots=True)
class Call:
    """A tool call the model makes."""

    id: str
    name: str
    arguments: str
    """JSON text, or whatever a script made it."""

    @property
    def arguments_object(self) -> Json | None:
        """The arguments where a format has them as an object; None when they are none."""
        try:
            value = json.loads(self.arguments)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(slots=True)
class Turn:
    """One message of the request."""

    role: str
    """system, user, assistant or tool."""
    text: str
    calls: list[Call] = field(default_factory=list)
    """Of the assistant."""
    images: int = 0
    call_id: str = ""
    """Of a tool: the call it is the result of, where the format says which."""


@dataclass(slots=True)
class Reply:
    """What to answer, and how fast."""

    text: str
    calls: list[Call]
    ttft: float
    tokens_per_s: float
    input_tokens: int
    finish: str = "stop"
    reasoning: str = ""
    chunk_tokens: int = 4

    @property
    def is_garbled(self) -> bool:
        """True when a call has arguments that are no JSON object."""
        return any(call.arguments_object is None for call in self.calls)

    @property
    def output_tokens(self) -> int:
        spoken = count_tokens(self.text) + self.reasoning_tokens
        return spoken + sum(8 + count_tokens(call.arguments) for call in self.calls)

    @property
    def reasoning_tokens(self) -> int:
        return count_tokens(self.reasoning)

    def chunks(self) -> list[str]:
        """Split the text at token boundaries, the way the stream will bring it."""
        if not self.text:
            return []
        per = 1 if 0 < self.tokens_per_s <= 50 else max(1, self.chunk_tokens)
        if self.tokens_per_s > 50:
            per = max(1, int(self.tokens_per_s / 25))
        size = 4 * per
        return [self.text[i : i + size] for i in range(0, len(self.text), size)]

    async def paced(self) -> AsyncIterator[str]:
        """Give the chunks at the reply's speed."""
        start = time.monotonic()
        done = 0
        for chunk in self.chunks():
            done += count_tokens(chunk)
            if self.tokens_per_s > 0:
                wait = start + done / self.tokens_per_s - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
            yield chunk

    async def think(self) -> None:
        """Wait as long as the whole reply takes."""
        delay = self.ttft
        if self.tokens_per_s > 0:
            delay += self.output_tokens / self.tokens_per_s
        if delay > 0:
            await asyncio.sleep(delay)


class Wire(Protocol):
    """One API's format."""

    def turns(self, body: Json) -> list[Turn]:
        """Read a request. Raises `ApiError` where the real service would refuse it."""

    def whole(self, body: Json, reply: Reply, serial: int) -> Json: ...

    def events(self, body: Json, reply: Reply, serial: int) -> AsyncIterator[bytes]: ...

    def error(self, error: ApiError) -> Json: ...

    def error_event(self, error: ApiError) -> bytes:
        """Give the error as it comes in the middle of a stream."""

    def without_content(self) -> Json:
        """Give an answer that holds nothing."""


Strictness = Callable[[], bool]
"""Says whether requests are checked."""


def count_tokens(text: str) -> int:
    """A stable stand-in for a tokenizer: about four characters a token."""
    return (len(text) + 3) // 4 if text else 0


def content_text(content: Any) -> tuple[str, int]:
    """Give the text and the number of images of a content in any of the formats."""
    if content is None:
        return "", 0
    if isinstance(content, str):
        return content, 0
    texts: list[str] = []
    images = 0
    for part in content:
        if isinstance(part, str):
            texts.append(part)
            continue
        kind = part.get("type")
        if kind in ("text", "input_text", "output_text"):
            texts.append(str(part.get("text", "")))
        elif kind in ("image_url", "input_image", "image"):
            images += 1
    return "\n".join(texts), images


def halves(text: str) -> list[str]:
    """Cut a text in two, as tool arguments arrive in pieces."""
    half = max(1, len(text) // 2)
    return [part for part in (text[:half], text[half:]) if part]


def sse(payload: Any, event: str | None = None) -> bytes:
    data = b"data: " + dumps(payload) + b"\n\n"
    return f"event: {event}\n".encode() + data if event else data


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def openai_error(error: ApiError) -> Json:
    fields = {"message": error.message, "type": error.kind, "param": None}
    return {"error": {**fields, "code": error.code or None}}
