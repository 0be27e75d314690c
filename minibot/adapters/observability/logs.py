"""The one place where logging is set up."""

import asyncio
import logging
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from pydantic import BaseModel, SecretStr

from minibot.adapters.observability.entry import TRACE, capture, unreadable
from minibot.adapters.observability.hooks import ProcessHooks, log_loop_error
from minibot.adapters.observability.layouts import layout_for
from minibot.adapters.observability.redaction import Redactor
from minibot.adapters.observability.render import Renderer
from minibot.adapters.observability.sinks import Sink, StreamSink, open_log_file
from minibot.adapters.observability.writer import Writer
from minibot.core.settings import Settings

_QUIETER = {
    "aiogram": logging.INFO,
    "aiohttp": logging.INFO,
    "aiohttp.access": logging.WARNING,
    "aiosonic": logging.WARNING,
    "aiosqlite": logging.WARNING,  # DEBUG prints statements with their values
    "asyncio": logging.INFO,
    "h2": logging.WARNING,
    "hpack": logging.WARNING,  # DEBUG prints headers
    "sqlalchemy": logging.WARNING,
    "watchfiles": logging.WARNING,
}
"""The most a library may say, unless the level is TRACE."""


_UNREAD = ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks")
"""What logging would look up for every record and no line shows; see its HOWTO, "Optimization"."""


def configure_logging(
    settings: Settings, secrets: Sequence[str] = (), *, stream: TextIO | None = None
) -> "LogPipeline":
    """Send all logging of the process through one redacting pipeline; give that pipeline.

    Called again it changes level, format, secrets and stream of the pipeline that is there;
    ``logging.file`` stays as it was at the start. Raises `ConfigurationError` when the log file
    cannot be opened.
    """
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogPipeline):
            handler.apply(settings, secrets, stream=stream)
            return handler
    pipeline = LogPipeline(settings, secrets, stream=stream or sys.stderr)
    pipeline.install()
    return pipeline


class LogPipeline(logging.Handler):
    """The root logger's only handler: capture at the call, redact and write in a thread."""

    def __init__(self, settings: Settings, secrets: Sequence[str], *, stream: TextIO) -> None:
        super().__init__()
        self._redactor = Redactor()
        self._render = Renderer(self._redactor, layout_for(settings))
        self._file = open_log_file(settings)
        self._writer = Writer(self._render, self._sinks(stream))
        self._hooks = ProcessHooks()
        self._displaced: list[logging.Handler] = []
        self.apply(settings, secrets)

    @property
    def dropped(self) -> int:
        """Lines that never reached a sink."""
        return self._writer.dropped

    def redact(self, text: str) -> str:
        """Take secrets out of a text, e.g. before a person sees it."""
        return self._redactor.redact(text)

    def install(self) -> None:
        """Become the only way out for logging, uncaught exceptions and warnings."""
        logging.addLevelName(TRACE, "TRACE")
        root = logging.getLogger()
        _look_up_what_is_unread(wanted=False)
        self._displaced = list(root.handlers)
        for handler in self._displaced:
            root.removeHandler(handler)
        root.addHandler(self)
        self._hooks.install()
        self._writer.start()

    def apply(
        self, settings: Settings, secrets: Sequence[str], *, stream: TextIO | None = None
    ) -> None:
        """Take over new settings; secrets known before stay secret."""
        self._redactor.learn([*_secrets_in(settings), *secrets])
        self._render.layout = layout_for(settings)
        if stream is not None:
            self._writer.flush()
            self._writer.sinks = self._sinks(stream)
        _set_levels(settings)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Log what goes wrong in the loop with nobody to catch it."""
        loop.set_exception_handler(log_loop_error)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record as it is now. A log call never breaks its caller."""
        try:
            entry = capture(record)
        except Exception as error:  # noqa: BLE001  # str() of anything may raise anything
            entry = unreadable(record, error)
        self._writer.put(entry)

    def flush(self) -> None:
        """Wait, for a moment at the most, until all lines are written."""
        self._writer.flush()

    def close(self) -> None:
        """Write what is queued and stop the thread.

        The pipeline stays in place: lines that come later are written by whoever logs them.
        """
        self._writer.stop()
        super().close()

    def remove(self) -> None:
        """Close, and leave logging as it was before `install`."""
        self.close()
        self._writer.close_sinks()
        self._hooks.remove()
        _look_up_what_is_unread(wanted=True)
        root = logging.getLogger()
        root.removeHandler(self)
        for handler in self._displaced:
            root.addHandler(handler)
        for name in _QUIETER:
            logging.getLogger(name).setLevel(logging.NOTSET)
        root.setLevel(logging.WARNING)

    def _sinks(self, stream: TextIO) -> tuple[Sink, ...]:
        return (StreamSink(stream), self._file) if self._file else (StreamSink(stream),)


def _look_up_what_is_unread(*, wanted: bool) -> None:
    for name in _UNREAD:
        setattr(logging, name, wanted)


def _set_levels(settings: Settings) -> None:
    name = settings.runtime.log_level
    level = TRACE if name == "TRACE" else logging.getLevelNamesMapping()[name]
    logging.getLogger().setLevel(level)
    for library, quietest in _QUIETER.items():
        chosen = logging.NOTSET if level == TRACE else max(level, quietest)
        logging.getLogger(library).setLevel(chosen)


def _secrets_in(section: BaseModel) -> Iterator[str]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _secrets_in(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, BaseModel):
                    yield from _secrets_in(item)
