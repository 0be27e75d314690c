"""What people and minibot say to each other, whatever the channel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRef:
    """A place where people talk: a chat of a channel, or one topic inside it.

    Identifiers are text because every channel has its own kind; Telegram's integers are
    written in decimal.
    """

    channel: str
    chat_id: str
    thread_id: str = ""

    @property
    def key(self) -> str:
        """The conversation this place belongs to, e.g. ``telegram:-1002:17``."""
        parts = [self.channel, self.chat_id, self.thread_id]
        return ":".join(part for part in parts if part)

    @property
    def chat_key(self) -> str:
        """The chat without its topic: what a channel limits and blocks as a whole."""
        return f"{self.channel}:{self.chat_id}"

    @classmethod
    def parse(cls, key: str) -> "ChatRef":
        """Read a `key` back.

        Raises:
            ValueError: the text has fewer than two or more than three parts.
        """
        if key.count(":") not in (1, 2):
            raise ValueError(f"not a conversation key: {key!r}")
        channel, chat_id, thread_id = (*key.split(":"), "")[:3]
        return cls(channel=channel, chat_id=chat_id, thread_id=thread_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wrote. `id` is the channel's own, never a name that can be reassigned."""

    id: str
    name: str = ""
    language: str = ""
    """IETF tag as the channel gives it, or empty."""


class AttachmentKind(StrEnum):
    """The sorts of content a message can carry beside its text."""

    PHOTO = "photo"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    VENUE = "venue"
    CONTACT = "contact"
    POLL = "poll"
    DICE = "dice"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Content beside the text, still at the channel: `file_id` fetches it."""

    kind: AttachmentKind
    file_id: str = ""
    name: str = ""
    mime_type: str = ""
    size: int = 0
    """Bytes; 0 when the channel does not say."""
    key: str = ""
    """The channel's name of the content, the same however often it is sent; may be empty."""
    detail: str = ""
    """What it says in words: a place, a question and its options, how long it plays."""


STOP_PRESS = "stop"
"""The kind of the client's own Stop beside a draft; behind it stands the draft's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Somebody pressed a button."""

    id: str
    """The channel's name of this press, by which it is acknowledged; empty for a button of the
    client's own, which nobody waits for."""
    data: str
    """What the button carries."""
    message_id: str
    """The message the button is under."""


class WorkKind(StrEnum):
    """What minibot has to do of its own accord."""

    REMINDER = "reminder"
    TASK = "task"
    REPORT = "report"
    """Tell what came of tasks that were asked for together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something a person asked for before, whose time has come."""

    kind: WorkKind
    id: str
    """Of the job, task or batch of tasks."""
    due: datetime
    """When it was to happen; for a task when it began, for a report when the last task ended."""
    repeats: bool = False
    """True when more of the same is to come by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One message of one person, as the pipeline sees it."""

    id: str
    """The channel's message id, which a reply can point at."""
    chat: ChatRef
    sender: Person
    text: str
    """The text or the caption; empty when there is neither."""
    sent_at: datetime
    private: bool
    """True when only this person and minibot are in the chat."""
    addressed: bool
    """True when minibot is meant: in private always, in groups by mention, reply or command."""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""
    """The message id this one answers, or empty."""
    quoted_text: str = ""
    """Text of the message this one answers, when the channel gives it."""
    quoted_attachments: tuple[Attachment, ...] = ()
    """Content of the message this one answers."""
    foreign: bool = False
    """True when it carries words of somebody who is neither the sender nor minibot: it was
    forwarded, or quotes another's message."""
    forwarded: bool = False
    """True when it was sent on, whoever wrote it."""
    album: str = ""
    """The channel's name of the album that it is a part of, or empty."""
    edited: bool = False
    """True when this is a new form of a message that was sent before; `id` is that one's."""
    reaction: str = ""
    """The emoji that was put at the message `id`, when this is no message; `text` is empty then."""
    unnamed_topic: bool = False
    """True when it is in a topic that nobody gave a name of its own."""
    redoes: int = 0
    """The inbox id of the turn whose answer is to be given anew; 0 for none."""
    press: Press | None = None
    """Given when this is no message but a press of a button; `text` is empty then."""
    work: Work | None = None
    """Given when nobody wrote this: it is work that was promised to `sender`."""

    @property
    def is_new(self) -> bool:
        """Say whether somebody says something here that was not there before."""
        if self.press is not None or self.work is not None:
            return False
        return not (self.edited or self.reaction or self.redoes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message at the door: what a channel hands over to be stored before it confirms.

    `account` and `key` name the delivery, so that the same one coming twice is stored once:
    for Telegram the bot's id and the ``update_id``.
    """

    account: str
    key: str
    chat: ChatRef
    raw: str
    """The channel's own payload, verbatim JSON; empty where there is none."""
    message: IncomingMessage | None
    """None when the payload could not be read; `problem` then says why."""
    problem: str = ""
    urgent: bool = False
    """True for words that must not wait behind a running turn, such as ``/stop``."""


class SpanKind(StrEnum):
    """Formatting of a stretch of text; the names are those of Telegram's MessageEntity."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    SPOILER = "spoiler"
    BLOCKQUOTE = "blockquote"
    EXPANDABLE_BLOCKQUOTE = "expandable_blockquote"
    CODE = "code"
    PRE = "pre"
    TEXT_LINK = "text_link"
    DATE_TIME = "date_time"
    """A moment, shown in the time zone of whoever reads it (Bot API 9.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A formatted stretch; `offset` and `length` count UTF-16 code units."""

    kind: SpanKind
    offset: int
    length: int
    url: str = ""
    language: str = ""
    unix_time: int = 0
    """Of a `DATE_TIME`, in seconds."""
    time_format: str = ""
    """How a `DATE_TIME` is written (Bot API, date-time entity formatting); empty: as the text."""


class PreviewKind(StrEnum):
    """How an answer can be shown while it is being written."""

    DRAFT = "draft"
    """Beside the messages, for a moment."""
    EDIT = "edit"
    """A message that is changed again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message; `data` is at most 64 bytes (Bot API, InlineKeyboardButton)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFile:
    """A file to be sent: a copy of its own, which nobody changes any more."""

    path: str
    """Of the copy, absolute."""
    name: str
    """What the person sees."""
    mime_type: str = ""
    caption: str = ""
    """What the model says about it; Markdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An answer that is given as a file, because it is too long for messages."""

    name: str
    """Of the file."""
    text: str
    """The answer as the model wrote it; UTF-8 when it is encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of an answer that a channel takes in one call."""

    text: str
    spans: tuple[Span, ...] = ()
    rich: str = ""
    """The same in a richer form, as the channel made it for itself; it is shown instead of `text`
    and `spans`, which stay beside it for where it is not taken. Mostly empty."""
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of buttons under it."""
    file: OutgoingFile | None = None
    """Sent with the text as its caption."""
    removes: bool = False
    """True to delete the message whose place it comes in; `text` is shown there where that is
    refused, and nothing is where there is no such message."""
    incognito: bool = False
    """True when nothing of it is to be remembered."""
    only_for: str = ""
    """Id of the person in a group who alone is to see it, where the channel can do that; it may
    then not reach them. Empty for everybody."""
