"""An outgoing part as a call of the Bot API, and what is left out of one that is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from minibot.adapters.channels.telegram.methods import (
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageText,
    EditRichMessage,
    Json,
    Method,
    SendDocument,
    SendMessage,
    SendMessageDraft,
    SendPhoto,
    SendRichMessage,
    SendVoice,
)
from minibot.adapters.channels.telegram.rendering.utf16 import utf16_length
from minibot.adapters.channels.telegram.uploads import Upload, is_audio, is_image, prepare
from minibot.core.errors import SendRefused
from minibot.core.messages import ChatRef, Part, Span
from minibot.core.outbox import OutgoingPart

MAX_CAPTION_UNITS = 1024
"""UTF-16 code units the text beside a file may have."""

LOST_TARGETS = ("message to be replied not found", "message to reply not found", "reply message")
LOST_TOPICS = ("message thread not found", "topic_deleted", "topic_closed")
NO_TEXT = ("there is no text in the message to edit",)
BAD_FORMATTING = ("entit",)
NO_RICH = (
    "method not found",
    "unsupported",
    "not supported",
    "rich messages",
    "text is empty",  # an edit, of a server that overlooks what it does not know
)
"""Refusals of rich messages, or of a kind of block, which would come again and again."""


_SENDING: Mapping[str, type[SendDocument]] = {"photo": SendPhoto, "voice": SendVoice}
"""By the parameter that the file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a part is put to Telegram: as it is wanted, or simpler after a refusal."""

    part: OutgoingPart
    as_document: bool = False
    """True for an image or a recording that Telegram does not take as what it is."""
    as_caption: bool = False
    """True for an edit of a message that turned out to be a file."""

    @property
    def is_rich(self) -> bool:
        """Say whether this is a rich message."""
        return bool(self.part.part.rich) and not self.as_caption

    def upload(self) -> Upload | None:
        """Give the file that goes with the call. Raises `SendRefused`."""
        file = self.part.part.file
        return None if file is None else prepare(file, as_document=self.as_document)

    def method(self, upload: Upload | None) -> Method[Any]:
        """Give the call.

        Raises:
            SendRefused: no call of the Bot API does this; the app has to split it.
        """
        if self.part.edits:
            return self._edit()
        return self._message() if upload is None else self._file(upload)

    def simpler(self, problem: str) -> "Form | None":
        """Leave out what Telegram took offence at; None when nothing is left to leave out.

        A topic, a reply target, the look of a photo, what only a rich message has, and in case of
        doubt the formatting. Never buttons: without them nobody could answer what they ask.
        """
        problem, part = problem.lower(), self.part
        if part.chat.thread_id and _mentions(problem, LOST_TOPICS):
            chat = replace(part.chat, thread_id="")
            return replace(self, part=replace(part, chat=chat, reply_to=""))
        if part.reply_to and _mentions(problem, LOST_TARGETS):
            return replace(self, part=replace(part, reply_to=""))
        if part.edits and not self.as_caption and _mentions(problem, NO_TEXT):
            return replace(self, as_caption=True)
        if self.is_rich:
            return replace(self, part=without_rich(part))
        if self._may_be_shown() and not _mentions(problem, BAD_FORMATTING):
            return replace(self, as_document=True)
        if part.part.spans:
            return replace(self, part=replace(part, part=replace(part.part, spans=())))
        return None

    def _may_be_shown(self) -> bool:
        file = self.part.part.file
        return file is not None and (is_image(file) or is_audio(file)) and not self.as_document

    def _message(self) -> Method[Any]:
        part = self.part
        if self.is_rich:
            return SendRichMessage(
                chat_id=int(part.chat.chat_id),
                rich_message=orjson.loads(part.part.rich),
                message_thread_id=thread(part.chat),
                reply_parameters=_reply(part),
                reply_markup=_keyboard(part.part),
            )
        return SendMessage(
            chat_id=int(part.chat.chat_id),
            text=part.part.text,
            message_thread_id=thread(part.chat),
            entities=_entities(part.part),
            reply_parameters=_reply(part),
            reply_markup=_keyboard(part.part),
            ephemeral_message_parameters=_receiver(part.part),
        )

    def _file(self, upload: Upload) -> SendDocument:
        part = self.part
        kind = _SENDING.get(upload.field, SendDocument)
        return kind(
            chat_id=int(part.chat.chat_id),
            message_thread_id=thread(part.chat),
            caption=_caption(part.part) or None,
            caption_entities=_entities(part.part),
            reply_parameters=_reply(part),
            reply_markup=_keyboard(part.part),
        )

    def _edit(self) -> Method[Any]:
        part = self.part.part
        if part.file is not None:
            raise SendRefused("no file can take the place of a message: send it as a new one")
        chat_id, message_id = int(self.part.chat.chat_id), int(self.part.edits)
        keyboard, entities = _keyboard(part), _entities(part)
        if not part.text:
            return EditMessageReplyMarkup(
                chat_id=chat_id, message_id=message_id, reply_markup=keyboard
            )
        if self.is_rich:
            return EditRichMessage(
                chat_id=chat_id,
                message_id=message_id,
                rich_message=orjson.loads(part.rich),
                reply_markup=keyboard,
            )
        if self.as_caption:
            return EditMessageCaption(
                chat_id=chat_id,
                message_id=message_id,
                caption=_caption(part),
                caption_entities=entities,
                reply_markup=keyboard,
            )
        return EditMessageText(
            chat_id=chat_id,
            message_id=message_id,
            text=part.text,
            entities=entities,
            reply_markup=keyboard,
        )


def draft(chat: ChatRef, draft_id: int, part: Part) -> SendMessageDraft:
    """Give the call that shows a text while it is being written."""
    return SendMessageDraft(
        chat_id=int(chat.chat_id),
        message_thread_id=thread(chat),
        draft_id=draft_id,
        text=part.text,
        entities=_entities(part),
    )


def without_rich(part: OutgoingPart) -> OutgoingPart:
    """Give a part in its plain form."""
    return replace(part, part=replace(part.part, rich=""))


def knows_no_rich(problem: str) -> bool:
    """Say whether rich messages as such are refused, and not something in this one."""
    return _mentions(problem.lower(), NO_RICH)


def thread(chat: ChatRef) -> int | None:
    return int(chat.thread_id) if chat.thread_id else None


def _mentions(problem: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in problem for phrase in phrases)


def _caption(part: Part) -> str:
    units = utf16_length(part.text)
    if units > MAX_CAPTION_UNITS:
        raise SendRefused(
            f"the text beside a file has {units} characters and Telegram takes "
            f"{MAX_CAPTION_UNITS}: send it as a message of its own"
        )
    return part.text


def _entities(part: Part) -> list[Json] | None:
    return [_entity(span) for span in part.spans] or None


def _entity(span: Span) -> Json:
    entity: Json = {"type": span.kind.value, "offset": span.offset, "length": span.length}
    if span.url:
        entity["url"] = span.url
    if span.language:
        entity["language"] = span.language
    if span.unix_time:
        entity["unix_time"] = span.unix_time
        if span.time_format:
            entity["date_time_format"] = span.time_format
    return entity


def _receiver(part: Part) -> Json | None:
    return {"receiver_user_id": int(part.only_for)} if part.only_for else None


def _reply(part: OutgoingPart) -> Json | None:
    if not part.reply_to:
        return None
    return {"message_id": int(part.reply_to), "allow_sending_without_reply": True}


def _keyboard(part: Part) -> Json | None:
    rows = [
        [{"text": button.label, "callback_data": button.data} for button in row]
        for row in part.buttons
        if row
    ]
    return {"inline_keyboard": rows} if rows else None
