"""The state of the server: bots, chats, messages and switches."""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.peers.telegram.faults import Fault, Flood
from tests.peers.telegram.files import FileStore
from tests.peers.telegram.transcript import Transcript
from tests.peers.telegram.webhook import Backoff, Webhook
from tests.peers.telegram.wire import ApiError, Json, Uploads

# Update types that are off unless listed in allowed_updates.
_OPT_IN_UPDATES = {
    "chat_member",
    "message_reaction",
    "message_reaction_count",
    "stopped_message_generation",
}
_NEVER = -100.0


@dataclass(slots=True)
class ShownDraft:
    """What a person sees of an answer that is being written."""

    id: int
    text: str
    entities: list[Json]
    t: float
    """When it was shown or last changed."""
    can_stop: bool
    keep_on_stop: bool
    thread: int | None


@dataclass(slots=True, kw_only=True)
class Topic:
    """A topic of a forum, or of a private chat with a bot that has topics."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    icon_emoji: str = ""
    closed: bool = False


@dataclass(slots=True)
class Chat:
    """A chat the bot can see."""

    id: int
    type: str = "private"
    title: str = ""
    blocked: bool = False
    kicked: bool = False
    is_forum: bool | None = None
    """None: nobody said; then any thread is written to."""
    bot_admin: bool = False
    moved_to: int | None = None
    """The supergroup that has taken its place."""
    topics: dict[int, Topic] = field(default_factory=dict)

    def to_json(self) -> Json:
        if self.type == "private":
            return {
                "id": self.id,
                "type": "private",
                "first_name": f"User {self.id}",
                "username": f"user{abs(self.id)}",
            }
        shown = {"id": self.id, "type": self.type, "title": self.title or f"Chat {self.id}"}
        return shown | {"is_forum": True} if self.is_forum else shown


def user_json(user_id: int) -> Json:
    return {
        "id": user_id,
        "is_bot": False,
        "first_name": f"User {user_id}",
        "username": f"user{abs(user_id)}",
        "language_code": "en",
    }


class Bot:
    """What belongs to one token."""

    def __init__(self, token: str, username: str) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.username = username
        self.first_name = "Fake Bot"
        self.menus: dict[tuple[str, str], list[Json]] = {}
        """Commands by scope (as JSON with sorted keys) and language."""
        self.updates: deque[Json] = deque()
        self.delivered: set[int] = set()
        self.allowed_updates: set[str] | None = None
        self.next_update_id = 100_000_001
        self.next_message_id = 1
        self.messages: dict[tuple[int, int], Json] = {}
        self.sources: dict[tuple[int, int], tuple[str, str, str]] = {}
        self.drafts: dict[int, ShownDraft] = {}
        self.callbacks: dict[str, float] = {}  # unanswered presses, and when they came
        self.pressed: dict[str, int] = {}  # who pressed, of all presses
        self.reactions: dict[tuple[int, int], dict[int, list[Json]]] = {}
        self.ephemerals: dict[tuple[int, int, int], Json] = {}
        self.next_ephemeral_id = 1
        self.next_album_id = 13_000_000_000
        self.webhook: Webhook | None = None
        self.poll: asyncio.Future[None] | None = None
        self.next_conflict_at = 0.0
        self.prev_offset: int | None = None
        self.prev_poll_at = _NEVER
        self.first_poll_t: float | None = None
        self.last_poll_t: float | None = None
        self.polls = 0
        self.redelivered = 0
        self.confirmed = 0

    @property
    def commands(self) -> list[Json]:
        """The commands everybody has for whom nothing else is set."""
        return self.menus.get(('{"type": "default"}', ""), [])

    def user(self) -> Json:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }

    def push(self, content: Json, *, unfiltered: bool = False) -> int | None:
        """Queue an update; None when allowed_updates filters it out."""
        kind = next(iter(content), "")
        if not unfiltered and not self._allows(kind):
            return None
        update_id = self.next_update_id
        self.next_update_id += 1
        update = {"update_id": update_id, **content}
        self.updates.append(update)
        if self.webhook is not None:
            self.webhook.push(update)
        elif self.poll is not None and not self.poll.done():
            self.poll.set_result(None)
        return update_id

    def _allows(self, kind: str) -> bool:
        if self.allowed_updates is None:
            return kind not in _OPT_IN_UPDATES
        return kind in self.allowed_updates

    def drop_update(self, update_id: int) -> None:
        """Forget an update its webhook accepted."""
        for index, update in enumerate(self.updates):
            if update["update_id"] == update_id:
                del self.updates[index]
                self.confirmed += 1
                return

    def abort_poll(self, message: str) -> None:
        """End a waiting getUpdates with 409."""
        if self.poll is not None and not self.poll.done():
            self.poll.set_exception(ApiError(409, message))

    async def close(self) -> None:
        if self.webhook is not None:
            await self.webhook.close()
        if self.poll is not None and not self.poll.done():
            self.poll.cancel()


class World(ABC):
    """Everything the server remembers, and its switches."""

    def __init__(
        self,
        tokens: Iterable[str],
        *,
        username: str,
        seed: int,
        keep_params: bool,
    ) -> None:
        self.bots = {token: Bot(token, username) for token in tokens}
        self.chats: dict[int, Chat] = {}
        self.files = FileStore()
        self.transcript = Transcript(keep_params=keep_params)
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.flood: Flood | None = None
        self.rng = random.Random(seed)  # noqa: S311 - faults must be repeatable, not secret
        self.latency = 0.0
        self.strict_chats = True
        self.poll_quirks = True
        self.conflict_delay = 3.0
        self.privacy_mode = False
        self.unknown_methods = "ok"
        self.length_unit = "codepoints"
        self.callback_ttl = 150.0
        self.topics_enabled = False
        self.rich_messages = True
        self.webhook_backoff = Backoff()
        self.started = time.monotonic()

    @abstractmethod
    async def call(self, bot: Bot, method: str, *, params: Json, uploads: Uploads, t: float) -> Any:
        """Execute one Bot API method and answer its ``result``."""

    @property
    def default_bot(self) -> Bot:
        return next(iter(self.bots.values()))

    @property
    def events(self) -> list[Json]:
        return self.transcript.events

    def chat(self, chat_id: int, kind: str | None = None) -> Chat:
        """Find a chat, or create it; a negative id is a supergroup unless ``kind`` says else."""
        chat = self.chats.get(chat_id)
        if chat is None:
            default = "private" if chat_id > 0 else "supergroup"
            chat = self.chats[chat_id] = Chat(chat_id, kind or default)
        return chat

    def stats(self) -> Json:
        bot, flood = self.default_bot, self.flood
        hook = bot.webhook
        return {
            "now": time.monotonic(),
            "started": self.started,
            "counts": dict(self.counts),
            "errors": dict(self.errors),
            "events": len(self.events),
            "chats": len(self.chats),
            "pending_updates": len(bot.updates),
            "confirmed": bot.confirmed,
            "redelivered": bot.redelivered,
            "polls": bot.polls,
            "first_get_updates_t": bot.first_poll_t,
            "last_get_updates_t": bot.last_poll_t,
            "polling": bot.poll is not None,
            "webhook": hook.target.url if hook else "",
            "webhook_deliveries": hook.deliveries if hook else 0,
            "webhook_failures": hook.failures if hook else 0,
            "commands": bot.commands,
            "flood_refused": flood.refused if flood else 0,
            "flood_early_retries": flood.early_retries if flood else 0,
        }

    async def reset(self) -> None:
        """Forget everything but the tokens and the switches."""
        for bot in list(self.bots.values()):
            await bot.close()
            self.bots[bot.token] = Bot(bot.token, bot.username)
        self.chats.clear()
        self.files.clear()
        self.transcript.clear()
        self.counts.clear()
        self.errors.clear()
        self.faults.clear()
        self.flood = None


class Call(NamedTuple):
    """One method call of a bot; a tuple, for one is made per request and speed is measured here."""

    world: World
    bot: Bot
    method: str
    params: Json
    uploads: Uploads
    t: float
