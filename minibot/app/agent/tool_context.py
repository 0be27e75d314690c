"""What a tool is told of the turn it runs in, and how its effect can be taken back."""

import secrets
from datetime import datetime

from minibot.app.pipeline import TurnContext
from minibot.core.owners import owner_of
from minibot.core.tools import ToolContext, ToolResult
from minibot.core.undo import UNDO_FOR, Undoable


def tool_context(context: TurnContext, now: datetime) -> ToolContext:
    message = context.message
    return ToolContext(
        person=message.sender,
        owner=owner_of(message, context.settings),
        chat=message.chat,
        conversation=context.item.conversation,
        now=now,
        settings=context.settings,
    )


def undoable_of(result: ToolResult, context: TurnContext, now: datetime) -> Undoable | None:
    """Name what a button can take back; None when nothing can be."""
    if result.undo is None:
        return None
    return Undoable(
        token=secrets.token_urlsafe(16),
        person_id=context.message.sender.id,
        owner=owner_of(context.message, context.settings),
        label=result.receipt,
        action=result.undo,
        expires_at=now + UNDO_FOR,
    )
