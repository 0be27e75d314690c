"""What a chat chose for itself: how it is answered, by which model, in which language."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_PROMPT = 4_000
"""Characters of the addition to the system prompt."""

LONGEST_MODEL = 200
"""Characters of a model's title."""

HOTTEST = 2.0


class Switch(StrEnum):
    """On or off, or as config.toml says."""

    DEFAULT = "default"
    ON = "on"
    OFF = "off"


class Verbosity(StrEnum):
    """How much the model is asked to say."""

    BRIEF = "brief"
    NORMAL = "normal"
    DETAILED = "detailed"


class DuringTurn(StrEnum):
    """What a message does that comes while its person is being answered."""

    DEFAULT = "default"
    """As config.toml says."""
    QUEUE = "queue"
    STEER = "steer"
    INTERRUPT = "interrupt"


class GroupMode(StrEnum):
    """Which messages of a group are answered."""

    DEFAULT = "default"
    """As config.toml says."""
    ADDRESSED = "addressed"
    ALWAYS = "always"
    OFF = "off"
    """None; commands that change this are still followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """The choices of one conversation. The names are those under which they are stored."""

    model: str = ""
    """Title of the model that is asked first; empty for the order of config.toml."""
    prompt: str = ""
    """Added to the system prompt."""
    temperature: float | None = None
    """0 to 2; None for that of config.toml."""
    streaming: Switch = Switch.DEFAULT
    verbosity: Verbosity = Verbosity.NORMAL
    during_turn: DuringTurn = DuringTurn.DEFAULT
    group_mode: GroupMode = GroupMode.DEFAULT
    rich: Switch = Switch.DEFAULT
    language: str = ""
    """Of what minibot itself says, such as ``de``; empty for that of whoever writes."""
    others: tuple[tuple[str, str], ...] = ()
    """What was stored under names that are not known here, as JSON: of a newer minibot, which
    will want it back."""


UNCHANGED = ChatSettings()


def parse_chat_settings(text: str) -> tuple[ChatSettings, tuple[str, ...]]:
    """Read what `dump_chat_settings` wrote.

    What cannot be used is as if it had not been chosen, and is named in words for the log.
    """
    if not text:
        return UNCHANGED, ()
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        return UNCHANGED, ("the choices of a chat are no JSON",)
    if not isinstance(stored, dict):
        return UNCHANGED, ("the choices of a chat are no JSON object",)
    chosen: dict[str, Any] = {}
    problems: list[str] = []
    for name, read in _READERS.items():
        if name not in stored:
            continue
        try:
            chosen[name] = read(stored[name])
        except (ValueError, TypeError):
            problems.append(f"the choice of {name} cannot be used: {str(stored[name])[:80]!r}")
    others = tuple((name, json.dumps(stored[name])) for name in stored if name not in _READERS)
    return ChatSettings(**chosen, others=others), tuple(problems)


def dump_chat_settings(settings: ChatSettings) -> str:
    """Write what differs from the defaults; empty when nothing does."""
    stored: dict[str, Any] = {name: json.loads(value) for name, value in settings.others}
    for name in _READERS:
        value = getattr(settings, name)
        if value != getattr(UNCHANGED, name):
            stored[name] = value
    return json.dumps(stored, ensure_ascii=False) if stored else ""


def read_temperature(value: object) -> float | None:
    """Take a temperature. Raises `ValueError` for none from 0 to 2."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a number")
    if not 0 <= value <= HOTTEST:
        raise ValueError("not from 0 to 2")
    return float(value)


def _text(longest: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError("no text, or too long")
        return value

    return read


_READERS: dict[str, Callable[[Any], object]] = {
    "model": _text(LONGEST_MODEL),
    "prompt": _text(LONGEST_PROMPT),
    "temperature": read_temperature,
    "streaming": Switch,
    "verbosity": Verbosity,
    "during_turn": DuringTurn,
    "group_mode": GroupMode,
    "rich": Switch,
    "language": _text(10),
}
"""Every choice, and what reads it; each raises `ValueError` for what it cannot use."""
