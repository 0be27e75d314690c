"""config.toml as types: one frozen model a section; every default lives here.

A field that names something this version does not have is refused as soon as it is switched
on. Ranges are checked here, references between sections in `Settings`. The key that a
validator's message names first is the one it is about; the message is shown at its line.
"""

from os.path import realpath
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Port = Annotated[int, Field(ge=1, le=65_535)]


def _unavailable(what: str) -> AfterValidator:
    """Refuse to switch on what this version does not have."""

    def refuse(enabled: bool) -> bool:
        if enabled:
            raise ValueError(f"{what} is not available in this version")
        return enabled

    return AfterValidator(refuse)


def _numeric_id(value: object) -> object:
    """Take a whole number or its digits: anything cleverer could let in somebody unnamed."""
    if value == "*":
        return value
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    if digits.isascii() and digits.isdigit() and len(digits) < 20:
        value = int(str(value))
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError("must be a numeric id (names are not accepted: they can change hands)")
    return value


def _http_base(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value.rstrip("/")


HttpBase = Annotated[str, AfterValidator(_http_base)]
UserId = Annotated[int | Literal["*"], BeforeValidator(_numeric_id)]
NumericId = Annotated[int, BeforeValidator(_numeric_id)]
LogLevel = Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class Section(BaseModel):
    """Base of every section: immutable, and a key it does not know is an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # the input may be a secret
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        kind = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and kind in (int, float, int | None, float | None):
            raise ValueError("must be a number, not true or false")
        return value


class Runtime(Section):
    data_dir: Path = Path("./data")
    """Everything minibot writes lies below it."""
    log_level: LogLevel = "INFO"
    environment: str = "development"
    """A word for logs, to tell installations apart."""
    max_concurrent_turns: int = Field(default=256, ge=1, le=10_000)
    shutdown_grace_seconds: float = Field(default=8, ge=0, le=300)
    """How long running turns may go on after SIGTERM before they are put back in line."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value


class TelegramChannel(Section):
    enabled: bool = False
    bot_token: SecretStr = SecretStr("")
    api_base_url: HttpBase = Field(default="https://api.telegram.org", min_length=1)
    allowed_user_ids: tuple[UserId, ...] = ()
    """Who may talk to the bot; nobody when empty, everybody with "*"."""
    allowed_chat_ids: tuple[NumericId, ...] = ()
    """Groups the bot answers in, for those in `allowed_user_ids`. A private chat needs no entry."""
    owner_user_ids: tuple[NumericId, ...] = ()
    """Who is told about trouble; the first of `allowed_user_ids` when empty."""
    mode: Literal["long_polling", "webhook"] = "long_polling"
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8443

    @model_validator(mode="after")
    def _complete_when_enabled(self) -> Self:
        if not self.enabled:
            return self
        token = self.bot_token.get_secret_value()
        if not token:
            raise ValueError(
                "bot_token is missing: @BotFather gives you one; "
                "put it here or in .env and write ${TELEGRAM_BOT_TOKEN}"
            )
        bot_id, colon, secret = token.partition(":")
        if not (bot_id.isascii() and bot_id.isdigit() and colon and secret) or any(
            char.isspace() for char in token
        ):
            raise ValueError("bot_token does not look like a token: digits, a colon, a secret")
        if self.mode == "webhook":
            self._require_webhook_keys()
        return self

    def _require_webhook_keys(self) -> None:
        if not self.webhook_url.startswith(("http://", "https://")):
            raise ValueError("webhook_url is missing: webhook mode needs a public https:// address")
        if not self.webhook_secret.get_secret_value():
            raise ValueError("webhook_secret is missing: make one up, 1-256 of A-Z a-z 0-9 _ -")

    @field_validator("webhook_secret")
    @classmethod
    def _secret_characters(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not (
            len(secret) <= 256
            and secret.isascii()
            and all(char.isalnum() or char in "_-" for char in secret)
        ):
            raise ValueError("must be 1-256 characters of A-Z a-z 0-9 _ -")
        return value

    @property
    def bot_id(self) -> str:
        """The number before the colon of the token: public, and stable across new tokens."""
        return self.bot_token.get_secret_value().partition(":")[0]

    @property
    def owners(self) -> tuple[int, ...]:
        """Who is told about trouble."""
        named = [user for user in self.allowed_user_ids if isinstance(user, int)]
        return self.owner_user_ids or tuple(named[:1])


class SlackChannel(Section):
    enabled: Annotated[bool, _unavailable("the Slack channel")] = False
    bot_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    allowed_user_ids: tuple[str, ...] = ()


class ConsoleChannel(Section):
    enabled: bool = False


class Channels(Section):
    telegram: TelegramChannel = TelegramChannel()
    slack: SlackChannel = SlackChannel()
    console: ConsoleChannel = ConsoleChannel()


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


class ModelContext(Section):
    history_window: int = Field(default=20, ge=0, le=500)
    """Exchanges of the conversation the model is shown."""
    max_history_tokens: int = Field(default=16_000, ge=0, le=2_000_000)
    """What they may cost together, by a cautious estimate."""
    system_prompt: str = "You are Minibot, a helpful assistant."


class LanguageModelSettings(Section):
    provider: Literal["openai", "openai_responses", "claude", "google", "openrouter", "offline"] = (
        "offline"
    )
    base_url: HttpBase = ""
    """The provider's own when empty. Any OpenAI-compatible server works with "openai"."""
    api_key: SecretStr = SecretStr("")
    model: str = ""
    max_new_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    temperature: float | None = Field(default=None, ge=0, le=2)
    timeouts: ModelTimeouts = ModelTimeouts()
    retry: ModelRetry = ModelRetry()
    context: ModelContext = ModelContext()

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


class Scheduler(Section):
    """Runs the daemon's own periodic work: retention and database checkpoints."""

    enabled: bool = True
    type: Literal["asyncio"] = "asyncio"
    poll_interval_ms: int = Field(default=500, ge=10, le=60_000)
    """The longest it sleeps before it looks at the clock again."""
    default_retry_limit: int = Field(default=3, ge=0, le=100)
    """Times a failed job is tried again before the owner is told."""


class RedisMemory(Section):
    url: str = "redis://localhost:6379/0"
    password: SecretStr = SecretStr("")
    ttl_seconds: int = Field(default=3600, ge=1)


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
    enabled: Annotated[bool, _unavailable("the MongoDB memory")] = False
    url: str = "mongodb://localhost:27017"
    database: str = "minibot"


class Memory(Section):
    backend: Literal["sqlalchemy", "in_memory", "redis", "mongo"] = "sqlalchemy"
    """"in_memory" forgets conversations at a restart; messages are durable all the same."""
    redis: RedisMemory = RedisMemory()
    sqlalchemy: SqlMemory = SqlMemory()
    mongo: MongoMemory = MongoMemory()

    @field_validator("backend")
    @classmethod
    def _available(cls, value: str) -> str:
        if value in ("redis", "mongo"):
            raise ValueError(f'"{value}" is not available yet; use "sqlalchemy" or "in_memory"')
        return value


class NotesTool(Section):
    enabled: Annotated[bool, _unavailable("the notes tool")] = False
    sqlite_url: str = ""
    pool_size: int = Field(default=5, ge=1, le=64)
    echo: bool = False
    default_limit: int = Field(default=20, ge=1, le=1000)
    max_limit: int = Field(default=100, ge=1, le=1000)
    default_owner_id: str = "primary"


class Tools(Section):
    kv_memory: NotesTool = NotesTool()


class TaskDatabase(Section):
    url: str = ""
    echo: bool = False
    pool_size: int = Field(default=5, ge=1, le=64)


class TaskStorage(Section):
    backend: Literal["file", "sqlite"] = "file"
    file_path: str = "./data/tasks.log"
    lock_timeout_ms: int = Field(default=2000, ge=1, le=600_000)
    sqlite: TaskDatabase = TaskDatabase()


class Tasks(Section):
    storage: TaskStorage = TaskStorage()


class LogfmtSettings(Section):
    enabled: bool = False
    kv_separator: str = Field(default="=", min_length=1, max_length=8)
    record_separator: str = Field(default=" ", min_length=1, max_length=8)


class LogFile(Section):
    enabled: bool = False
    path: Path = Path("logs/minibot.log")
    """Below the data folder."""
    max_bytes: int = Field(default=10_000_000, ge=10_000)
    backups: int = Field(default=5, ge=0, le=1000)

    @field_validator("path")
    @classmethod
    def _below_data_dir(cls, value: Path) -> Path:
        if value.is_absolute() or ".." in value.parts:
            raise ValueError("must be a relative path; it lies below runtime.data_dir")
        return value


class Logging(Section):
    """Lines are logfmt, else JSON, else plain text, whichever is switched on first."""

    structured: bool = True
    """False for plain text, whatever the other switches say."""
    json_lines: bool = Field(default=False, alias="json")
    service_name: str = "minibot"
    logfmt: LogfmtSettings = LogfmtSettings(enabled=True)
    file: LogFile = LogFile()


class Settings(Section):
    """One snapshot of everything config.toml says."""

    runtime: Runtime = Runtime()
    channels: Channels = Channels()
    llm: LanguageModelSettings = LanguageModelSettings()
    scheduler: Scheduler = Scheduler()
    memory: Memory = Memory()
    tools: Tools = Tools()
    tasks: Tasks = Tasks()
    logging: Logging = Logging()

    @model_validator(mode="after")
    def _database_in_data_dir(self) -> Self:
        if Path(realpath(self.runtime.data_dir)) not in Path(realpath(self.database_path)).parents:
            raise ValueError(
                "memory.sqlalchemy.url must name a file below runtime.data_dir, "
                "where everything minibot writes lies"
            )
        return self

    @property
    def database_path(self) -> Path:
        """The one SQLite file of this installation."""
        sql = self.memory.sqlalchemy
        if sql.enabled:
            return Path(sql.url.removeprefix("sqlite+aiosqlite:///"))
        return self.runtime.data_dir / "minibot.db"


RESTART_KEYS = frozenset(
    {
        "runtime.data_dir",
        "memory.backend",
        "memory.sqlalchemy.enabled",
        "memory.sqlalchemy.url",
        "memory.sqlalchemy.pool_size",
        "memory.sqlalchemy.echo",
        "scheduler.enabled",
        "logging.file.enabled",
        "logging.file.path",
        "logging.file.max_bytes",
        "logging.file.backups",
    }
)
"""Keys that take effect only at the next start; everything else is hot."""
