"""One log record as it was at the moment of the call, cut loose from everything that may change."""

import logging
import traceback
from typing import NamedTuple

from minibot.core import log_context

Value = str | int | float | bool | None

TRACE = 5
"""Below DEBUG: also lets third-party libraries say everything."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_OWN_NAMES = frozenset(
    {"time", "level", "service", "environment", "component", "message", "exception"}
)
_ATOMS = frozenset({float, bool, type(None)})
_LARGEST_INT = 2**63


class Entry(NamedTuple):
    """What a line says. A tuple, because one is made for every record in the calling thread."""

    created: float
    level: int
    component: str
    message: str
    fields: dict[str, Value]
    exception: str
    """Traceback and stack as text; empty when there is none."""


def capture(record: logging.LogRecord) -> Entry:
    """Read the record, the context of the caller and the exception, now."""
    fields = {name: _frozen(value) for name, value in log_context.current().items()}
    for name, value in vars(record).items():
        if name not in _STANDARD:
            fields[_writable(str(name))] = _frozen(value)
    for name in fields.keys() & _OWN_NAMES:
        fields[f"{name}_"] = fields.pop(name)
    return Entry(
        record.created,
        record.levelno,
        _writable(record.name.removeprefix("minibot.")),
        _writable(record.getMessage()),
        fields,
        _exception_text(record) if record.exc_info or record.exc_text or record.stack_info else "",
    )


def unreadable(record: logging.LogRecord, problem: Exception) -> Entry:
    """Stand in for a record whose message or fields cannot be turned into text."""
    return Entry(
        record.created,
        max(record.levelno, logging.ERROR),
        _writable(record.name.removeprefix("minibot.")),
        _writable(
            "A log call failed: "
            + (record.msg if isinstance(record.msg, str) else type(record.msg).__name__)
        ),
        {"problem": type(problem).__name__, "file": record.filename, "line": record.lineno},
        "",
    )


def _frozen(value: object) -> Value:
    if type(value) in _ATOMS:
        return value  # type: ignore[return-value]  # exactly one of the atoms
    if type(value) is int and -_LARGEST_INT <= value < _LARGEST_INT:
        return value
    return _writable(str(value))


def _writable(text: str) -> str:
    """Spell out halves of surrogate pairs, which no stream takes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _exception_text(record: logging.LogRecord) -> str:
    texts = []
    if record.exc_info and record.exc_info[1] is not None:
        texts.append("".join(traceback.format_exception(record.exc_info[1])))
    elif record.exc_text:
        texts.append(record.exc_text)
    if record.stack_info:
        texts.append(record.stack_info)
    return _writable("\n".join(text.rstrip() for text in texts))
