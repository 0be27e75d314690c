"""What a command is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from minibot.app.pipeline import Answer, TurnContext
from minibot.core.access import CONSOLE

Run = Callable[[TurnContext, str], Awaitable[Answer]]
"""Given the context and what stands behind the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A word that minibot itself understands."""

    run: Run
    help: str
    owner_only: bool = False
    in_private: bool = True
    """False for one that says in private no more than that it is for groups."""
    in_groups: bool = True
    """False for one that says in groups no more than that it is for private chats."""


def notice(markdown: str) -> Answer:
    """Say something that in a group concerns nobody but who wrote."""
    return Answer(markdown=markdown, notice=True)


def is_owner(context: TurnContext) -> bool:
    """Say whether the person who wrote runs this minibot; never true in a group."""
    return context.message.private and _owns(context)


def runs_chat(context: TurnContext) -> bool:
    """Say whether the person who wrote may choose for the whole chat.

    In private everybody may, in a group those who run this minibot.
    """
    return context.message.private or _owns(context)


def _owns(context: TurnContext) -> bool:
    message = context.message
    if message.chat.channel == CONSOLE:
        return True
    owners = (str(owner) for owner in context.settings.channels.telegram.owners)
    return message.sender.id in owners
