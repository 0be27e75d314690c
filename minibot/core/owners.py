"""Whose memory and files are used. Decided by who wrote where, never by what a model says."""

from minibot.core.access import CONSOLE
from minibot.core.messages import ChatRef, IncomingMessage
from minibot.core.settings import Settings


def owner_of(message: IncomingMessage, settings: Settings) -> str:
    """Name the owner of what is remembered where this message was written.

    A person has one memory in private and another in each group, so that nothing told in
    private can come up before others: ``telegram:111`` and ``telegram:111@-1002``.
    """
    own = person_of(message, settings)
    return own if message.private else f"{own}@{message.chat.chat_id}"


def person_of(message: IncomingMessage, settings: Settings) -> str:
    """Name the person who wrote, across all their memories.

    A console knows nobody by name; the settings say whose it is.
    """
    if message.chat.channel == CONSOLE:
        return settings.tools.kv_memory.default_owner_id
    return f"{message.chat.channel}:{message.sender.id}"


def belongs_to(owner: str, person: str) -> bool:
    """Say whether a memory is one of this person, given by `person_of`."""
    return owner == person or owner.startswith(f"{person}@")


def moved_owner(owner: str, old: ChatRef, new_chat_id: str) -> str:
    """Name an owner as of after a move of a chat."""
    suffix = f"@{old.chat_id}"
    if owner.startswith(f"{old.channel}:") and owner.endswith(suffix):
        return f"{owner.removesuffix(suffix)}@{new_chat_id}"
    return owner
