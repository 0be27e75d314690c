"""Updates as Telegram sends them, and a reader that lets two people and one group in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from minibot.adapters.channels.telegram.topics import Places
from minibot.adapters.channels.telegram.updates import Identity, UpdateReader
from minibot.core.messages import Arrival, IncomingMessage
from minibot.core.settings import Channels, Settings, TelegramChannel
from tests.adapters.channels.telegram.scripted_api import TOKEN
from tests.contracts.storages import ManualClock

Json = dict[str, Any]

OWNER, GUEST, STRANGER, GROUP = 7, 8, 666, -1001
BOT = Identity(id=4242, username="Fake_Test_Bot")


@dataclass
class Fixed:
    """Implements `minibot.core.ports.SettingsSource`."""

    current: Settings


def settings(users: tuple[int | str, ...] = (OWNER, GUEST), **changes: Any) -> Settings:
    telegram = {
        "enabled": True,
        "bot_token": SecretStr(TOKEN),
        "allowed_user_ids": users,
        "allowed_chat_ids": (GROUP,),
    }
    channel = TelegramChannel.model_validate({**telegram, **changes})
    return Settings(channels=Channels(telegram=channel))


@dataclass
class Door:
    """A reader and what stands around it."""

    settings: Settings = field(default_factory=settings)
    moved: Mapping[str, str] = field(default_factory=dict)
    reader: UpdateReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = UpdateReader(
            BOT,
            Fixed(self.settings),
            moved_chats=lambda: self.moved,
            places=Places(),
            clock=ManualClock(),
        )

    def read(self, **message: Any) -> IncomingMessage:
        """Read a message of the owner that has to be admitted."""
        arrival = self.arrival(update(**message))
        assert arrival.message is not None, arrival.problem
        assert not arrival.problem
        return arrival.message

    def arrival(self, raw: Json) -> Arrival:
        arrival = self.reader.read(raw)
        assert isinstance(arrival, Arrival)
        return arrival


def person(user_id: int = OWNER, **more: Any) -> Json:
    return {"id": user_id, "is_bot": False, "first_name": "Ada", **more}


def private(user_id: int = OWNER) -> Json:
    return {"id": user_id, "type": "private", "first_name": "Ada"}


def group(chat_id: int = GROUP) -> Json:
    return {"id": chat_id, "type": "supergroup", "title": "Family"}


def update(**message: Any) -> Json:
    """An update with a message of the owner in private; a field of None is left out."""
    fields = {
        "message_id": 11,
        "from": person(),
        "chat": private(),
        "date": 1_800_000_000,
        **{"from" if key == "sender" else key: value for key, value in message.items()},
    }
    shown = {key: value for key, value in fields.items() if value is not None}
    return {"update_id": 100, "message": shown}


def press(*, data: Any = "ok:1", query_id: Any = "q1", **message: Any) -> Json:
    """An update: a button of the bot is pressed under a message, by the owner in private.

    Args:
        message: fields of that message; `presser` is who pressed.
    """
    presser = message.pop("presser", person())
    bot = {"id": BOT.id, "is_bot": True}
    shown = update(sender=bot, text="Shall I?", **message)["message"]
    query = {"id": query_id, "from": presser, "message": shown, "chat_instance": "1", "data": data}
    given = {key: value for key, value in query.items() if value is not None}
    return {"update_id": 100, "callback_query": given}


def entity(kind: str, text: str, part: str, **more: Any) -> Json:
    """An entity over the first occurrence of a part; its offsets count UTF-16 units."""
    before = text[: text.index(part)]
    units = [len(piece.encode("utf-16-le")) // 2 for piece in (before, part)]
    return {"type": kind, "offset": units[0], "length": units[1], **more}
