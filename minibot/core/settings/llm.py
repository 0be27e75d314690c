"""The section of the language model: whom to ask, and how patiently."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from minibot.core.settings.section import HttpBase, Seconds, Section

Provider = Literal["openai", "openai_responses", "claude", "google", "openrouter", "offline"]


class ModelTimeouts(Section):
    connect_seconds: Seconds = 10
    first_token_seconds: Seconds = 60
    between_tokens_seconds: Seconds = 30
    total_seconds: Seconds = 300


class ModelRetry(Section):
    attempts: int = Field(default=3, ge=1, le=10)
    """Submissions at the most for one question, the first included."""
    min_wait_seconds: float = Field(default=2, ge=0, le=600)
    max_wait_seconds: float = Field(default=10, ge=0, le=600)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_wait_seconds > self.max_wait_seconds:
            raise ValueError("min_wait_seconds is larger than max_wait_seconds")
        return self


class BreakerSettings(Section):
    failures: int = Field(default=5, ge=1, le=1000)
    """Questions in a row that failed, retries included, before a model is left alone."""
    recovery_seconds: Seconds = 60
    """How long it is left alone before one question probes it."""


class CapabilityOverrides(Section):
    """What a model can do, where minibot's own table is wrong or does not know it."""

    vision: bool | None = None
    tools: bool | None = None
    context_tokens: int | None = Field(default=None, ge=1_000, le=100_000_000)
    """How much it can read: instructions, conversation and answer together."""


class ModelPrices(Section):
    """Per million tokens, in any currency; 0 for unknown."""

    input: float = Field(default=0, ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    """As `input` when it is not given."""
    output: float = Field(default=0, ge=0)


class ModelContext(Section):
    history_window: int = Field(default=20, ge=0, le=500)
    """Exchanges of the conversation the model is shown."""
    max_history_tokens: int = Field(default=16_000, ge=0, le=2_000_000)
    """What they may cost together, by a cautious estimate."""
    summary: bool = True
    """True to have the model sum up what no longer fits, for itself to read."""
    system_prompt: str = "You are Minibot, a helpful assistant."


class ModelSettings(Section):
    """One model of one provider."""

    provider: Provider = "offline"
    base_url: HttpBase = ""
    """The provider's own when empty. Any OpenAI-compatible server works with "openai"."""
    api_key: SecretStr = SecretStr("")
    model: str = ""
    max_new_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    temperature: float | None = Field(default=None, ge=0, le=2)
    timeouts: ModelTimeouts = ModelTimeouts()
    retry: ModelRetry = ModelRetry()
    circuit_breaker: BreakerSettings = BreakerSettings()
    capabilities: CapabilityOverrides = CapabilityOverrides()
    prices: ModelPrices = ModelPrices()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.provider == "offline":
            return self
        if not self.model:
            raise ValueError(f'model is missing: name a model of provider "{self.provider}"')
        if not self.api_key.get_secret_value() and not self.base_url:
            raise ValueError(
                f'api_key is missing for provider "{self.provider}" '
                "(a server of your own that needs none is named by base_url)"
            )
        return self

    @property
    def title(self) -> str:
        """The model by a name for people and logs, e.g. ``openai/gpt-5-mini``."""
        return f"{self.provider}/{self.model}" if self.model else self.provider


INHERITED = ("max_new_tokens", "temperature", "timeouts", "retry", "circuit_breaker")
"""What a fallback that does not say otherwise has in common with the first model."""


class LanguageModelSettings(ModelSettings):
    """The first model, and those that answer when it does not."""

    context: ModelContext = ModelContext()
    fallbacks: tuple[ModelSettings, ...] = Field(default=(), max_length=8)

    @model_validator(mode="after")
    def _inherit(self) -> Self:
        complete = []
        for fallback in self.fallbacks:
            if fallback.provider == "offline":
                raise ValueError(
                    "fallbacks: name a provider in each; the offline responder is none, "
                    "because it cannot think"
                )
            missing = [name for name in INHERITED if name not in fallback.model_fields_set]
            complete.append(
                fallback.model_copy(update={name: getattr(self, name) for name in missing})
            )
        object.__setattr__(self, "fallbacks", tuple(complete))
        return self

    @property
    def chain(self) -> tuple[ModelSettings, ...]:
        """Every model, in the order in which they are asked."""
        own = {name: getattr(self, name) for name in ModelSettings.model_fields}
        return (ModelSettings.model_construct(**own), *self.fallbacks)
