"""Every key that config.toml may hold, as `Settings` declares them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args, get_origin

from pydantic import SecretStr

from minibot.core.settings import Section, Settings

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one key."""

    table: bool
    secret: bool
    many: bool
    """True when the value is a list."""
    tables: bool
    """True when it is a list of tables; their keys are entries below it."""
    mapping: bool
    """True when it is a table whose keys are up to whoever writes it."""
    default: object


def _entries(section: type[Section], prefix: KeyPath) -> Iterator[tuple[KeyPath, Entry]]:
    for name, field in section.model_fields.items():
        path = (*prefix, field.alias or name)
        kind = field.annotation
        inner = _section(kind)
        items = _section(get_args(kind)[0]) if get_origin(kind) is tuple else None
        yield (
            path,
            Entry(
                table=inner is not None,
                secret=kind is SecretStr,
                many=get_origin(kind) is tuple,
                tables=items is not None,
                mapping=get_origin(kind) is Mapping,
                default=field.default,
            ),
        )
        if below := inner or items:
            yield from _entries(below, path)


def _section(kind: object) -> type[Section] | None:
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


ENTRIES: Mapping[KeyPath, Entry] = dict(_entries(Settings, ()))


def dotted(path: KeyPath) -> str:
    return ".".join(_presentable(part) for part in path)


def _presentable(part: str) -> str:
    # What stands in the place of a key may be a secret that lost its key.
    harmless = len(part) <= 32 and part.isascii() and part.replace("_", "").replace("-", "")
    return part if harmless and harmless.isalnum() else "(unreadable name)"


def unknown_key(path: KeyPath, *, table: bool) -> str:
    """Say what a person may have meant by a key that does not exist."""
    what = "unknown table" if table else "unknown key"
    if nearest := _nearest(path):
        return f"{what}; did you mean {dotted(nearest)}?"
    *parents, _ = path
    where = f"[{dotted(tuple(parents))}]" if parents else "the file"
    known = sorted(key[-1] for key in ENTRIES if key[:-1] == tuple(parents))
    return f"{what}; {where} knows: {', '.join(known)}"


def _nearest(path: KeyPath) -> KeyPath | None:
    """Look for a name like it in the same table, then for the same name in another."""
    *parents, name = (part.lower() for part in path)
    beside = {key[-1]: key for key in ENTRIES if key[:-1] == tuple(parents)}
    for match in get_close_matches(name, beside, n=1):
        return beside[match]
    for key in ENTRIES:
        if key[-1] == name:
            return key
    return None
