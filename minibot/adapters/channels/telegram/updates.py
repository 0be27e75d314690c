"""From an update of the Bot API to an arrival, for those who may talk to the bot."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from minibot.core.access import TELEGRAM, group_listed, may_talk
from minibot.core.messages import (
    Arrival,
    Attachment,
    AttachmentKind,
    ChatRef,
    IncomingMessage,
    Person,
)
from minibot.core.ports import SettingsSource

log = logging.getLogger(__name__)

Json = dict[str, Any]

ALLOWED_UPDATES = ["message"]
"""What Telegram is asked for. All else is refused at the door as well."""

NOT_PEOPLE = frozenset({777000, 1087968824, 136817688})
"""Telegram itself, "Group Anonymous Bot" and "Channel Bot": nobody stands behind these ids."""

URGENT_COMMANDS = frozenset({"/stop"})

_REMOVED = {code: None for code in (*range(9), 11, 12, *range(14, 32), 127)}
"""Control characters have no place in a message; newline, carriage return and tab stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot is (getMe)."""

    id: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A group became a supergroup and has a new id."""

    old: ChatRef
    new_chat_id: str


class UpdateReader:
    """Reads updates. Whoever is not allowed leaves no trace but a count."""

    def __init__(
        self,
        identity: Identity,
        settings: SettingsSource,
        moved_chats: Callable[[], Mapping[str, str]],
    ) -> None:
        self._identity = identity
        self._settings = settings
        self._moved_chats = moved_chats
        self.refused = 0
        """Updates of people, chats or types that are not allowed, since the start."""

    def read(self, update: Any) -> Arrival | Migration | None:
        """Give what is to be stored or followed; None when there is nothing.

        An update of an allowed person that cannot be read is an arrival without a message.
        """
        try:
            update_id = update["update_id"]
            message = update["message"]
            where = _where(message)
        except (KeyError, TypeError, ValueError):
            self.refused += 1
            return None
        if (migration := _migration(message, where)) is not None and self._is_listed(where.chat):
            return migration
        if type(update_id) is not int or not self._admits(where):
            self.refused += 1
            return None
        if migration is not None or _is_service(message):
            return None
        return self._arrival(update_id, update, where)

    def _admits(self, where: "_Where") -> bool:
        if where.is_bot or where.person_id in NOT_PEOPLE or where.speaks_as_chat:
            return False
        return may_talk(
            self._settings.current,
            where.chat,
            person_id=str(where.person_id),
            private=where.private,
            moved_chats=self._moved_chats(),
        )

    def _is_listed(self, chat: ChatRef) -> bool:
        """Say whether a group is allowed, whoever speaks: its admins need not be."""
        telegram = self._settings.current.channels.telegram
        return group_listed(telegram, chat, self._moved_chats())

    def _arrival(self, update_id: int, update: Json, where: "_Where") -> Arrival:
        message, problem = None, ""
        try:
            message = self._message(update["message"], where)
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            problem = f"unreadable update: {type(error).__name__}: {error}"[:300]
        return Arrival(
            account=str(self._identity.id),
            key=str(update_id),
            chat=where.chat,
            raw=_verbatim(update),
            message=message,
            problem=problem,
            urgent=message is not None and message.addressed and _is_urgent(message.text),
        )

    def _message(self, message: Json, where: "_Where") -> IncomingMessage:
        text, entities = _text_and_entities(message)
        replied = _mapping(message.get("reply_to_message"))
        words = _clean(self._without_own_name(text))
        return IncomingMessage(
            id=str(_integer(message["message_id"])),
            chat=where.chat,
            sender=_person(message["from"]),
            text=words,
            sent_at=datetime.fromtimestamp(_integer(message["date"]), UTC),
            private=where.private,
            addressed=where.private or self._is_addressed(text, entities, replied),
            attachments=tuple(_attachments(message)),
            reply_to=str(_integer(replied["message_id"])) if replied else "",
            quoted_text=_clean(_quoted(message, replied)),
        )

    def _is_addressed(self, text: str, entities: list[Json], replied: Json) -> bool:
        if _mapping(replied.get("from")).get("id") == self._identity.id:
            return True
        return any(self._names_us(text, entity) for entity in entities)

    def _names_us(self, text: str, entity: Json) -> bool:
        own = f"@{self._identity.username}".lower()
        match entity.get("type"):
            case "mention":
                return _slice(text, entity).lower() == own
            case "text_mention":
                return bool(_mapping(entity.get("user")).get("id") == self._identity.id)
            case "bot_command":
                _, at, name = _slice(text, entity).partition("@")
                # A command that names nobody is for every bot, but a path such as /etc is none.
                return f"@{name}".lower() == own if at else entity["offset"] == 0
        return False

    def _without_own_name(self, text: str) -> str:
        """Drop the bot's name where it only says whom the message is for."""
        own = f"@{self._identity.username}"
        first, space, rest = text.partition(" ")
        if first.lower() == own.lower():
            return rest.lstrip()
        command, at, name = first.partition("@")
        if command.startswith("/") and at and f"@{name}".lower() == own.lower():
            return command + space + rest
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    chat: ChatRef
    person_id: int
    private: bool
    is_bot: bool
    speaks_as_chat: bool


