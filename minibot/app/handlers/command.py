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


def is_owner(context: TurnContext) -> bool:
    """Say whether the person who wrote runs this minibot; never true in a group."""
    message = context.message
    if message.chat.channel == CONSOLE:
        return True
    owners = (str(owner) for owner in context.settings.channels.telegram.owners)
    return message.private and message.sender.id in owners
