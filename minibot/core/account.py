"""The account of an answer: how it came about."""

from dataclasses import dataclass, field
from datetime import datetime

from minibot.core.llm import Usage


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