def _where(message: Json) -> _Where:
    """Find out who wrote where; all that the question of access needs."""
    chat, sender = message["chat"], message["from"]
    chat_id, person_id = _integer(chat["id"]), _integer(sender["id"])
    private = chat["type"] == "private"
    if private and chat_id != person_id:
        raise ValueError("a private chat has the id of its person")
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    return _Where(
        chat=ChatRef(
            channel=TELEGRAM,
            chat_id=str(chat_id),
            thread_id="" if topic is None else str(_integer(topic)),
        ),
        person_id=person_id,
        private=private,
        is_bot=bool(sender.get("is_bot")),
        speaks_as_chat="sender_chat" in message,
    )


def _migration(message: Json, where: _Where) -> Migration | None:
    new = message.get("migrate_to_chat_id")
    if type(new) is not int:
        return None
    return Migration(old=where.chat, new_chat_id=str(new))


SERVICE_KEYS = (
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
    "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
    "message_auto_delete_timer_changed", "pinned_message", "forum_topic_created",
    "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
    "migrate_from_chat_id", "video_chat_started", "video_chat_ended",
)  # fmt: skip
"""Fields of messages that nobody wrote."""


def _is_service(message: Json) -> bool:
    return any(key in message for key in SERVICE_KEYS)


def _text_and_entities(message: Json) -> tuple[str, list[Json]]:
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if text in message:
            if not isinstance(message[text], str):
                raise TypeError(f"{text} is no text")
            return message[text], [e for e in message.get(entities) or () if isinstance(e, dict)]
    return "", []


def _person(sender: Json) -> Person:
    names = (sender.get("first_name"), sender.get("last_name"))
    return Person(
        id=str(_integer(sender["id"])),
        name=_clean(" ".join(name for name in names if isinstance(name, str) and name)),
        language=_text(sender.get("language_code")),
    )


def _quoted(message: Json, replied: Json) -> str:
    for source, key in (
        (_mapping(message.get("quote")), "text"),
        (replied, "text"),
        (replied, "caption"),
    ):
        if isinstance(found := source.get(key), str):
            return found
    return ""


def _attachments(message: Json) -> Iterator[Attachment]:
    if sizes := message.get("photo"):
        yield _attachment(AttachmentKind.PHOTO, _mapping(sizes[-1]))
    for kind in AttachmentKind:
        if kind not in (AttachmentKind.PHOTO, AttachmentKind.OTHER) and kind.value in message:
            if kind is AttachmentKind.DOCUMENT and "animation" in message:
                continue  # the Bot API sets both, "for backward compatibility"
            yield _attachment(kind, _mapping(message[kind.value]))


def _attachment(kind: AttachmentKind, content: Json) -> Attachment:
    size = content.get("file_size")
    return Attachment(
        kind=kind,
        file_id=_text(content.get("file_id")),
        name=_text(content.get("file_name")),
        mime_type=_text(content.get("mime_type")),
        size=size if type(size) is int else 0,
    )


def _slice(text: str, entity: Json) -> str:
    """Cut an entity out; its offsets count UTF-16 code units."""
    start, length = _integer(entity.get("offset")), _integer(entity.get("length"))
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")


def _is_urgent(text: str) -> bool:
    return text.strip().lower() in URGENT_COMMANDS


def _text(value: Any) -> str:
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    return text.translate(_REMOVED).encode("utf-8", "replace").decode()


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number is needed, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise ValueError("the number is beyond 64 bits")
    return value


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _verbatim(update: Json) -> str:
    try:
        return orjson.dumps(update).decode()
    except orjson.JSONEncodeError:  # a number beyond 64 bits, half a surrogate pair
        return _verbatim_slowly(update)


def _verbatim_slowly(update: Json) -> str:
    try:
        return json.dumps(update)
    except RecursionError:
        return ""
