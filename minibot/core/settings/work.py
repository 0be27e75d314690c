"""Sections of what runs beside the conversations: periodic jobs and tasks."""

from typing import Literal

from pydantic import Field

from minibot.core.settings.section import Section


class Scheduler(Section):
    """Runs the daemon's own periodic work: retention and database checkpoints."""

    enabled: bool = True
    type: Literal["asyncio"] = "asyncio"
    poll_interval_ms: int = Field(default=500, ge=10, le=60_000)
    """The longest it sleeps before it looks at the clock again."""
    default_retry_limit: int = Field(default=3, ge=0, le=100)
    """Times a failed job is tried again before the owner is told."""


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
