"""Reminders that people asked for and did not save yet."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from minibot.core.messages import ChatRef, IncomingMessage
from minibot.core.ports import Clock, Preferences

CHOICE = "wishes"
KEPT_FOR = timedelta(days=7)
MOST = 10
"""Of one person; the oldest goes when there is one more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderWish:
    """What somebody asked for, word for word: read again it means the same."""

    token: str
    words: str
    asked_at: datetime
    """Now, for whoever reads the words."""
    zone: str
    """In which they are read; empty as long as the person did not say where they live."""
    chat: ChatRef
    """Where it was asked for."""


class ReminderWishes:
    """Keeps wishes until they are saved or dropped, over restarts as well.

    They are kept among the choices of a person's private chat, wherever they were made: what
    erases a person's data erases these.
    """

    def __init__(self, preferences: Preferences, clock: Clock) -> None:
        self._preferences = preferences
        self._clock = clock

    def of(self, message: IncomingMessage) -> list[ReminderWish]:
        """Give the wishes of whoever wrote, the oldest first."""
        kept = self._preferences.get(_place(message), CHOICE)
        wishes = map(_wish, json.loads(kept)) if kept else ()
        return [wish for wish in wishes if self._clock.now() - wish.asked_at <= KEPT_FOR]

    def find(self, message: IncomingMessage, token: str) -> ReminderWish | None:
        return next((wish for wish in self.of(message) if wish.token == token), None)

    async def keep(self, message: IncomingMessage, wish: ReminderWish) -> None:
        """Keep a wish, in place of one of the same token."""
        others = [other for other in self.of(message) if other.token != wish.token]
        await self._set(message, [*others, wish])

    async def drop(self, message: IncomingMessage, token: str) -> None:
        await self._set(message, [wish for wish in self.of(message) if wish.token != token])

    async def _set(self, message: IncomingMessage, wishes: list[ReminderWish]) -> None:
        fields = [
            {**asdict(wish), "asked_at": wish.asked_at.isoformat(), "chat": wish.chat.key}
            for wish in wishes[-MOST:]
        ]
        value = json.dumps(fields, ensure_ascii=False) if fields else ""
        await self._preferences.set(_place(message), CHOICE, value)


def _place(message: IncomingMessage) -> str:
    return ChatRef(channel=message.chat.channel, chat_id=message.sender.id).key


def _wish(fields: dict[str, str]) -> ReminderWish:
    return ReminderWish(
        token=fields["token"],
        words=fields["words"],
        asked_at=datetime.fromisoformat(fields["asked_at"]),
        zone=fields["zone"],
        chat=ChatRef.parse(fields["chat"]),
    )
