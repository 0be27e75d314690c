"""The channels that are switched on, started and restarted as the settings say."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from minibot.app.event_bus import EventBus
from minibot.app.supervisor import Supervisor
from minibot.core.errors import AlreadyRunning, TokenRefused
from minibot.core.events import TroubleNoticed
from minibot.core.messages import Document, OutgoingFile, Part
from minibot.core.ports import Channel, Receive, SettingsSource
from minibot.core.settings import Settings

log = logging.getLogger(__name__)

ChannelKey = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """How to build a channel, and which settings need a new one when they change."""

    enabled: Callable[[Settings], bool]
    key: Callable[[Settings], ChannelKey]
    """The settings a running channel cannot follow: when this differs it is built anew."""
    build: Callable[[Settings], Channel]
    render: Callable[[str], tuple[Part, ...]]
    """Turns Markdown into parts such a channel takes; at least one."""
    render_rich: Callable[[str], tuple[Part, ...]]
    """The same with what `Part.rich` is for, where the channel has such a form."""
    render_caption: Callable[[str], tuple[Part, ...]]
    """Turns what is said about a file into a part that fits beside it, and others for the rest."""
    as_document: Callable[[str, Sequence[Part]], Document | None]
    """Gives an answer, of which these are the parts, as a file when they are too many."""


class ChannelSet:
    """Runs one channel of every kind that is switched on."""

    def __init__(
        self,
        kinds: Mapping[str, ChannelKind],
        settings: SettingsSource,
        *,
        receive: Receive,
        supervisor: Supervisor,
        bus: EventBus,
    ) -> None:
        self._kinds = kinds
        self._settings = settings
        self._receive = receive
        self._supervisor = supervisor
        self._bus = bus
        self._channels: dict[str, Channel] = {}
        self._keys: dict[str, ChannelKey] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._first = True
        self._changed = asyncio.Event()

    def find(self, name: str) -> Channel | None:
        """Give a channel that can be written to; None when it is off."""
        return self._channels.get(name)

    def render(self, name: str, markdown: str, *, rich: bool = False) -> tuple[Part, ...]:
        """Turn Markdown into parts for a channel, whether it is on or off at the moment."""
        kind = self._kinds[name]
        return kind.render_rich(markdown) if rich else kind.render(markdown)

    def with_caption(self, name: str, file: OutgoingFile) -> list[Part]:
        """Give a file with its caption under it, and behind it what has no room there."""
        if not file.caption:
            return [Part(text="", file=file)]
        caption, *rest = self._kinds[name].render_caption(file.caption)
        return [replace(caption, file=file), *rest]

    def as_document(self, name: str, markdown: str, parts: Sequence[Part]) -> Document | None:
        """Give an answer, of which these are the parts, as a file when they are too many."""
        return self._kinds[name].as_document(markdown, parts)

    def names(self) -> list[str]:
        return sorted(self._channels)

    def follow_settings(self) -> None:
        """Look at the settings again, because they changed."""
        self._changed.set()

    async def run(self) -> None:
        """Serve until cancelled, or until every channel has come to its own end.

        Raises `TokenRefused` and `AlreadyRunning` of a channel that was on from the start;
        one that a change of the settings brought stays down instead, until the next change.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._reconcile(tasks)
                self._first = False
                while not self._all_ended():
                    await self._next_change()
                    await self._reconcile(tasks)
        finally:
            self._tasks.clear()

    async def stop_listening(self) -> None:
        """End what receives; the channels can still be written to."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def close(self) -> None:
        """Close every channel."""
        while self._channels:
            _, channel = self._channels.popitem()
            await channel.close()

    def _all_ended(self) -> bool:
        return bool(self._tasks) and all(task.done() for task in self._tasks.values())

    async def _next_change(self) -> None:
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait(
                (changed, *(task for task in self._tasks.values() if not task.done())),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            changed.cancel()
        self._changed.clear()

    async def _reconcile(self, tasks: asyncio.TaskGroup) -> None:
        settings = self._settings.current
        for name, kind in self._kinds.items():
            wanted = kind.key(settings) if kind.enabled(settings) else None
            if wanted == self._keys.get(name):
                continue
            await self._stop(name)
            if wanted is not None:
                self._keys[name] = wanted
                channel = self._channels[name] = kind.build(settings)
                self._tasks[name] = tasks.create_task(
                    self._run(channel, from_start=self._first), name=f"channel {name}"
                )
                log.info("channel started", extra={"channel": name})

    async def _stop(self, name: str) -> None:
        self._keys.pop(name, None)
        channel = self._channels.pop(name, None)
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))
        if channel is not None:
            await channel.close()
            log.info("channel stopped", extra={"channel": name})

    async def _run(self, channel: Channel, *, from_start: bool) -> None:
        try:
            await self._supervisor.keep(channel.name, lambda: channel.run(self._receive))
        except (TokenRefused, AlreadyRunning) as error:
            if from_start:
                raise
            log.error("the channel stays down until config.toml changes", exc_info=error)
            self._bus.publish(
                TroubleNoticed(topic=f"channel {channel.name}", text=f"{channel.name}: {error}")
            )
            await asyncio.get_running_loop().create_future()
