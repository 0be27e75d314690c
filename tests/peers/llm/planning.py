"""What to say."""

import hashlib
import json
import random
import re
from dataclasses import dataclass, field

from tests.peers.llm.conversation import TOKEN_RE, ApiError, Call, Json, Reply, Turn, count_tokens
from tests.peers.llm.script import Asked, Fault, Rule, Settings, Step, fill

SENTENCE = (
    "the quick brown fox jumps over a lazy dog while seven green birds watch from their tall tree"
)
FILLER = SENTENCE.split()


@dataclass(slots=True)
class Question:
    """A request, understood."""

    body: Json
    turns: list[Turn]
    user_text: str
    serial: int
    tokens: list[str] = field(default_factory=list)

    @property
    def acks(self) -> list[str]:
        return ["ack" + token[3:] for token in self.tokens]

    @property
    def declared_tools(self) -> list[Json]:
        tools: list[Json] = self.body.get("tools") or []
        nested = [tool.get("functionDeclarations") for tool in tools]
        return [inner for group in nested if group for inner in group] or tools

    @property
    def tool_names(self) -> list[str]:
        found = (tool.get("function") or tool for tool in self.declared_tools)
        return [str(tool.get("name")) for tool in found]

    @property
    def may_call(self) -> bool:
        """True when tools are offered and calling them is not forbidden."""
        choice = self.body.get("tool_choice")
        forbidden = choice == "none" or choice == {"type": "none"}
        return bool(self.declared_tools) and not forbidden

    @property
    def round(self) -> int:
        """Rounds of tool calls behind the last user message."""
        return _tool_rounds(self.turns)[0]


class Script:
    """The rules and faults of a server, and its choices among them."""

    def __init__(self, settings: Settings, *, seed: int) -> None:
        self.settings = settings
        self.rules: list[Rule] = []
        self.faults: list[Fault] = []
        self.rng = random.Random(seed)  # noqa: S311  a test must be repeatable

    def understand(self, body: Json, turns: list[Turn], serial: int) -> Question:
        text = self._user_text(turns)
        tokens = list(dict.fromkeys(TOKEN_RE.findall(text)))
        return Question(body, turns, text, serial, tokens)

    def pick_fault(self, endpoint: str, question: Question) -> Fault | None:
        """Find the first fault that strikes, and which of its kinds."""
        asked = Asked(
            endpoint, str(question.body.get("model", "")), question.user_text, question.round
        )
        struck = next((fault for fault in self.faults if fault.strikes(asked, self.rng)), None)
        return struck and struck.choose(self.rng)

    def plan(self, question: Question) -> Reply:
        """Decide on a reply. Raises `ApiError` when the model cannot take the request."""
        settings = self.settings
        if question.declared_tools and not settings.takes_tools:
            raise ApiError(400, f"{question.body.get('model')} does not support tools")
        reply = Reply("", [], self._ttft(question), settings.tokens_per_s, _size(question))
        reply.chunk_tokens = settings.chunk_tokens
        if 0 < settings.context_window < reply.input_tokens:
            raise ApiError(
                400,
                f"This model's maximum context length is {settings.context_window} tokens. "
                f"However, your messages resulted in {reply.input_tokens} tokens.",
                "context_length_exceeded",
            )
        filler = settings.reply_tokens
        text: str | None = None
        rule = self._pick_rule(question)
        if rule is not None:
            filler = filler if rule.reply_tokens is None else rule.reply_tokens
            text = _follow(rule, question, reply)
        if text is None and not reply.calls:
            text = "Echo: " + (" ".join(question.acks) or question.user_text[-200:])
        if text is not None and filler > 0 and not reply.calls:
            text = " ".join([*(FILLER[i % len(FILLER)] for i in range(filler)), text])
        reply.text = text or ""
        if reply.calls:
            reply.finish = "tool_calls"
        _shorten(reply, _token_limit(question.body))
        return reply

    def _user_text(self, turns: list[Turn]) -> str:
        """Give the user message being answered, or all of them with scope trailing."""
        picked: list[str] = []
        for turn in reversed(turns):
            if turn.role == "user":
                picked.append(turn.text)
                if self.settings.echo_scope == "last":
                    break
            elif turn.role == "assistant" and picked:
                break
        return "\n".join(reversed(picked))

    def _ttft(self, question: Question) -> float:
        if not self.settings.ttft_jitter:
            return self.settings.ttft
        source = "".join(question.acks) or question.user_text
        share = hashlib.sha256(source.encode()).digest()[0] / 255.0
        return self.settings.ttft + self.settings.ttft_jitter * share

    def _pick_rule(self, question: Question) -> Rule | None:
        for rule in self.rules:
            if rule.times is not None and rule.hits >= rule.times:
                continue
            if rule.model and not re.search(rule.model, str(question.body.get("model", ""))):
                continue
            every = [turn.text for turn in question.turns]
            texts = every if rule.scope == "any" else [question.user_text]
            if any(rule.match.search(text) for text in texts):
                rule.hits += 1
                return rule
        return None


