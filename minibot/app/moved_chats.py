"""Chats whose id the channel changed: Telegram turns a group into a supergroup that way."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from minibot.app.event_bus import EventBus
from minibot.core.events import ChatRekeyed, TroubleNoticed
from minibot.core.messages import ChatRef
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Outbox

log = logging.getLogger(__name__)

Follow = Callable[[ChatRef, str], Awaitable[None]]
"""Given a chat as it was and its new id."""


class MovedChats:
    """Moves all that is stored about a chat, and remembers which id it had before.

    The allow-list in config.toml belongs to the owner and is not rewritten: the old id there
    goes on letting the new one in.
    """

    def __init__(self, outbox: Outbox, bus: EventBus, *, follow: Sequence[Follow] = ()) -> None:
        """`follow` are told of a move whose things are not with the outbox."""
        self._outbox = outbox
        self._bus = bus
        self._follow = follow
        self._new_by_old: Mapping[str, str] = {}

    async def load(self) -> None:
        self._new_by_old = await self._outbox.moved_chats()

    def new_by_old(self) -> Mapping[str, str]:
        """Old chat key to new."""
        return self._new_by_old

    async def move(self, old: ChatRef, new_chat_id: str) -> list[OutgoingPart]:
        """Re-key a chat; what waits to be delivered to it comes back."""
        parts = await self._outbox.move_chat(old, new_chat_id)
        for follow in self._follow:
            await follow(old, new_chat_id)
        await self.load()
        log.warning("a chat has a new id", extra={"old": old.chat_id, "new": new_chat_id})
        self._bus.publish(ChatRekeyed(old=old, new_chat_id=new_chat_id))
        self._bus.publish(
            TroubleNoticed(
                topic=f"moved {old.chat_key}",
                text=f"The group {old.chat_id} became {new_chat_id}. It is still let in; "
                "please put the new number into allowed_chat_ids.",
            )
        )
        return parts
