"""Models of every provider, pointed at the model server of the tests."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from minibot.adapters.llm import open_model
from minibot.core.llm import (
    Completion,
    CompletionRequest,
    Role,
    ToolCall,
    ToolSpec,
    Utterance,
    collect,
)
from minibot.core.ports import LanguageModel
from minibot.core.settings import ModelSettings
from tests.peers.llm import FakeLLM, Fault, Rule, Running, start

KEY = "sk-canary-0123456789abcdef"

NO_TIMEOUTS: Mapping[str, float] = {}
"""None but the usual ones."""

PATHS = {
    "openai": "/v1",
    "openai_responses": "/v1",
    "claude": "/v1",
    "google": "/v1beta",
    "openrouter": "/api/v1",
}
"""Below the server's address, as each provider's own address has it."""

ADD = ToolSpec(
    name="add",
    description="Adds two numbers.",
    parameters='{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}',
)


@dataclass(slots=True)
class Rig:
    """One provider's model and its server."""

    llm: Running
    model: LanguageModel

    @property
    def app(self) -> FakeLLM:
        return self.llm.app

    @property
    def submissions(self) -> int:
        return sum(self.app.ledger.counts.values())

    def says(self, text: str, *, reasoning: str = "") -> None:
        self.app.rules.append(Rule.from_json({"text": text, "reasoning": reasoning}))

    def follows(self, rule: Mapping[str, object]) -> None:
        self.app.rules.append(Rule.from_json(dict(rule)))

    def breaks(self, kind: str, **fields: object) -> None:
        self.app.faults.append(Fault(kind=kind, **fields))  # type: ignore[arg-type]

    async def ask(self, request: CompletionRequest | None = None) -> Completion:
        return await collect(self.model.stream(request or question()))


@asynccontextmanager
async def open_rig(
    provider: str,
    *,
    key: str = KEY,
    attempts: int = 1,
    timeouts: Mapping[str, float] = NO_TIMEOUTS,
) -> AsyncIterator[Rig]:
    """Start a server and a model that asks it; the waits between attempts are none."""
    llm = await start(FakeLLM())
    llm.app.settings.api_key = key
    settings = model_settings(
        provider,
        base_url=llm.url + PATHS[provider],
        key=key,
        attempts=attempts,
        timeouts=timeouts,
    )
    model = open_model(settings)
    try:
        yield Rig(llm, model)
    finally:
        await model.close()
        await llm.stop()


def model_settings(
    provider: str,
    *,
    base_url: str,
    key: str = KEY,
    attempts: int = 1,
    timeouts: Mapping[str, float] = NO_TIMEOUTS,
) -> ModelSettings:
    return ModelSettings.model_validate(
        {
            "provider": provider,
            "base_url": base_url,
            "api_key": key,
            "model": "fake-model",
            "timeouts": {f"{name}_seconds": seconds for name, seconds in timeouts.items()},
            "retry": {"attempts": attempts, "min_wait_seconds": 0, "max_wait_seconds": 0},
        }
    )


def question(
    text: str = "hello", *, tools: tuple[ToolSpec, ...] = (), **fields: object
) -> CompletionRequest:
    values: dict[str, object] = {"model": "fake-model", "system_prompt": "", "tools": tools}
    values |= {"messages": (Utterance(role=Role.USER, text=text),), **fields}
    return CompletionRequest(**values)  # type: ignore[arg-type]


def tool_history(*, calls: int = 1) -> tuple[Utterance, ...]:
    """Give a conversation with a round of tool calls and their results, ready to be answered."""
    made = tuple(ToolCall(id=f"call_{n}", name="add", arguments='{"a": 1}') for n in range(calls))
    results = (
        Utterance(role=Role.TOOL, text=f"sum {n}", tool_call_id=f"call_{n}") for n in range(calls)
    )
    return (
        Utterance(role=Role.USER, text="earlier"),
        Utterance(role=Role.ASSISTANT, text="before"),
        Utterance(role=Role.USER, text="add, please"),
        Utterance(role=Role.ASSISTANT, text="", tool_calls=made),
        *results,
    )
