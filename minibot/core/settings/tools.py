"""Sections of the tools: what the model may do, and how much of it.

What reaches out or keeps something is off unless config.toml says otherwise, so that a new
version gives nobody's model new powers; a config.toml that `minibot init` writes says so.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from minibot.core.settings.section import HttpBase, Seconds, Section


def _network(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('must be a network such as "192.168.1.0/24"')
    try:
        return ip_network(value)
    except ValueError:
        # Without the value, which may be a secret that was pasted into the wrong line.
        raise ValueError(
            'must be a network such as "192.168.1.0/24", with no host bits set'
        ) from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class HttpClientTool(Section):
    """Reading web pages."""

    enabled: bool = False
    allowed_private_networks: tuple[Network, ...] = ()
    """Addresses outside the public internet that may be read, on any port."""
    max_bytes: int = Field(default=2_097_152, ge=1_024, le=104_857_600)
    """Of a page, decompressed."""
    max_redirects: int = Field(default=3, ge=0, le=20)


class WebSearchTool(Section):
    enabled: bool = False
    provider: Literal["searxng", "brave"] = "searxng"
    base_url: HttpBase = ""
    """Of your SearXNG; Brave has its own when empty."""
    api_key: SecretStr = SecretStr("")
    max_results: int = Field(default=5, ge=1, le=20)

    @model_validator(mode="after")
    def _complete_when_enabled(self) -> Self:
        if self.enabled and self.provider == "searxng" and not self.base_url:
            raise ValueError("base_url is missing: where your SearXNG is, with JSON switched on")
        if self.enabled and self.provider == "brave" and not self.api_key.get_secret_value():
            raise ValueError("api_key is missing: https://brave.com/search/api gives you one")
        return self


class NotesTool(Section):
    """What minibot remembers for people."""

    enabled: bool = False
    sqlite_url: str = ""
    """A database of their own for the notes; they are in minibot's when empty."""
    pool_size: int = Field(default=5, ge=1, le=64)
    """Connections for reading that database."""
    echo: bool = False
    """True to log every statement on that database at DEBUG."""
    default_limit: int = Field(default=20, ge=1, le=1000)
    """Notes that a search gives when it does not say how many."""
    max_limit: int = Field(default=100, ge=1, le=1000)
    default_owner_id: str = Field(default="primary", pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """Whose the notes are where a channel does not tell people apart, as in the console."""

    @field_validator("sqlite_url")
    @classmethod
    def _sqlite_only(cls, value: str) -> str:
        if value and not value.startswith("sqlite+aiosqlite:///"):
            raise ValueError("must begin with sqlite+aiosqlite:///")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.default_limit > self.max_limit:
            raise ValueError("default_limit is larger than max_limit")
        return self


class FilesTool(Section):
    """A folder of their own for everybody, below the data folder."""

    enabled: bool = False
    max_file_bytes: int = Field(default=1_048_576, ge=1_024, le=104_857_600)
    quota_mb: int = Field(default=100, ge=1, le=1_000_000)
    """Of one person, or of one person in one group."""


class Tools(Section):
    timeout_seconds: Seconds = 15
    """For one call of a tool, each try of its own."""
    retry_attempts: int = Field(default=2, ge=1, le=10)
    """Tries of a tool that failed for a reason that may pass, the first included."""
    max_steps: int = Field(default=8, ge=1, le=100)
    """Answers of the model in one turn that may call tools; then it has to speak."""
    max_turn_seconds: Seconds = 600
    max_turn_tokens: int = Field(default=400_000, ge=1_000, le=100_000_000)
    """Read and written together, over all steps."""
    max_turn_cost: float = Field(default=0, ge=0)
    """In the currency of `llm.prices`; 0 for no limit."""
    max_output_characters: int = Field(default=16_000, ge=200, le=1_000_000)
    """Of a result that the model is shown."""
    approval_seconds: Seconds = 120
    """How long a button that asks for permission waits; then the answer is no."""
    disabled: tuple[str, ...] = ()
    """Tools by name that the model shall not have."""
    http_client: HttpClientTool = HttpClientTool()
    web_search: WebSearchTool = WebSearchTool()
    kv_memory: NotesTool = NotesTool()
    files: FilesTool = FilesTool()
