"""What differs between two snapshots of the settings."""

from collections.abc import Iterable, Iterator

from minibot.core.settings import RESTART_KEYS, Section, Settings


def diff(old: Settings, new: Settings) -> tuple[str, ...]:
    """Name the keys, dotted as in config.toml, whose values differ. No value is told."""
    return tuple(_changed(old, new, ""))


def waiting_for_restart(changed: Iterable[str]) -> tuple[str, ...]:
    """Pick the keys of a `diff` that take effect only at the next start."""
    return tuple(key for key in changed if key in RESTART_KEYS)


def _changed(old: Section, new: Section, prefix: str) -> Iterator[str]:
    for name, field in type(old).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        key = prefix + (field.alias or name)
        if isinstance(before, Section) and isinstance(after, Section):
            yield from _changed(before, after, f"{key}.")
        elif before != after:
            yield key
