"""The server as people have it before them: what they do, and what they see."""

from __future__ import annotations

import time

from tests.peers.telegram import commands, drafts, views
from tests.peers.telegram.inject import inject
from tests.peers.telegram.wire import Json
from tests.peers.telegram.world import World


class Seen(World):
    """What a test asks of the server in its own process."""

    def inject(self, spec: Json) -> Json:
        """Make a user do something, as ``POST /control/inject`` does."""
        return inject(self, spec)

    def press(
        self, chat_id: int, label: str, *, by: int | None = None, message_id: int | None = None
    ) -> Json:
        """Let somebody press the newest button of this name; ``by`` is needed in groups.

        Raises ValueError when there is no such button to be seen.
        """
        spec: Json = {"kind": "callback", "chat_id": chat_id, "label": label}
        spec |= {} if by is None else {"user_id": by}
        return self.inject(spec | ({} if message_id is None else {"message_id": message_id}))

    def buttons(self, chat_id: int, *, message_id: int | None = None) -> list[list[str]]:
        """Give the labels under the newest message that has buttons, or under one message."""
        return views.buttons(self.default_bot, chat_id, message_id=message_id)

    def shown_draft(self, chat_id: int, now: float | None = None) -> str | None:
        """Give the text of the draft that is shown in a chat at a monotonic moment, or none."""
        moment = time.monotonic() if now is None else now
        draft = drafts.shown(self.default_bot, chat_id, now=moment)
        return draft.text if draft is not None else None

    def reactions(self, chat_id: int, message_id: int) -> dict[int, list[str]]:
        """Give who reacts to a message and how, emoji or numbers of custom ones by actor's id."""
        there = self.default_bot.reactions.get((chat_id, message_id), {})
        return {
            actor: [kind.get("emoji") or kind["custom_emoji_id"] for kind in chosen]
            for actor, chosen in there.items()
        }

    def ephemerals(self, chat_id: int, user_id: int) -> list[Json]:
        """Give the messages only this person sees in a chat, in order."""
        kept = self.default_bot.ephemerals.items()
        return [message for key, message in kept if key[:2] == (chat_id, user_id)]

    def menu(
        self, chat_id: int, *, user_id: int | None = None, admin: bool = False, language: str = ""
    ) -> list[Json]:
        """Give the commands somebody finds in the menu of a chat."""
        who, chat = self.default_bot, self.chat(chat_id)
        return commands.menu(who, chat, user_id=user_id, admin=admin, language=language)

    def sent_files(self, chat_id: int) -> list[views.SentFile]:
        """Give the files the bot sent to a chat, in order."""
        return views.sent_files(self.default_bot, self.files, chat_id)
