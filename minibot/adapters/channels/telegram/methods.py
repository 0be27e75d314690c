"""The Bot API methods minibot calls, answering with the JSON as it came.

aiogram's own classes answer with its models, which refuse what they do not know: one update
of a shape newer than the library would fail the whole batch around it.
"""

from typing import Any, ClassVar

from minibot.adapters.channels.telegram.lean_aiogram import TelegramMethod

Json = dict[str, Any]


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
    link_preview_options: Json = {"is_disabled": True}
    """Never fetched: a link a model was talked into could carry out what it read."""


class SendChatAction(TelegramMethod[bool]):
    __returning__: ClassVar[Any] = bool
    __api_method__: ClassVar[str] = "sendChatAction"

    chat_id: int
    message_thread_id: int | None = None
    action: str = "typing"
