"""The Bot API methods minibot calls, answering with the JSON as it came.

aiogram's own classes answer with its models, which refuse what they do not know: one update
of a shape newer than the library would fail the whole batch around it. And as models they cost
nine times as much to make and to write, 19 µs against 2 (measured), several times a message.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

T = TypeVar("T")

Json = dict[str, Any]

NO_PREVIEW: Json = {"is_disabled": True}
"""Links are never fetched: one a model was talked into could carry out what it read."""


class Method(Generic[T]):
    """A method of the Bot API and the arguments for one call; T is what it answers with."""

    __returning__: ClassVar[Any]
    """T, for aiogram."""
    __api_method__: ClassVar[str]

    def parameters(self) -> Json:
        """Give what is sent: all arguments but those that are None."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(kw_only=True)
class GetMe(Method[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "getMe"


@dataclass(kw_only=True)
class GetUpdates(Method[list[Any]]):
    __returning__: ClassVar[Any] = list[Any]
    __api_method__: ClassVar[str] = "getUpdates"

    offset: int | None
    timeout: int
    limit: int
    allowed_updates: list[str]


@dataclass(kw_only=True)
class GetFile(Method[Json]):
    """Where a file is; good for an hour."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "getFile"

    file_id: str


@dataclass(kw_only=True)
class SetWebhook(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "setWebhook"

    url: str
    secret_token: str
    allowed_updates: list[str]


@dataclass(kw_only=True)
class DeleteWebhook(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "deleteWebhook"


@dataclass(kw_only=True)
class SendMessage(Method[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "sendMessage"

    chat_id: int
    text: str
    message_thread_id: int | None = None
    entities: list[Json] | None = None
    reply_parameters: Json | None = None
    reply_markup: Json | None = None
    link_preview_options: Json = field(default_factory=lambda: NO_PREVIEW)
    ephemeral_message_parameters: Json | None = None
    """Who alone sees it (Bot API 10.3); a server that is older shows it to everybody."""


@dataclass(kw_only=True)
class SendRichMessage(Method[Json]):
    """A message of typed blocks (Bot API 10.1). Links in it have no preview to switch off."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "sendRichMessage"

    chat_id: int
    rich_message: Json
    message_thread_id: int | None = None
    reply_parameters: Json | None = None
    reply_markup: Json | None = None


@dataclass(kw_only=True)
class EditRichMessage(Method[Json]):
    """Any message of ours becomes a rich one."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageText"

    chat_id: int
    message_id: int
    rich_message: Json
    reply_markup: Json | None = None


@dataclass(kw_only=True)
class SendMessageDraft(Method[bool]):
    """A text that is shown for 30 s, or until a message of ours comes; private chats only."""

    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "sendMessageDraft"

    chat_id: int
    draft_id: int
    text: str
    message_thread_id: int | None = None
    entities: list[Json] | None = None
    can_stop: bool = True


@dataclass(kw_only=True)
class SendChatAction(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "sendChatAction"

    chat_id: int
    message_thread_id: int | None = None
    action: str = "typing"


@dataclass(kw_only=True)
class SendDocument(Method[Json]):
    """The file itself goes beside it, see `minibot.adapters.channels.telegram.uploads`."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "sendDocument"

    chat_id: int
    message_thread_id: int | None = None
    caption: str | None = None
    caption_entities: list[Json] | None = None
    reply_parameters: Json | None = None
    reply_markup: Json | None = None


@dataclass(kw_only=True)
class SendPhoto(SendDocument):
    __api_method__: ClassVar[str] = "sendPhoto"


@dataclass(kw_only=True)
class SendVoice(SendDocument):
    __api_method__: ClassVar[str] = "sendVoice"


@dataclass(kw_only=True)
class EditMessageText(Method[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageText"

    chat_id: int
    message_id: int
    text: str
    entities: list[Json] | None = None
    reply_markup: Json | None = None
    """None takes the buttons away, here and in the other edits."""
    link_preview_options: Json = field(default_factory=lambda: NO_PREVIEW)


@dataclass(kw_only=True)
class EditMessageCaption(Method[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageCaption"

    chat_id: int
    message_id: int
    caption: str
    caption_entities: list[Json] | None = None
    reply_markup: Json | None = None


@dataclass(kw_only=True)
class DeleteMessage(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "deleteMessage"

    chat_id: int
    message_id: int


@dataclass(kw_only=True)
class EditMessageReplyMarkup(Method[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageReplyMarkup"

    chat_id: int
    message_id: int
    reply_markup: Json | None = None


@dataclass(kw_only=True)
class SetMyCommands(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "setMyCommands"

    commands: list[Json]
    scope: Json
    language_code: str | None = None


@dataclass(kw_only=True)
class DeleteMyCommands(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "deleteMyCommands"

    scope: Json
    language_code: str | None = None


@dataclass(kw_only=True)
class AnswerCallbackQuery(Method[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "answerCallbackQuery"

    callback_query_id: str
    text: str | None = None
