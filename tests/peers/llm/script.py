"""What a test tells the server: settings, rules and faults."""

import json
import random
import re
from dataclasses import dataclass, field, replace

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
    takes_tools: bool = True
    """False to refuse every request that offers tools."""
    down: bool = False
    """True to answer 503 to everything but the control calls."""

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
    """A text, or tool calls, or both.

    A call is ``{"name": ..., "arguments": ...}``. Arguments may hold the placeholders of texts;
    those given as text are sent as they are, JSON or not. In Google's format, which cannot hold
    what is no JSON, such a call becomes the finish reason for it.
    """

    text: str | None = None
    tool_calls: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Rule:
    """A scripted reply, chosen by a regex on the user's message.

    Which step is due is read from the conversation, by the rounds of tool calls behind the last
    user message, so that a script holds under concurrency and over restarts; the last step is
    repeated. Where no tools are offered, or calling is forbidden, steps with calls are passed
    over up to the first that only speaks.

    Texts and arguments may use ``{acks}``, ``{last_user}``, ``{tool_results}`` (all of this turn),
    ``{last_result}``, ``{result_1}`` and so on in their order, ``{round}``, ``{messages}``, the
    groups of the regex by number or name, and the names of `find`.
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
    find: dict[str, str] = field(default_factory=dict)
    """Names, each for the first group of a regex in the results of all tools that the request
    shows, or for nothing. The regex may use what texts may."""
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
            find=spec.get("find", {}),
        )

    def values_of(self, text: str) -> dict[str, str]:
        """Give the groups of the match by name and number."""
        found = self.match.search(text)
        if found is None:
            return {}
        named = {key: value or "" for key, value in found.groupdict().items()}
        return named | {str(n): value or "" for n, value in enumerate(found.groups(), 1)}

    def found_in(self, results: str, values: dict[str, str]) -> dict[str, str]:
        """Give what the names of `find` stand for."""
        found = {n: re.search(fill(regex, values), results) for n, regex in self.find.items()}
        return {name: "" if match is None else match[1] for name, match in found.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fault may depend on."""

    endpoint: str
    model: str
    text: str
    """Of the user's message."""
    round: int


@dataclass(slots=True)
class Fault:
    """Something that goes wrong.

    Kinds: ``status``, ``hang``, ``slow``, ``malformed``, ``html``, ``no_content``, ``raw`` (the
    `body` as given), ``empty``, ``context_length``, ``drop`` (before the head of the answer),
    ``drop_after_head``, and within a stream ``drop_mid_stream``, ``cut_mid_stream`` (ends in good
    order, too early), ``cut_end_mark`` (without its last event), ``stall``,
    ``garbage_mid_stream`` (one event is half, the rest follows) and ``error_mid_stream``.
    """

    kind: str = "status"
    kinds: list[str | Json] = field(default_factory=list)
    """Of these one is chosen each time instead: a kind, or the fields that are different."""
    status: int = 500
    message: str = ""
    retry_after: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    match: str | None = None
    """Regex on the user's message."""
    path: str | None = None
    """Regex on the endpoint, e.g. ``chat/completions``."""
    model: str | None = None
    """Regex on the model's name."""
    round: int | None = None
    """Rounds of tool calls there were in the turn: 0 for its first request."""
    skip: int = 0
    """Requests it lets through first."""
    times: int | None = None
    probability: float = 1.0
    delay: float = 0.0
    body: str = ""
    content_type: str = "application/json"
    hits: int = 0

    def strikes(self, asked: Asked, rng: random.Random) -> bool:
        """Say whether it strikes this request, and count it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if not self._concerns(asked):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1.0 and rng.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def choose(self, rng: random.Random) -> "Fault":
        """Give what happens this time."""
        if not self.kinds:
            return self
        chosen = rng.choice(self.kinds)
        different: Json = {"kind": chosen} if isinstance(chosen, str) else chosen
        return replace(self, **{"kinds": [], **different})

    def _concerns(self, asked: Asked) -> bool:
        if self.round not in (None, asked.round):
            return False
        said = ((self.path, asked.endpoint), (self.match, asked.text), (self.model, asked.model))
        return all(pattern is None or re.search(pattern, text, re.DOTALL) for pattern, text in said)


def fill(template: str, values: dict[str, str], *, escape: bool = False) -> str:
    """Replace ``{name}`` for known names only; other braces stay as they are."""

    def replace(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        if value is None:
            return match.group(0)
        return json.dumps(value)[1:-1] if escape else value

    return re.sub(r"\{(\w+)\}", replace, template)
