"""The section of the process as a whole."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from minibot.core.settings.section import Section

LogLevel = Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


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
