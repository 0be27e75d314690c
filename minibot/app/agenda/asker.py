"""Who asks for something to happen later."""

from minibot.app.pipeline import TurnContext
from minibot.core.owners import person_of
from minibot.core.planning import Asker


def asker_of(context: TurnContext) -> Asker:
    """Name whoever caused a turn, and where they are answered."""
    message = context.message
    return Asker(
        owner=person_of(message, context.settings),
        person=message.sender,
        chat=message.chat,
        private=message.private,
    )
