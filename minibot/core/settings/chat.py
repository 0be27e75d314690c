"""How minibot behaves in a conversation."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from minibot.core.settings.section import Section

Verb = Literal["retry", "undo", "stop", "remember"]


class Chat(Section):
    """How a conversation goes on."""

    during_turn: Literal["queue", "steer", "interrupt"] = "queue"
    """What a message does that comes while its person is being answered: it waits for its turn; it
    enters that turn once the tools that run have ended; or it stops that answer and is answered
    instead. A chat may choose otherwise."""
    gather_ms: int = Field(default=500, ge=0, le=10_000)
    """How long an album, a forward, a file without a word or a text as long as a message can be
    wait for what belongs to them; 0 for not at all."""
    reactions: Mapping[str, Verb] = {"👎": "retry", "✍": "remember", "📌": "remember"}
    """What a reaction does that somebody puts at a message of minibot's: ``retry`` and ``undo``
    its last exchange, ``stop`` what is being written, ``remember`` the message. None is asked for
    when this is empty."""

    @field_validator("reactions")
    @classmethod
    def _name_reactions(cls, value: Mapping[str, Verb]) -> Mapping[str, Verb]:
        if any(not emoji.strip() for emoji in value):
            raise ValueError("must name an emoji on the left of each =")
        return value


class Streaming(Section):
    """What is shown of an answer while it is being written."""

    transport: Literal["auto", "draft", "edit", "off"] = "auto"
    """``draft``: a preview beside the messages, in private chats only; ``edit``: a message that is
    changed as it grows; ``auto``: a draft where there can be one, else edits."""
    draft_interval_ms: int = Field(default=400, ge=100, le=10_000)
    edit_interval_ms: int = Field(default=1200, ge=500, le=60_000)
    """The shortest between two changes in one chat."""
