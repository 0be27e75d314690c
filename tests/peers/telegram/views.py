"""What a person sees in a chat: buttons and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.peers.telegram.files import FileStore
from tests.peers.telegram.wire import Json
from tests.peers.telegram.world import Bot

_SHOWN_AS = ("photo", "animation", "audio", "video", "voice", "document")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file the bot sent."""

    message_id: int
    kind: str
    """``photo``, ``document``, …"""
    name: str
    mime_type: str
    data: bytes
    caption: str


def buttons(bot: Bot, chat_id: int, *, message_id: int | None = None) -> list[list[str]]:
    """Give the labels, row by row, of the newest message that has any, or of one message."""
    for message in _newest_first(bot, chat_id, message_id):
        if found := _rows(message):
            return [[button["text"] for button in row] for row in found]
    return []


def find_button(
    bot: Bot, chat_id: int, label: str, *, message_id: int | None = None
) -> tuple[Json, str]:
    """Give the newest message with a button called so, or whose name has this in it, and its data.

    Raises ValueError, naming what there is, when nobody can see such a button.
    """
    messages = list(_newest_first(bot, chat_id, message_id))
    seen = [(message, button) for message in messages for row in _rows(message) for button in row]
    exact = [found for found in seen if found[1]["text"] == label]
    for message, button in exact or [found for found in seen if label in found[1]["text"]]:
        return message, str(button.get("callback_data", ""))
    labels = [button["text"] for _, button in seen]
    raise ValueError(f"no button {label!r} in chat {chat_id}; there are: {labels}")


def sent_files(bot: Bot, files: FileStore, chat_id: int) -> list[SentFile]:
    """Give what the bot sent to a chat, in order."""
    messages = reversed(list(_newest_first(bot, chat_id, None)))
    own = [message for message in messages if message.get("from", {}).get("id") == bot.id]
    return [found for message in own for found in _file_in(message, files)]


def _file_in(message: Json, files: FileStore) -> Iterator[SentFile]:
    for kind in _SHOWN_AS:
        media = message.get(kind)
        if media:
            file_id = (media[-1] if isinstance(media, list) else media)["file_id"]
            stored = files.by_id[file_id]
            yield SentFile(
                message_id=message["message_id"],
                kind=kind,
                name=stored.name,
                mime_type=stored.mime_type,
                data=stored.data,
                caption=message.get("caption", ""),
            )
            return


def _newest_first(bot: Bot, chat_id: int, message_id: int | None) -> Iterator[Json]:
    for chat, number in sorted(bot.messages, reverse=True):
        if chat == chat_id and message_id in (None, number):
            yield bot.messages[chat, number]


def _rows(message: Json) -> list[list[Json]]:
    rows: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows
