"""The section of the logs."""

from pathlib import Path

from pydantic import Field, field_validator

from minibot.core.settings.section import Section


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