def _follow(rule: Rule, question: Question, reply: Reply) -> str | None:
    """Apply a rule to the reply and give its text."""
    if rule.ttft is not None:
        reply.ttft = rule.ttft
    if rule.tokens_per_s is not None:
        reply.tokens_per_s = rule.tokens_per_s
    rounds, results = _tool_rounds(question.turns)
    step = _due(rule, rounds, may_call=question.may_call)
    values = {
        "acks": " ".join(question.acks),
        "last_user": question.user_text,
        "tool_results": "\n".join(results),
        "last_result": results[-1] if results else "",
        **{f"result_{number}": text for number, text in enumerate(results, 1)},
        "round": str(rounds),
        "messages": str(len(question.turns)),
        **rule.values_of(question.user_text),
    }
    shown = "\n".join(turn.text for turn in question.turns if turn.role == "tool")
    values |= rule.found_in(shown, values)
    reply.reasoning = fill(rule.reasoning, values)
    reply.calls = _calls(step, values, question.serial)
    return None if step.text is None else fill(step.text, values)


def _due(rule: Rule, rounds: int, *, may_call: bool) -> Step:
    """Give the step of a round; who may call nothing goes on to the next that only speaks."""
    step = rule.steps[min(rounds, len(rule.steps) - 1)]
    if may_call or not step.tool_calls:
        return step
    spoken = [each.text for each in rule.steps[rounds:] if not each.tool_calls]
    return Step(step.text if step.text is not None else next(iter(spoken), None))


def _calls(step: Step, values: dict[str, str], serial: int) -> list[Call]:
    calls = []
    for index, spec in enumerate(step.tool_calls):
        arguments = spec.get("arguments", {})
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments)
        filled = fill(arguments, values, escape=True)
        calls.append(Call(f"call_{serial:06d}{index:02d}", str(spec["name"]), filled))
    return calls


def _tool_rounds(turns: list[Turn]) -> tuple[int, list[str]]:
    """Give the rounds of tool calls behind the last user message, and the results in order."""
    rounds = 0
    results: list[str] = []
    for turn in reversed(turns):
        if turn.role == "user":
            break
        if turn.role == "assistant" and turn.calls:
            rounds += 1
        elif turn.role == "tool":
            results.append(turn.text)
    return rounds, results[::-1]


def _size(question: Question) -> int:
    spoken = sum(4 + count_tokens(turn.text) for turn in question.turns)
    tools: list[Json] = question.body.get("tools") or []
    return spoken + sum(count_tokens(json.dumps(tool)) for tool in tools)


def _token_limit(body: Json) -> int:
    places = (body, body.get("generationConfig") or {})
    names = ("max_completion_tokens", "max_tokens", "max_output_tokens", "maxOutputTokens")
    found = (place.get(name) for place in places for name in names)
    return next((limit for limit in found if isinstance(limit, int) and limit > 0), 0)


def _shorten(reply: Reply, limit: int) -> None:
    if 0 < limit < count_tokens(reply.text):
        reply.text = reply.text[: limit * 4]
        reply.finish = "length"
