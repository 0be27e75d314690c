"""The account of an answer: how it came about."""

import json
from dataclasses import dataclass, field, fields
from datetime import datetime

from minibot.core.llm import Usage

CHOICE = "last_answer"
"""Under which `Preferences` keep the account of the last answer of a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAccount:
    """What `/why` tells of an answer. Nothing of what was said is in it."""

    reference: str
    """The same as in the log."""
    answered_at: datetime
    models: tuple[str, ...]
    """Titles of those that answered, in order: each step of a turn may have another."""
    tools: tuple[str, ...] = ()
    """Names of what was called, in order."""
    usage: Usage = field(default_factory=Usage)
    """Of all steps together."""
    cost: float | None = None
    """In the currency of config.toml; None where no price is known."""
    first_seconds: float | None = None
    """From the message to the first sign of the model; None when there was none."""
    seconds: float = 0.0
    """From the message to the whole answer."""
    exchanges: int = 0
    """Of the conversation that the model was shown."""
    facts: int = 0
    """Notes about the person that it was shown."""
    summary: bool = False
    """True when it was shown a summary of what came before these exchanges."""
    prompt: bool = False
    """True when the chat's own addition to the instructions was there."""


_NAMES = tuple(each.name for each in fields(AnswerAccount))
_USAGE_NAMES = tuple(each.name for each in fields(Usage))


def dump_account(account: AnswerAccount) -> str:
    # Once for every answer, so not by `asdict`, which takes four times as long.
    stored = {name: getattr(account, name) for name in _NAMES}
    stored["usage"] = {name: getattr(account.usage, name) for name in _USAGE_NAMES}
    stored["answered_at"] = account.answered_at.isoformat()
    return json.dumps(stored)


def parse_account(text: str) -> AnswerAccount | None:
    """Read it back; None when it cannot be read, or nothing is there."""
    if not text:
        return None
    try:
        stored = json.loads(text)
        stored["answered_at"] = datetime.fromisoformat(stored["answered_at"])
        stored["usage"] = Usage(**stored["usage"])
        for name in ("models", "tools"):
            stored[name] = tuple(stored[name])
        return AnswerAccount(**stored)
    except (ValueError, TypeError, KeyError):
        return None
