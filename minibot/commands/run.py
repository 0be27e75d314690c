"""``minibot run`` and ``minibot chat``: the daemon as a process."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvloop

from minibot import __version__
from minibot.adapters.clock import SystemClock
from minibot.adapters.config import ConfigFile
from minibot.adapters.locks import hold_data_folder
from minibot.adapters.observability import LogPipeline, configure_logging
from minibot.commands.hooks import clock_for, crash_order, environment
from minibot.commands.report import ExitCode, explain, let_go_of_output, warn
from minibot.commands.usable import require_usable
from minibot.container import Outside, build
from minibot.core.errors import ConfigurationError, MinibotError
from minibot.core.settings import Settings

log = logging.getLogger(__name__)

Adapt = Callable[[Settings], Settings]


def run(path: Path) -> ExitCode:
    return _serve(path, _as_written)


def chat(path: Path) -> ExitCode:
    return _serve(path, _console_only)


def _serve(path: Path, adapt: Adapt) -> ExitCode:
    config = ConfigFile(path, environment())
    try:
        loaded = config.load()
        settings = adapt(loaded.settings)
        require_usable(path, settings)
        clock = clock_for(settings)
        warn(str(path), loaded.warnings)
        logs = configure_logging(settings)
    except MinibotError as error:
        return explain(error)
    try:
        with (
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            hold_data_folder(settings.runtime.data_dir),
        ):
            runner.run(_live(settings, _Feed(config, adapt), logs, clock))
    except MinibotError as error:
        return explain(error)
    finally:
        logs.close()
        let_go_of_output()
    return ExitCode.OK


async def _live(settings: Settings, feed: "_Feed", logs: LogPipeline, clock: SystemClock) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    logs.watch(loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _on_signal, number, stop)
    log.info(
        "minibot starts",
        extra={
            "version": __version__,
            "models": ", ".join(model.title for model in settings.llm.chain),
        },
    )
    outside = Outside(
        feed=feed,
        clock=clock,
        follow_logging=lambda changed: logs.apply(changed, ()),
        crash_order=crash_order(),
    )
    async with build(settings, outside) as daemon:
        gc.freeze()  # what the imports made lives as long as the process
        gc.enable()
        await daemon.run(stop)


def _on_signal(number: signal.Signals, stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(128 + number)
    log.info("stopping", extra={"signal": number.name})
    stop.set()


class _Feed:
    """Implements `minibot.core.ports.SettingsFeed` by the file's own changes."""

    def __init__(self, config: ConfigFile, adapt: Adapt) -> None:
        self._config = config
        self._adapt = adapt

    def read(self) -> Settings:
        settings = self._adapt(self._config.load().settings)
        require_usable(self._config.path, settings)
        return settings

    async def changes(self) -> AsyncIterator[Settings | ConfigurationError]:
        async for _ in self._config.changes():
            try:
                yield self.read()
            except ConfigurationError as error:
                yield error


def _as_written(settings: Settings) -> Settings:
    return settings


def _console_only(settings: Settings) -> Settings:
    channels = settings.channels
    return settings.model_copy(
        update={
            "channels": channels.model_copy(
                update={
                    "telegram": channels.telegram.model_copy(update={"enabled": False}),
                    "console": channels.console.model_copy(update={"enabled": True}),
                }
            )
        }
    )
