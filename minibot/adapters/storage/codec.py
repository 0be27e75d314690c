"""Values to stored text and back.

The chat of a message is not in its JSON: the row says it, so that a chat that gets a new id
is moved by changing rows and not by rewriting every text.

What was added later is looked up with a default: rows written before do not have it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from minibot.core.errors import StorageDamaged
from minibot.core.llm import Picture, ToolCall
from minibot.core.messages import (
    Attachment,
    AttachmentKind,
    Button,
    ChatRef,
    IncomingMessage,
    OutgoingFile,
    Part,
    Person,
    Press,
    Span,
    SpanKind,
    Work,
    WorkKind,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Write a moment as whole microseconds since 1970 in UTC.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone cannot be stored: {moment!r}")
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    return EPOCH + micros * MICROSECOND  # half the time of making a timedelta by keyword


def storable(text: str) -> str:
    """Mend text that UTF-8 cannot carry.

    JSON may hold half a surrogate pair; one such character must not keep a whole batch of
    messages from being stored. Two halves that belong together are joined.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def dump(value: object) -> str:
    """Write JSON. Text from outside goes through `storable` before."""
    return orjson.dumps(value).decode()


def encode_message(message: IncomingMessage) -> str:
    return dump(
        {
            "id": message.id,
            "sender": {
                "id": message.sender.id,
                "name": storable(message.sender.name),
                "language": message.sender.language,
            },
            "text": storable(message.text),
            "sent_at": to_micros(message.sent_at),
            "private": message.private,
            "addressed": message.addressed,
            "attachments": [_attachment_fields(each) for each in message.attachments],
            "reply_to": message.reply_to,
            "quoted_text": storable(message.quoted_text),
            "quoted_attachments": [_attachment_fields(each) for each in message.quoted_attachments],
            "foreign": message.foreign,
            "forwarded": message.forwarded,
            "album": message.album,
            "edited": message.edited,
            "reaction": storable(message.reaction),
            "redoes": message.redoes,
            **({"unnamed_topic": True} if message.unnamed_topic else {}),
            "press": None if message.press is None else _press_fields(message.press),
            "work": None if message.work is None else _work_fields(message.work),
        }
    )


