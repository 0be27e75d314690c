"""From an update of the Bot API to an arrival, for those who may talk to the bot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from minibot.adapters.channels.telegram.addressing import Addressing
from minibot.adapters.channels.telegram.attachments import attachments
from minibot.adapters.channels.telegram.json_fields import (
    Json,
    clean,
    integer,
    mapping,
    text_or_nothing,
    verbatim,
)
from minibot.adapters.channels.telegram.origins import (
    is_foreign,
    is_forward,
    quoted_message,
    quoted_text,
)
from minibot.adapters.channels.telegram.reactions import is_reaction, read_reaction
from minibot.adapters.channels.telegram.topics import Places, topic_of
from minibot.adapters.channels.urgency import is_urgent
from minibot.core.access import TELEGRAM, group_listed, may_talk
from minibot.core.messages import (
    STOP_PRESS,
    Arrival,
    ChatRef,
    IncomingMessage,
    Person,
    Press,
)
from minibot.core.ports import Clock, SettingsSource
from minibot.core.reactions import Verb, verb_of
from minibot.core.settings import Settings

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "stopped_message_generation",
]
"""What Telegram is asked for. All else is refused at the door as well."""

NOT_PEOPLE = frozenset({777000, 1087968824, 136817688})
"""Telegram itself, "Group Anonymous Bot" and "Channel Bot": nobody stands behind these ids."""

MAX_DATA_BYTES = 64
"""What a button may carry (Bot API, InlineKeyboardButton); a client can send anything."""


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


def allowed_updates(settings: Settings) -> list[str]:
    """Say what Telegram is asked for: of reactions it tells only who says so."""
    return [*ALLOWED_UPDATES, *(["message_reaction"] if settings.chat.reactions else [])]


class _TurnedAway(Exception):
    """Nobody who may talk sent this, or it is of no type that is read."""


class UpdateReader:
    """Reads updates. Whoever is not allowed leaves no trace but a count."""

    def __init__(
        self,
        identity: Identity,
        settings: SettingsSource,
        *,
        moved_chats: Callable[[], Mapping[str, str]],
        places: Places,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._places = places
        self._ears = Addressing(bot_id=identity.id, username=identity.username)
        self._settings = settings
        self._moved_chats = moved_chats
        self._clock = clock
        self.refused = 0
        """Updates of people, chats or types that are not allowed, since the start."""

    def read(self, update: Any) -> Arrival | Migration | None:
        """Give what is to be stored or followed; None when there is nothing.

        A message of an allowed person that cannot be read is an arrival without a message; a
        press that cannot be read is one of no button of ours.
        """
        try:
            if _is_press(update):
                return self._pressed(update)
            if is_reaction(update):
                return self._reacted(update)
            return self._stopped(update) if _is_stop(update) else self._written(update)
        except _TurnedAway:
            self.refused += 1
            return None

    def _written(self, update: Any) -> Arrival | Migration | None:
        try:
            update_id, message = update["update_id"], _message(update)
            where = _where(message, message["from"], speaks_as_chat="sender_chat" in message)
        except (KeyError, TypeError, ValueError):
            raise _TurnedAway from None
        if (migration := _migration(message, where)) is not None and self._is_listed(where.chat):
            return migration
        if type(update_id) is not int or not self._admits(where):
            raise _TurnedAway
        self._places.learn(message)
        if migration is not None or _is_service(message):
            return None
        return self._arrival(update_id, update, where)

    def _reacted(self, update: Json) -> Arrival | None:
        """Read a reaction; None when it means nothing."""
        try:
            update_id, reaction = update["update_id"], update["message_reaction"]
            where = _where(reaction, reaction["user"], speaks_as_chat=False)
            message = read_reaction(
                reaction,
                self._settings.current.chat.reactions,
                chat=where.chat,
                sender=_person(reaction["user"]),
                private=where.private,
            )
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise _TurnedAway from None
        if type(update_id) is not int or not self._admits(where):
            raise _TurnedAway
        return None if message is None else self._as_arrival(update_id, update, message)

    def _pressed(self, update: Json) -> Arrival:
        try:
            update_id, query = update["update_id"], update["callback_query"]
            where = _where(query["message"], query["from"], speaks_as_chat=False)
            press = _press(query)
            sender = _person(query["from"])
        except (KeyError, TypeError, ValueError):
            raise _TurnedAway from None
        if type(update_id) is not int or not self._admits(where):
            raise _TurnedAway
        return self._press_arrival(update_id, update, where, sender, press)

    def _press_arrival(
        self, update_id: int, update: Json, where: "_Where", sender: Person, press: Press
    ) -> Arrival:
        message = IncomingMessage(
            id=press.message_id,
            chat=where.chat,
            sender=sender,
            text="",
            sent_at=self._clock.now(),  # an update of this type tells no time
            private=where.private,
            addressed=True,
            press=press,
        )
        return self._as_arrival(update_id, update, message)

    def _as_arrival(self, update_id: int, update: Json, message: IncomingMessage) -> Arrival:
        """Give what is no message, but is told as one."""
        verb = verb_of(message.reaction, self._settings.current.chat.reactions)
        return Arrival(
            account=str(self._identity.id),
            key=str(update_id),
            chat=message.chat,
            raw=verbatim(update),
            message=message,
            urgent=message.press is not None or verb is Verb.STOP,
        )

    def _stopped(self, update: Json) -> Arrival:
        """Read a press of the client's own Stop beside a draft, of which there is no message."""
        try:
            update_id, stop = update["update_id"], update["stopped_message_generation"]
            chat = stop["chat"]
            who = {"id": chat["id"], "is_bot": False}
            stop = {**stop, "is_topic_message": "message_thread_id" in stop}
            where = _where(stop, who, speaks_as_chat=False)
            press = Press(id="", data=f"{STOP_PRESS}:{int(stop['draft_id'])}", message_id="")
        except (KeyError, TypeError, ValueError):
            raise _TurnedAway from None
        if type(update_id) is not int or not where.private or not self._admits(where):
            raise _TurnedAway
        return self._press_arrival(update_id, update, where, Person(id=str(where.person_id)), press)

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
            message = self._message(_message(update), where)
            if "edited_message" in update:
                message = _as_edit(message, update["edited_message"])
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            problem = f"unreadable update: {type(error).__name__}: {error}"[:300]
        return Arrival(
            account=str(self._identity.id),
            key=str(update_id),
            chat=where.chat,
            raw=verbatim(update),
            message=message,
            problem=problem,
            urgent=message is not None
            and message.addressed
            and message.is_new
            and is_urgent(message.text),
        )

    def _message(self, message: Json, where: "_Where") -> IncomingMessage:
        text, entities = _text_and_entities(message)
        replied = mapping(message.get("reply_to_message"))
        words = clean(self._ears.without_own_name(text))
        return IncomingMessage(
            id=str(integer(message["message_id"])),
            chat=where.chat,
            sender=_person(message["from"]),
            text=words,
            sent_at=datetime.fromtimestamp(integer(message["date"]), UTC),
            private=where.private,
            addressed=where.private or self._is_meant(text, entities, replied),
            attachments=tuple(attachments(message)),
            reply_to=str(integer(replied["message_id"])) if replied else "",
            quoted_text=clean(quoted_text(message)),
            quoted_attachments=tuple(attachments(quoted_message(message))),
            foreign=is_foreign(message, (where.person_id, self._identity.id)),
            forwarded=is_forward(message),
            album=text_or_nothing(message.get("media_group_id")),
            unnamed_topic=self._places.is_unnamed(message),
        )

    def _is_meant(self, text: str, entities: list[Json], replied: Json) -> bool:
        words = self._settings.current.channels.telegram.groups.trigger_words
        return self._ears.is_meant(text, entities, replied=replied, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    chat: ChatRef
    person_id: int
    private: bool
    is_bot: bool
    speaks_as_chat: bool


def _message(update: Json) -> Json:
    message: Json = update["edited_message"] if "edited_message" in update else update["message"]
    return message


def _as_edit(message: IncomingMessage, edited: Json) -> IncomingMessage:
    """Tell that a message is a new form of one, and when that was made."""
    moment = edited.get("edit_date", edited["date"])
    return replace(message, edited=True, sent_at=datetime.fromtimestamp(integer(moment), UTC))


def _is_press(update: Any) -> bool:
    return isinstance(update, dict) and "callback_query" in update and "message" not in update


def _is_stop(update: Any) -> bool:
    return isinstance(update, dict) and "stopped_message_generation" in update


def _where(message: Json, sender: Json, *, speaks_as_chat: bool) -> _Where:
    """Find out who acts where; all that the question of access needs.

    Args:
        message: what was written, or what the pressed button is under.
    """
    chat = message["chat"]
    chat_id, person_id = integer(chat["id"]), integer(sender["id"])
    private = chat["type"] == "private"
    if private and chat_id != person_id:
        raise ValueError("a private chat has the id of its person")
    topic = topic_of(message)
    return _Where(
        chat=ChatRef(
            channel=TELEGRAM,
            chat_id=str(chat_id),
            thread_id="" if topic is None else str(integer(topic)),
        ),
        person_id=person_id,
        private=private,
        is_bot=bool(sender.get("is_bot")),
        speaks_as_chat=speaks_as_chat,
    )


def _press(query: Json) -> Press:
    """Read which button was pressed.

    Raises:
        KeyError, TypeError, ValueError: the button is none that we can have sent, or its message
            is out of reach, which a date of 0 tells (Bot API, InaccessibleMessage).
    """
    query_id, data, message = query["id"], query["data"], query["message"]
    for text in (query_id, data):
        if not isinstance(text, str) or not text or clean(text) != text:
            raise ValueError("neither a name nor data")
    if len(data.encode()) > MAX_DATA_BYTES or integer(message["date"]) == 0:
        raise ValueError("no button of ours")
    return Press(id=query_id, data=data, message_id=str(integer(message["message_id"])))


def _migration(message: Json, where: _Where) -> Migration | None:
    new = message.get("migrate_to_chat_id")
    if type(new) is not int:
        return None
    return Migration(old=where.chat, new_chat_id=str(new))


SERVICE_KEYS = frozenset({
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
    "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
    "message_auto_delete_timer_changed", "pinned_message", "forum_topic_created",
    "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
    "migrate_from_chat_id", "video_chat_started", "video_chat_ended",
})  # fmt: skip
"""Fields of messages that nobody wrote."""


def _is_service(message: Json) -> bool:
    return not SERVICE_KEYS.isdisjoint(message)


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
        id=str(integer(sender["id"])),
        name=clean(" ".join(name for name in names if isinstance(name, str) and name)),
        language=text_or_nothing(sender.get("language_code")),
    )
