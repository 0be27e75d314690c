"""The Bot API methods minibot calls, answering with the JSON as it came.

aiogram's own classes answer with its models, which refuse what they do not know: one update
of a shape newer than the library would fail the whole batch around it.
"""

from typing import Any, ClassVar

from minibot.adapters.channels.telegram.lean_aiogram import TelegramMethod

Json = dict[str, Any]

NO_PREVIEW: Json = {"is_disabled": True}
"""Links are never fetched: one a model was talked into could carry out what it read."""


class GetMe(TelegramMethod[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "getMe"


class GetUpdates(TelegramMethod[list[Any]]):
    __returning__: ClassVar[Any] = list[Any]
    __api_method__: ClassVar[str] = "getUpdates"

    offset: int | None
    timeout: int
    limit: int
    allowed_updates: list[str]


class GetFile(TelegramMethod[Json]):
    """Where a file is; good for an hour."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "getFile"

    file_id: str


class SetWebhook(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "setWebhook"

    url: str
    secret_token: str
    allowed_updates: list[str]


class DeleteWebhook(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "deleteWebhook"


class SendMessage(TelegramMethod[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "sendMessage"

    chat_id: int
    text: str
    message_thread_id: int | None = None
    entities: list[Json] | None = None
    reply_parameters: Json | None = None
    reply_markup: Json | None = None
    link_preview_options: Json = NO_PREVIEW
    ephemeral_message_parameters: Json | None = None
    """Who alone sees it (Bot API 10.3); a server that is older shows it to everybody."""


class SendRichMessage(TelegramMethod[Json]):
    """A message of typed blocks (Bot API 10.1). Links in it have no preview to switch off."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "sendRichMessage"

    chat_id: int
    rich_message: Json
    message_thread_id: int | None = None
    reply_parameters: Json | None = None
    reply_markup: Json | None = None


class EditRichMessage(TelegramMethod[Json]):
    """Any message of ours becomes a rich one."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageText"

    chat_id: int
    message_id: int
    rich_message: Json
    reply_markup: Json | None = None


class SendMessageDraft(TelegramMethod[bool]):
    """A text that is shown for 30 s, or until a message of ours comes; private chats only."""

    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "sendMessageDraft"

    chat_id: int
    draft_id: int
    text: str
    message_thread_id: int | None = None
    entities: list[Json] | None = None
    can_stop: bool = True


class SendChatAction(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "sendChatAction"

    chat_id: int
    message_thread_id: int | None = None
    action: str = "typing"


class SendDocument(TelegramMethod[Json]):
    """The file itself goes beside it, see `minibot.adapters.channels.telegram.uploads`."""

    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "sendDocument"

    chat_id: int
    message_thread_id: int | None = None
    caption: str | None = None
    caption_entities: list[Json] | None = None
    reply_parameters: Json | None = None
    reply_markup: Json | None = None


class SendPhoto(SendDocument):
    __api_method__: ClassVar[str] = "sendPhoto"


class SendVoice(SendDocument):
    __api_method__: ClassVar[str] = "sendVoice"


class EditMessageText(TelegramMethod[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageText"

    chat_id: int
    message_id: int
    text: str
    entities: list[Json] | None = None
    reply_markup: Json | None = None
    """None takes the buttons away, here and in the other edits."""
    link_preview_options: Json = NO_PREVIEW


class EditMessageCaption(TelegramMethod[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageCaption"

    chat_id: int
    message_id: int
    caption: str
    caption_entities: list[Json] | None = None
    reply_markup: Json | None = None


class DeleteMessage(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "deleteMessage"

    chat_id: int
    message_id: int


class EditMessageReplyMarkup(TelegramMethod[Json]):
    __returning__: ClassVar[Any] = Json
    __api_method__: ClassVar[str] = "editMessageReplyMarkup"

    chat_id: int
    message_id: int
    reply_markup: Json | None = None


class SetMyCommands(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "setMyCommands"

    commands: list[Json]
    scope: Json
    language_code: str | None = None


class DeleteMyCommands(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "deleteMyCommands"

    scope: Json
    language_code: str | None = None


class AnswerCallbackQuery(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "answerCallbackQuery"

    callback_query_id: str
    text: str | None = None