def decode_message(text: str, chat: ChatRef) -> IncomingMessage:
    try:
        fields = orjson.loads(text)
        return IncomingMessage(
            id=fields["id"],
            chat=chat,
            sender=Person(**fields["sender"]),
            text=fields["text"],
            sent_at=from_micros(fields["sent_at"]),
            private=fields["private"],
            addressed=fields["addressed"],
            attachments=tuple(_attachment(each) for each in fields["attachments"]),
            reply_to=fields["reply_to"],
            quoted_text=fields["quoted_text"],
            quoted_attachments=tuple(
                _attachment(each) for each in fields.get("quoted_attachments", ())
            ),
            foreign=fields.get("foreign", False),
            forwarded=fields.get("forwarded", False),
            album=fields.get("album", ""),
            edited=fields.get("edited", False),
            reaction=fields.get("reaction", ""),
            redoes=fields.get("redoes", 0),
            unnamed_topic=fields.get("unnamed_topic", False),
            press=Press(**press) if (press := fields.get("press")) else None,
            work=_work(work) if (work := fields.get("work")) else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageDamaged(f"a stored message cannot be read: {error!r}") from error


def encode_part(part: Part) -> str:
    return dump(
        {
            "text": storable(part.text),
            "spans": [_span_fields(span) for span in part.spans],
            "buttons": [
                [[storable(button.label), button.data] for button in row] for row in part.buttons
            ],
            "file": None if part.file is None else file_fields(part.file),
            **({"rich": storable(part.rich)} if part.rich else {}),
            **({"removes": True} if part.removes else {}),
            **({"incognito": True} if part.incognito else {}),
            **({"only_for": part.only_for} if part.only_for else {}),
        }
    )


def _span_fields(span: Span) -> list[object]:
    fields: list[object] = [
        span.kind.value,
        span.offset,
        span.length,
        span.url,
        storable(span.language),
    ]
    return (
        [*fields, span.unix_time, span.time_format]
        if span.unix_time or span.time_format
        else fields
    )


def _span(kind: str, offset: int, length: int, url: str, language: str, *moment: Any) -> Span:
    unix_time, time_format = moment or (0, "")
    return Span(
        kind=SpanKind(kind),
        offset=offset,
        length=length,
        url=url,
        language=language,
        unix_time=unix_time,
        time_format=time_format,
    )


def decode_part(text: str) -> Part:
    try:
        fields = orjson.loads(text)
        return Part(
            text=fields["text"],
            spans=tuple(_span(*values) for values in fields["spans"]),
            buttons=tuple(
                tuple(Button(label=label, data=data) for label, data in row)
                for row in fields.get("buttons", ())
            ),
            file=OutgoingFile(**file) if (file := fields.get("file")) else None,
            rich=fields.get("rich", ""),
            removes=fields.get("removes", False),
            incognito=fields.get("incognito", False),
            only_for=fields.get("only_for", ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageDamaged(f"a stored part cannot be read: {error!r}") from error


def encode_calls(calls: tuple[ToolCall, ...]) -> str:
    """Write an utterance's tool calls; empty text for none, which is the usual case."""
    return dump([call_fields(call) for call in calls]) if calls else ""


def decode_calls(text: str) -> tuple[ToolCall, ...]:
    if not text:
        return ()
    try:
        return tuple(read_call(fields) for fields in orjson.loads(text))
    except (ValueError, TypeError) as error:
        raise StorageDamaged(f"stored tool calls cannot be read: {error!r}") from error


def encode_pictures(pictures: tuple[Picture, ...]) -> str:
    """Write what an utterance shows; empty text for nothing, which is the usual case."""
    return dump([[storable(each.path), each.mime_type] for each in pictures]) if pictures else ""


def decode_pictures(text: str) -> tuple[Picture, ...]:
    if not text:
        return ()
    try:
        return tuple(Picture(path=path, mime_type=kind) for path, kind in orjson.loads(text))
    except (ValueError, TypeError) as error:
        raise StorageDamaged(f"stored pictures cannot be read: {error!r}") from error


def call_fields(call: ToolCall) -> list[str]:
    texts = (call.id, call.name, call.arguments, call.signature)
    return [storable(text) for text in texts]


def read_call(fields: list[str]) -> ToolCall:
    """Read what `call_fields` wrote.

    Raises:
        ValueError, TypeError: it is something else.
    """
    id_, name, arguments, *rest = fields
    (signature,) = rest or ("",)
    return ToolCall(id=id_, name=name, arguments=arguments, signature=signature)


def file_fields(file: OutgoingFile) -> dict[str, str]:
    """Write a file so that ``OutgoingFile(**fields)`` reads it."""
    return {
        "path": storable(file.path),
        "name": storable(file.name),
        "mime_type": storable(file.mime_type),
        "caption": storable(file.caption),
    }


def _press_fields(press: Press) -> dict[str, str]:
    return {
        "id": storable(press.id),
        "data": storable(press.data),
        "message_id": storable(press.message_id),
    }


def _attachment_fields(attachment: Attachment) -> dict[str, Any]:
    return {
        "kind": attachment.kind.value,
        "file_id": attachment.file_id,
        "name": storable(attachment.name),
        "mime_type": storable(attachment.mime_type),
        "size": attachment.size,
        "key": storable(attachment.key),
        "detail": storable(attachment.detail),
    }


def _attachment(fields: dict[str, Any]) -> Attachment:
    return Attachment(
        kind=AttachmentKind(fields["kind"]),
        file_id=fields["file_id"],
        name=fields["name"],
        mime_type=fields["mime_type"],
        size=fields["size"],
        key=fields.get("key", ""),
        detail=fields.get("detail", ""),
    )


def _work_fields(work: Work) -> dict[str, Any]:
    due = to_micros(work.due)
    return {"kind": work.kind.value, "id": work.id, "due": due, "repeats": work.repeats}


def _work(fields: dict[str, Any]) -> Work:
    return Work(
        kind=WorkKind(fields["kind"]),
        id=fields["id"],
        due=from_micros(fields["due"]),
        repeats=fields["repeats"],
    )
