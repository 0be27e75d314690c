"""Sections of what runs beside the conversations: periodic jobs and tasks."""

from typing import Literal

from pydantic import Field

from minibot.core.settings.section import Section


class Scheduler(Section):
    """Runs reminders and other jobs when they are due, and the daemon's own periodic work."""

    enabled: bool = True
    type: Literal["asyncio"] = "asyncio"
    poll_interval_ms: int = Field(default=500, ge=10, le=60_000)
    """The longest it sleeps before it looks at the clock again."""
    default_retry_limit: int = Field(default=3, ge=0, le=100)
    """Times a failed job is tried again before the owner is told."""
    misfire_grace_seconds: int = Field(default=3600, ge=0)
    """A run of a job that repeats is made up for when it is late by no more than this, and else
    told as missed. What is due once always comes, however late."""
    max_jobs_per_person: int = Field(default=200, ge=1)
    """Reminders and the like that one person may have ahead of them."""


class TaskDatabase(Section):
    url: str = ""
    """``sqlite+aiosqlite:///`` and a path; tasks.db in the data folder when empty."""
    echo: bool = False
    """True to log every statement at DEBUG."""
    pool_size: int = Field(default=5, ge=1, le=64)
    """Has no effect: one connection is all it takes."""


class TaskStorage(Section):
    """Where jobs and tasks are kept."""

    backend: Literal["file", "sqlite"] = "file"
    file_path: str = ""
    """tasks.log in the data folder when empty."""
    lock_timeout_ms: int = Field(default=2000, ge=1, le=600_000)
    """How long a write waits for another process that is writing."""
    sqlite: TaskDatabase = TaskDatabase()


class Tasks(Section):
    workers: int = Field(default=4, ge=1, le=64)
    """Tasks that run at the same time."""
    result_expiry_days: int = Field(default=7, ge=1)
    """Days after which a task that is over is forgotten, and its result with it."""
    stuck_after_seconds: int = Field(default=3600, ge=1)
    """A task that runs longer than this without a sign of progress is stuck."""
    retry_limit: int = Field(default=3, ge=0, le=100)
    """Times a failed task is tried again before its person is told."""
    max_open_per_person: int = Field(default=100, ge=1)
    """Tasks of one person that are not over."""
    offer_background_after_seconds: int = Field(default=60, ge=0, le=3600)
    """An answer that takes longer than this is offered to be written in the background, while its
    chat goes on; 0 for never."""
    storage: TaskStorage = TaskStorage()


class CatchUp(Section):
    """What is answered by itself of what was sent while minibot was away."""

    window_seconds: int = Field(default=300, ge=0, le=86_400 * 7)
    """What was sent longer before the start is kept, and its chat is asked."""
    max_per_chat: int = Field(default=50, ge=1, le=1000)
