"""Whose words a message carries beside those of its sender."""

from collections.abc import Collection
from typing import Any

from minibot.adapters.channels.telegram.attachments import attachments
from minibot.adapters.channels.telegram.json_fields import Json, mapping

_LEGACY_FORWARD_KEYS = (
    "forward_from",
    "forward_from_chat",
    "forward_sender_name",
    "forward_date",
)
"""How servers before Bot API 7.0 tell of a forward; today it is ``forward_origin``."""


_QUOTING_KEYS = frozenset({"reply_to_message", "quote", "external_reply"})


def quoted_text(message: Json) -> str:
    """The text of the message this one answers, or of the piece that was picked from it."""
    if _QUOTING_KEYS.isdisjoint(message):
        return ""
    replied = mapping(message.get("reply_to_message"))
    for source, key in (
        (mapping(message.get("quote")), "text"),
        (replied, "text"),
        (replied, "caption"),
    ):
        if isinstance(found := source.get(key), str):
            return found
    return ""


def quoted_message(message: Json) -> Json:
    """What Telegram shows of the message this one answers, here or in another chat."""
    found = mapping(message.get("reply_to_message")) or mapping(message.get("external_reply"))
    # What is wrong with it must not make the message that answers it unreadable.
    return found if isinstance(found.get("photo", []), list) else {**found, "photo": []}


def is_forward(message: Json) -> bool:
    """Say whether a message was sent on, be it the sender's own."""
    return "forward_origin" in message or any(key in message for key in _LEGACY_FORWARD_KEYS)


def is_foreign(message: Json, own: Collection[int]) -> bool:
    """Say whether it carries words that somebody else wrote.

    Args:
        own: the ids of the sender and the bot. What cannot be attributed to them is foreign.
    """
    if _passed_on(message, own):
        return True
    if _QUOTING_KEYS.isdisjoint(message):
        return False
    if "external_reply" in message:
        return not _is_own_origin(mapping(message["external_reply"]).get("origin"), own)
    # Every message in a topic answers the one that opened it, which has no words to carry.
    carries = quoted_text(message) or any(attachments(quoted_message(message)))
    return bool(carries) and not _answers_own(message, own)


def _passed_on(message: Json, own: Collection[int]) -> bool:
    """Say whether somebody else's message was sent on, or another bot's through its inline mode."""
    if "via_bot" in message:
        return True
    if "forward_origin" in message:
        return not _is_own_origin(message["forward_origin"], own)
    if is_forward(message):
        return not _is_one_of(message.get("forward_from"), own)
    return False


def _answers_own(message: Json, own: Collection[int]) -> bool:
    replied = mapping(message.get("reply_to_message"))
    return _is_one_of(replied.get("from"), own) and not _passed_on(replied, own)


def _is_own_origin(origin: Any, own: Collection[int]) -> bool:
    """Read a MessageOrigin; only that of a user with a visible account names somebody."""
    found = mapping(origin)
    return found.get("type") == "user" and _is_one_of(found.get("sender_user"), own)


def _is_one_of(user: Any, own: Collection[int]) -> bool:
    user_id = mapping(user).get("id")
    return type(user_id) is int and user_id in own
