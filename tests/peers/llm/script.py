"""What a test tells the server: settings, rules and faults."""

import json
import random
import re
from dataclasses import dataclass, field

from tests.peers.llm.conversation import Json


@dataclass(slots=True)
class Settings:
    """What ``/control/config`` changes."""

    ttft: float = 0.0
    """Seconds before the first byte of a reply."""
    ttft_jitter: float = 0.0
    """Plus 0 to this many seconds, the same for the same ack tokens."""
    tokens_per_s: float = 0.0
    """0 for no pacing."""
    reply_tokens: int = 0
    """Filler tokens before the acks."""
    echo_scope: str = "last"
    """``last``, or ``trailing``: all user messages behind the last of the assistant."""
    strict: bool = True
    api_key: str = ""
    context_window: int = 0
    """0 for unlimited."""
    chunk_tokens: int = 4
    """Tokens per stream chunk when unpaced."""
    embedding_dim: int = 1536
    keep_bodies: int = 2000
    """Newest request bodies kept for ``/control/requests?full=1``."""
    split_utf8: bool = False
    """True to cut the network chunks in the middle of every character that is not ASCII."""
    crlf: bool = False
    """True to end the lines of a stream with CRLF."""
    ignore_stream: bool = False
    """True to answer whole, as a server does that cannot stream."""

    def change(self, values: Json) -> Json:
        """Set what is named; an unknown name is a KeyError."""
        known = self.__dataclass_fields__
        for key, value in values.items():
            if key not in known:
                raise KeyError(key)
            setattr(self, key, type(getattr(self, key))(value))
        return {key: getattr(self, key) for key in known}


@dataclass(slots=True)
class Step:
    """A text, or tool calls."""

    text: str | None = None
    tool_calls: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Rule:
    """A scripted reply, chosen by a regex on the user's message.

    Which step is due is read from the conversation, by the rounds of tool calls behind the last
    user message, so that a script holds under concurrency and over restarts. Texts may use
    ``{acks}``, ``{last_user}``, ``{tool_results}``, ``{round}``, ``{messages}`` and the groups of
    the regex by number or name.
    """

    match: re.Pattern[str]
    steps: list[Step]
    model: str | None = None
    scope: str = "last_user"
    """``last_user``, or ``any`` message of the request."""
    times: int | None = None
    ttft: float | None = None
    tokens_per_s: float | None = None
    reply_tokens: int | None = None
    reasoning: str = ""
    """What the model thinks aloud before it answers."""
    hits: int = 0

    @staticmethod
    def from_json(spec: Json) -> "Rule":
        """Read a rule; ``tool_calls`` and ``text`` are the short form of ``steps``."""
        raw = spec.get("steps")
        if raw is None:
            raw = [{"tool_calls": spec["tool_calls"]}] if spec.get("tool_calls") else []
            raw.append({"text": spec.get("text", "{acks}")})
        return Rule(
            match=re.compile(spec.get("match", ""), re.DOTALL),
            steps=[Step(s.get("text"), s.get("tool_calls") or []) for s in raw],
            model=spec.get("model"),
            scope=spec.get("scope", "last_user"),
            times=spec.get("times"),
            ttft=spec.get("ttft"),
            tokens_per_s=spec.get("tokens_per_s"),
            reply_tokens=spec.get("reply_tokens"),
            reasoning=spec.get("reasoning", ""),
        )

    def values_of(self, text: str) -> dict[str, str]:
        """Give the groups of the match by name and number."""
        found = self.match.search(text)
        if found is None:
            return {}
        named = {key: value or "" for key, value in found.groupdict().items()}
        return named | {str(n): value or "" for n, value in enumerate(found.groups(), 1)}


@dataclass(slots=True)
class Fault:
    """Something that goes wrong.

    Kinds: ``status``, ``hang``, ``slow``, ``malformed``, ``html``, ``no_content``, ``raw`` (the
    `body` as given), ``empty``, ``context_length``, ``drop`` (before the first byte), and within
    a stream ``drop_mid_stream``, ``cut_mid_stream`` (ends in good order, too early), ``stall``
    and ``error_mid_stream``.
    """

    kind: str = "status"
    status: int = 500
    message: str = ""
    retry_after: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    match: str | None = None
    path: str | None = None
    times: int | None = None
    probability: float = 1.0
    delay: float = 0.0
    body: str = ""
    content_type: str = "application/json"
    hits: int = 0

    def matches(self, path: str, text: str, rng: random.Random) -> bool:
        """Say whether it strikes this request, and count it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.path is not None and not re.search(self.path, path):
            return False
        if self.match is not None and not re.search(self.match, text, re.DOTALL):
            return False
        if self.probability < 1.0 and rng.random() >= self.probability:
            return False
        self.hits += 1
        return True


def fill(template: str, values: dict[str, str], *, escape: bool = False) -> str:
    """Replace ``{name}`` for known names only; other braces stay as they are."""

    def replace(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        if value is None:
            return match.group(0)
        return json.dumps(value)[1:-1] if escape else value

    return re.sub(r"\{(\w+)\}", replace, template)
