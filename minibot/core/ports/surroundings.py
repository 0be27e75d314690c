"""Time and settings."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from minibot.core.errors import ConfigurationError
from minibot.core.settings import Settings


class Clock(Protocol):
    """Time. Tests drive it by hand."""

    def now(self) -> datetime:
        """Give the wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Give seconds that never jump; only differences mean anything."""

    async def sleep(self, seconds: float) -> None: ...


class SettingsSource(Protocol):
    """The settings in force at this moment. A turn takes one snapshot and keeps it."""

    @property
    def current(self) -> Settings: ...


class SettingsFeed(Protocol):
    """Where new settings come from."""

    def read(self) -> Settings:
        """Read config.toml and .env as they are now. Raises `ConfigurationError`."""

    def changes(self) -> AsyncIterator[Settings | ConfigurationError]:
        """Give every new content of config.toml: its settings, or why it cannot be used."""
