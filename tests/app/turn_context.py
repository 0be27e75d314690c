"""Contexts for what runs inside a turn."""

from typing import Any

from minibot.app.pipeline import TurnContext
from minibot.core.inbox import InboxItem
from minibot.core.messages import Person
from minibot.core.settings import Settings
from tests.fakes import START, make_message, make_settings


def make_context(
    text: str = "hello",
    *,
    settings: Settings | None = None,
    sender_id: str = "42",
    item_id: int = 1,
    language: str = "",
    **fields: Any,
) -> TurnContext:
    """Give the context of a message from a person, in private unless `fields` say otherwise."""
    sender = Person(id=sender_id, name="Ann", language=language)
    message = make_message(text, sender=sender, **fields)
    item = InboxItem(
        id=item_id,
        conversation=message.chat.key,
        message=message,
        received_at=START,
        attempts=1,
        crashes=0,
    )
    return TurnContext(item=item, settings=settings or make_settings())
