"""Fields that every log line of a piece of work carries.

They follow the work through `await` and into the tasks it starts, and say nothing to anyone
else. Usual names: ``request_id``, ``conversation``, ``user_id``, ``job_id``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, object] = MappingProxyType({})
_fields: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=_NOTHING)


def current() -> Mapping[str, object]:
    """Give the fields in force here; a snapshot that later calls of `bind` do not change."""
    return _fields.get()


@contextmanager
def bind(**fields: object) -> Iterator[None]:
    """Add fields inside the block; a field that is None is left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    token = _fields.set(MappingProxyType({**_fields.get(), **known}))
    try:
        yield
    finally:
        _fields.reset(token)
