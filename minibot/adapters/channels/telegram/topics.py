"""Topics on Telegram: opening and naming them, and what updates tell about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from minibot.adapters.channels.telegram.client import BadRequest, TelegramClient
from minibot.adapters.channels.telegram.json_fields import Json, mapping
from minibot.adapters.channels.telegram.methods import GetMe, Method
from minibot.core.errors import SendFailed, TokenRefused, TopicsImpossible
from minibot.core.messages import ChatRef
from minibot.core.topics import TopicLack

T = TypeVar("T")

TOPIC_SECONDS = 15.0
GENERAL = 1
"""The topic that every forum has. Sending to it names no topic, and showing that somebody types
there does; it has no conversation of its own, being what the group was before it had topics."""

MOST_REMEMBERED = 1_000

NO_FORUM = ("not a forum",)
NO_RIGHTS = ("not enough rights", "chat_admin_required", "user_rights_invalid")
UNCHANGED = ("topic_not_modified",)


@dataclass(kw_only=True)
class CreateForumTopic(Method[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "createForumTopic"

    chat_id: int
    name: str


@dataclass(kw_only=True)
class EditForumTopic(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "editForumTopic"

    chat_id: int
    message_thread_id: int
    name: str


class TelegramTopics:
    """Implements `minibot.core.ports.Topics`: of forums, and of private chats (Bot API 9.4)."""

    def __init__(self, client: TelegramClient, places: "Places") -> None:
        self._client = client
        self._places = places

    async def open(self, chat: ChatRef, name: str) -> ChatRef:
        if is_private(chat) and not await self._in_private_chats():
            raise TopicsImpossible(TopicLack.SWITCHED_OFF)
        try:
            opened = await self._call(CreateForumTopic(chat_id=int(chat.chat_id), name=name))
        except BadRequest as error:
            problem = str(error).lower()
            if _mentions(problem, NO_FORUM):
                lack = TopicLack.SWITCHED_OFF if is_private(chat) else TopicLack.NO_FORUM
                raise TopicsImpossible(lack) from error
            if _mentions(problem, NO_RIGHTS):
                raise TopicsImpossible(TopicLack.NO_RIGHTS) from error
            raise
        thread = mapping(opened).get("message_thread_id")
        if type(thread) is not int:
            raise SendFailed("Telegram does not say which topic it opened")
        return ChatRef(channel=chat.channel, chat_id=chat.chat_id, thread_id=str(thread))

    async def rename(self, topic: ChatRef, name: str) -> None:
        if self._places.is_named(topic):
            return
        method = EditForumTopic(
            chat_id=int(topic.chat_id), message_thread_id=int(topic.thread_id), name=name
        )
        try:
            await self._call(method)
        except BadRequest as error:
            if not _mentions(str(error).lower(), UNCHANGED):
                raise

    async def _in_private_chats(self) -> bool:
        # Asked each time: whoever runs the bot switches this without telling it.
        return bool(mapping(await self._call(GetMe())).get("has_topics_enabled"))

    async def _call(self, method: Method[T]) -> T:
        try:
            return await self._client.call(method, timeout=TOPIC_SECONDS)
        except TokenRefused as error:
            # Listening meets the same refusal and ends the daemon.
            raise SendFailed(str(error)) from error


class Places:
    """What updates tell about chats and their topics. All of it is told again in time."""

    def __init__(self) -> None:
        self._forums: dict[int, None] = {}
        self._unnamed: dict[tuple[int, int], None] = {}
        self._named: dict[tuple[int, int], None] = {}

    def learn(self, message: Json) -> None:
        """Look at a message of a person."""
        chat = mapping(message.get("chat"))
        if chat.get("is_forum") is True and chat.get("type") != "private":
            _remember(self._forums, chat.get("id"))
        if _is_unnamed(message):
            _remember(self._unnamed, (chat.get("id"), message.get("message_thread_id")))
        if mapping(message.get("forum_topic_edited")).get("name"):
            _remember(self._named, (chat.get("id"), message.get("message_thread_id")))

    def typing_thread(self, chat: ChatRef) -> int | None:
        """Say in which topic somebody is to be seen typing; None for the whole chat."""
        if chat.thread_id:
            return int(chat.thread_id)
        return GENERAL if int(chat.chat_id) in self._forums else None

    def is_named(self, topic: ChatRef) -> bool:
        """Say whether a person gave a topic its name since it was opened."""
        return (int(topic.chat_id), int(topic.thread_id)) in self._named

    def is_unnamed(self, message: Json) -> bool:
        """Say whether nobody gave its name to the topic of a message (Bot API 9.3)."""
        here = (mapping(message.get("chat")).get("id"), message.get("message_thread_id"))
        return here in self._unnamed or _is_unnamed(mapping(message.get("reply_to_message")))


def topic_of(message: Json) -> int | None:
    """Give the topic that a message is in; None for that of a whole chat, or the general one.

    A thread of replies in a group without topics is no topic.
    """
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    general = topic == GENERAL and mapping(message.get("chat")).get("type") != "private"
    return None if general else topic


def is_private(chat: ChatRef) -> bool:
    return not chat.chat_id.startswith("-")


def _is_unnamed(message: Mapping[str, Any]) -> bool:
    return mapping(message.get("forum_topic_created")).get("is_name_implicit") is True


def _remember(known: dict[Any, None], key: Any) -> None:
    known[key] = None
    if len(known) > MOST_REMEMBERED:
        del known[next(iter(known))]


def _mentions(problem: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in problem for phrase in phrases)
