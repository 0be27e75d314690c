"""The three looks of a log line: logfmt, JSON and plain text.

A line cannot be forged through what it says: in logfmt and JSON whatever breaks a line is
escaped, in plain text whatever follows the first line is indented.
"""

import logging
import re
import time
from collections.abc import Callable
from functools import lru_cache

import orjson
from logfmter import Logfmter

from minibot.adapters.observability.entry import Entry, Value
from minibot.core.settings import Settings

Layout = Callable[[Entry], str]

# What ends a line for some reader, or moves the cursor, or turns the reading direction.
_INVISIBLE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")


def layout_for(settings: Settings) -> Layout:
    """Choose: plain text unless structured; logfmt before JSON."""
    logs, environment = settings.logging, settings.runtime.environment
    if not logs.structured:
        return PlainText(logs.service_name, environment)
    if logs.logfmt.enabled:
        return Logfmt(
            logs.service_name,
            environment,
            kv_separator=logs.logfmt.kv_separator,
            record_separator=logs.logfmt.record_separator,
        )
    if logs.json_lines:
        return JsonLines(logs.service_name, environment)
    return PlainText(logs.service_name, environment)


class Logfmt(Logfmter):
    """`key=value` pairs. Quoting is logfmter's; the separators, which it has not, are ours."""

    def __init__(
        self,
        service: str,
        environment: str,
        *,
        kv_separator: str = "=",
        record_separator: str = " ",
    ) -> None:
        super().__init__()
        self._kv = kv_separator
        self._between = record_separator
        special = re.escape("".join(sorted(set(f'{kv_separator}{record_separator}"\\ ='))))
        self._harmless = re.compile(rf"[^{special}\x00-\x20\x7f]+")
        self._in_key = re.compile(rf"[{special}\x00-\x20\x7f]")
        self._source = f"{self.pair('service', service)}{self._between}" + self.pair(
            "environment", environment
        )

    def __call__(self, entry: Entry) -> str:
        pair = self.pair
        parts = [
            pair("time", _utc(entry.created)),
            pair("level", logging.getLevelName(entry.level)),
            self._source,
            pair("component", entry.component),
            pair("message", entry.message),
        ]
        parts += [pair(name, value) for name, value in entry.fields.items()]
        if entry.exception:
            parts.append(pair("exception", entry.exception))
        return _visible(self._between.join(parts))

    def pair(self, name: str, value: Value) -> str:
        """Write one field."""
        if not self._harmless.fullmatch(name):
            name = self._in_key.sub("_", name) or "_"
        return f"{name}{self._kv}{self._quoted(value)}"

    def _quoted(self, value: Value) -> str:
        text = value if isinstance(value, str) else self.format_value(value)
        if self._harmless.fullmatch(text):
            return text
        quoted = self.format_string(text)
        if quoted.startswith('"') or not quoted:
            return quoted
        # Nothing logfmt itself minds, but it holds one of the separators in use.
        return '"' + text.replace("\\", "\\\\") + '"'


class JsonLines:
    """One JSON object a line."""

    def __init__(self, service: str, environment: str) -> None:
        self._service = service
        self._environment = environment

    def __call__(self, entry: Entry) -> str:
        line: dict[str, Value] = {
            "time": _utc(entry.created),
            "level": logging.getLevelName(entry.level),
            "service": self._service,
            "environment": self._environment,
            "component": entry.component,
            "message": entry.message,
            **entry.fields,
        }
        if entry.exception:
            line["exception"] = entry.exception
        return _visible(orjson.dumps(line).decode())


class PlainText:
    """For a person at a terminal: local time, the message, then the fields."""

    def __init__(self, service: str, environment: str) -> None:
        self._source = f"{service}/{environment}"
        self._fields = Logfmt(service, environment)

    def __call__(self, entry: Entry) -> str:
        head = (
            f"{_local(int(entry.created))} {logging.getLevelName(entry.level):<8} "
            f"{self._source} {entry.component}: {entry.message}"
        )
        fields = " ".join(self._fields.pair(name, value) for name, value in entry.fields.items())
        text = f"{head}  {fields}" if fields else head
        if entry.exception:
            text = f"{text}\n{entry.exception}"
        text = _CONTROL.sub(_escaped, _visible(text.replace("\r\n", "\n")))
        return text.rstrip().replace("\n", "\n    ")


def _visible(text: str) -> str:
    return text if text.isascii() and "\x7f" not in text else _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _utc(created: float) -> str:
    whole, milliseconds = divmod(int(created * 1000), 1000)
    return f"{_utc_second(whole)}.{milliseconds:03d}Z"


@lru_cache(maxsize=4)
def _utc_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


@lru_cache(maxsize=4)
def _local(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
