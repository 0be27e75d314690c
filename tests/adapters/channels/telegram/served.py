"""A Bot API that keeps state, as people and tests see it."""

from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.update_samples import OWNER, Json
from tests.peers.telegram import Running

Served = Rig[Running]


def shown(served: Served, message_id: str, chat_id: int = OWNER) -> Json:
    """Give a message as people see it."""
    return served.api.app.default_bot.messages[chat_id, int(message_id)]


def methods(served: Served) -> list[str]:
    """Give what was called, refused calls included."""
    return [event["method"] for event in served.api.app.events if event["dir"] != "in"]
