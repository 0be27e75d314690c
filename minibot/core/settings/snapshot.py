"""One snapshot of the whole of config.toml."""

from os.path import realpath
from pathlib import Path
from typing import Self

from pydantic import model_validator

from minibot.core.settings.channels import Channels
from minibot.core.settings.chat import Chat, Streaming
from minibot.core.settings.llm import LanguageModelSettings
from minibot.core.settings.logging import Logging
from minibot.core.settings.media import Media
from minibot.core.settings.memory import Memory
from minibot.core.settings.runtime import Runtime
from minibot.core.settings.section import Section
from minibot.core.settings.tools import Tools
from minibot.core.settings.work import CatchUp, Scheduler, Tasks


class Settings(Section):
    """One snapshot of everything config.toml says."""

    runtime: Runtime = Runtime()
    channels: Channels = Channels()
    llm: LanguageModelSettings = LanguageModelSettings()
    scheduler: Scheduler = Scheduler()
    memory: Memory = Memory()
    tools: Tools = Tools()
    tasks: Tasks = Tasks()
    catch_up: CatchUp = CatchUp()
    chat: Chat = Chat()
    streaming: Streaming = Streaming()
    media: Media = Media()
    logging: Logging = Logging()

    @model_validator(mode="after")
    def _database_in_data_dir(self) -> Self:
        if Path(realpath(self.runtime.data_dir)) not in Path(realpath(self.database_path)).parents:
            raise ValueError(
                "memory.sqlalchemy.url must name a file below runtime.data_dir, "
                "where everything minibot writes lies"
            )
        return self

    @model_validator(mode="after")
    def _notes_in_data_dir(self) -> Self:
        path = self.notes_path
        if path and Path(realpath(self.runtime.data_dir)) not in Path(realpath(path)).parents:
            raise ValueError(
                "tools.kv_memory.sqlite_url must name a file below runtime.data_dir, "
                "where everything minibot writes lies"
            )
        if path and realpath(path) == realpath(self.database_path):
            raise ValueError("tools.kv_memory.sqlite_url is minibot's own database: leave it empty")
        return self

    @property
    def notes_path(self) -> Path | None:
        """The SQLite file of the notes, where they have one of their own."""
        url = self.tools.kv_memory.sqlite_url
        return Path(url.removeprefix("sqlite+aiosqlite:///")) if url else None

    @property
    def database_path(self) -> Path:
        """The one SQLite file of this installation."""
        sql = self.memory.sqlalchemy
        if sql.enabled:
            return Path(sql.url.removeprefix("sqlite+aiosqlite:///"))
        return self.runtime.data_dir / "minibot.db"

    @property
    def agenda_path(self) -> Path:
        """The file of jobs and tasks."""
        storage = self.tasks.storage
        if storage.backend == "file":
            return Path(storage.file_path or self.runtime.data_dir / "tasks.log")
        url = storage.sqlite.url.removeprefix("sqlite+aiosqlite:///")
        return Path(url or self.runtime.data_dir / "tasks.db")


RESTART_KEYS = frozenset(
    {
        "runtime.data_dir",
        "memory.backend",
        "memory.sqlalchemy.enabled",
        "memory.sqlalchemy.url",
        "memory.sqlalchemy.pool_size",
        "memory.sqlalchemy.echo",
        "memory.redis.url",
        "memory.redis.password",
        "memory.redis.ttl_seconds",
        "tools.kv_memory.sqlite_url",
        "tools.kv_memory.pool_size",
        "tools.kv_memory.echo",
        "scheduler.enabled",
        "tasks.storage.backend",
        "tasks.storage.file_path",
        "tasks.storage.lock_timeout_ms",
        "tasks.storage.sqlite.url",
        "tasks.storage.sqlite.echo",
        "tasks.storage.sqlite.pool_size",
        "logging.file.enabled",
        "logging.file.path",
        "logging.file.max_bytes",
        "logging.file.backups",
    }
)
"""Keys that take effect only at the next start; everything else is hot."""
