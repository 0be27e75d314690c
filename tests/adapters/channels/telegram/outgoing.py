"""Parts as the outbox hands them over."""

from dataclasses import replace
from pathlib import Path

from minibot.core.messages import Button, ChatRef, OutgoingFile, Part, Span, SpanKind
from minibot.core.outbox import OutboxState, OutgoingPart
from tests.adapters.channels.telegram.update_samples import OWNER
from tests.contracts.storages import START

BOLD = Span(kind=SpanKind.BOLD, offset=0, length=2)
BUTTONS = (
    (Button(label="Once", data="ok:1"), Button(label="Always", data="ok:2")),
    (Button(label="No", data="no:1"),),
)
KEYBOARD = {
    "inline_keyboard": [
        [
            {"text": "Once", "callback_data": "ok:1"},
            {"text": "Always", "callback_data": "ok:2"},
        ],
        [{"text": "No", "callback_data": "no:1"}],
    ]
}
BOLD_ENTITY = {"type": "bold", "offset": 0, "length": 2}
QUESTION = Part(text="Shall I?", spans=(BOLD,), buttons=BUTTONS)
JPEG = b"\xff\xd8\xff\xe0 a picture of few pixels"


def outgoing(
    part: Part, *, chat_id: int = OWNER, edits: str = "", reply_to: str = ""
) -> OutgoingPart:
    return OutgoingPart(
        id=1,
        key="k",
        chat=ChatRef(channel="telegram", chat_id=str(chat_id)),
        part=part,
        reply_to=reply_to,
        state=OutboxState.SENDING,
        attempts=1,
        created_at=START,
        not_before=START,
        inbox_id=1,
        edits=edits,
    )


def in_topic(part: OutgoingPart, thread_id: int) -> OutgoingPart:
    return replace(part, chat=replace(part.chat, thread_id=str(thread_id)))


def file(
    folder: Path, data: bytes, *, name: str = "notes.txt", mime: str = "text/plain"
) -> OutgoingFile:
    """Keep a file where the outbox would."""
    path = folder / "copy"
    path.write_bytes(data)
    return OutgoingFile(path=str(path), name=name, mime_type=mime)
