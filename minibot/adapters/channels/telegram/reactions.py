"""Reactions that somebody put at a message (Bot API, MessageReactionUpdated)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from minibot.adapters.channels.telegram.json_fields import Json, integer, mapping
from minibot.core.messages import ChatRef, IncomingMessage, Person
from minibot.core.reactions import verb_of


def is_reaction(update: Any) -> bool:
    return isinstance(update, dict) and "message_reaction" in update


def read_reaction(
    reaction: Json,
    meanings: Mapping[str, str],
    *,
    chat: ChatRef,
    sender: Person,
    private: bool,
) -> IncomingMessage | None:
    """Read a reaction that was added and means something; None when there is none.

    Raises:
        KeyError, TypeError, ValueError, OverflowError, OSError: it cannot be read.
    """
    before = set(_names(reaction["old_reaction"]))
    added = [name for name in _names(reaction["new_reaction"]) if name not in before]
    meant = [name for name in added if verb_of(name, meanings) is not None]
    if not meant:
        return None
    return IncomingMessage(
        id=str(integer(reaction["message_id"])),
        chat=chat,
        sender=sender,
        text="",
        sent_at=datetime.fromtimestamp(integer(reaction["date"]), UTC),
        private=private,
        addressed=True,
        reaction=meant[0],
    )


def _names(reactions: object) -> Iterator[str]:
    for each in reactions if isinstance(reactions, list) else ():
        name = mapping(each).get("emoji") or mapping(each).get("custom_emoji_id")
        if isinstance(name, str):
            yield name
