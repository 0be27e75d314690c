"""The section of the memory: where conversations and notes are kept."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from minibot.core.settings.section import Section, unavailable


class RedisMemory(Section):
    url: str = "redis://localhost:6379/0"
    password: SecretStr = SecretStr("")
    ttl_seconds: int = Field(default=3600, ge=1)
    """A conversation is forgotten when nothing was said for so long; notes stay."""

    @field_validator("url")
    @classmethod
    def _redis_only(cls, value: str) -> str:
        if not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value


class SqlMemory(Section):
    enabled: bool = False
    """True to use `url` instead of ``minibot.db`` in the data folder."""
    url: str = ""
    pool_size: int = Field(default=5, ge=1, le=64)
    """Connections for reading; there is always one for writing."""
    echo: bool = False
    """True to log every statement at DEBUG."""

    @model_validator(mode="after")
    def _sqlite_only(self) -> Self:
        if self.enabled and not self.url.startswith("sqlite+aiosqlite:///"):
            raise ValueError("url must begin with sqlite+aiosqlite:/// in this version")
        return self


class MongoMemory(Section):
    enabled: Annotated[bool, unavailable("the MongoDB memory")] = False
    url: str = "mongodb://localhost:27017"
    database: str = "minibot"


class Memory(Section):
    backend: Literal["sqlalchemy", "in_memory", "redis", "mongo"] = "sqlalchemy"
    """Where conversations and notes are. "in_memory" forgets them at a restart; messages are
    durable all the same."""
    redis: RedisMemory = RedisMemory()
    sqlalchemy: SqlMemory = SqlMemory()
    mongo: MongoMemory = MongoMemory()

    @field_validator("backend")
    @classmethod
    def _available(cls, value: str) -> str:
        if value == "mongo":
            raise ValueError('"mongo" is not available; use "sqlalchemy", "redis" or "in_memory"')
        return value
