"""The settings in force. Replaced as a whole; whoever took a snapshot keeps it."""

from minibot.core.settings import Settings


class LiveSettings:
    """Implements `minibot.core.ports.SettingsSource`."""

    def __init__(self, settings: Settings) -> None:
        self._current = settings
        self._generation = 1

    @property
    def current(self) -> Settings:
        return self._current

    @property
    def generation(self) -> int:
        """How many snapshots there were, this one included."""
        return self._generation

    def replace(self, settings: Settings) -> None:
        self._current = settings
        self._generation += 1
