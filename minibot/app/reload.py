"""Follows edits of config.toml: checked as a whole, applied as one snapshot, or not at all."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from minibot.app.event_bus import EventBus
from minibot.app.live_settings import LiveSettings
from minibot.app.uninterrupted import uninterrupted
from minibot.core.errors import ConfigurationError
from minibot.core.events import SettingsChanged, SettingsRejected
from minibot.core.ports import SettingsFeed
from minibot.core.settings import Settings
from minibot.core.settings_diff import diff, waiting_for_restart

log = logging.getLogger(__name__)

Check = Callable[[Settings, Settings], Awaitable[None]]
"""Given the old and the new settings, raises `ConfigurationError` to refuse the new ones."""

Apply = Callable[[Settings], Awaitable[None]]
"""Makes one part of the daemon follow the settings that are in force now."""


class Reloader:
    """Swaps the settings and has every part follow."""

    def __init__(
        self,
        feed: SettingsFeed,
        live: LiveSettings,
        *,
        bus: EventBus,
        checks: Sequence[Check],
        appliers: Sequence[Apply],
    ) -> None:
        self._feed = feed
        self._live = live
        self._bus = bus
        self._checks = checks
        self._appliers = appliers
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        async for found in self._feed.changes():
            if isinstance(found, ConfigurationError):
                self._reject(found)
            else:
                await self.offer(found)

    async def reload(self) -> tuple[str, ...]:
        """Read the file now and give the keys that changed. Raises `ConfigurationError`."""
        try:
            return await self._swap(self._feed.read())
        except ConfigurationError as error:
            self._reject(error)
            raise

    async def offer(self, new: Settings) -> None:
        """Put new settings in force unless a check refuses them."""
        try:
            await self._swap(new)
        except ConfigurationError as error:
            self._reject(error)

    async def _swap(self, new: Settings) -> tuple[str, ...]:
        async with self._one_at_a_time:
            old = self._live.current
            changed = diff(old, new)
            for check in self._checks if changed else ():
                await check(old, new)
            if changed:
                await uninterrupted(self._apply(new))
            self._announce(changed)
            return changed

    async def _apply(self, new: Settings) -> None:
        self._live.replace(new)
        for apply in self._appliers:
            await apply(new)

    def _announce(self, changed: tuple[str, ...]) -> None:
        restart = waiting_for_restart(changed)
        log.info(
            "config.toml was read again",
            extra={
                "generation": self._live.generation,
                "changed": ",".join(changed),
                "needs_restart": ",".join(restart),
            },
        )
        self._bus.publish(
            SettingsChanged(
                generation=self._live.generation, changed_keys=changed, restart_keys=restart
            )
        )

    def _reject(self, error: ConfigurationError) -> None:
        problems = tuple(error.lines())
        log.error(
            "config.toml cannot be used; the settings before stay in force",
            extra={"problems": "; ".join(problems)},
        )
        self._bus.publish(SettingsRejected(problems=problems))
