"""How minibot behaves in a conversation."""

from typing import Literal

from pydantic import Field

from minibot.core.settings.section import Section


class Chat(Section):
    """How a conversation goes on."""

    during_turn: Literal["queue", "interrupt"] = "queue"
    """What a message does that comes while its person is being answered: it waits for its turn, or
    it stops that answer and is answered instead."""


class Streaming(Section):
    """What is shown of an answer while it is being written."""

    transport: Literal["auto", "draft", "edit", "off"] = "auto"
    """``draft``: a preview beside the messages, in private chats only; ``edit``: a message that is
    changed as it grows; ``auto``: a draft where there can be one, else edits."""
    draft_interval_ms: int = Field(default=400, ge=100, le=10_000)
    edit_interval_ms: int = Field(default=1200, ge=500, le=60_000)
    """The shortest between two changes in one chat."""
