"""What a message of the Bot API carries beside its text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from minibot.adapters.channels.telegram.json_fields import Json, mapping, text_or_nothing
from minibot.core.messages import Attachment, AttachmentKind

LONGEST_SIDE = 2_560
"""Pixels. The sizes of a photo beyond it cost more and show a model nothing new: all of the
providers make large pictures smaller than that themselves."""

MOST_WORDS = 1_000
"""Characters of a detail; a poll may have ten options of a hundred, and a question of 300."""

_FIELDS = {
    kind.value: kind
    for kind in AttachmentKind
    if kind not in (AttachmentKind.PHOTO, AttachmentKind.OTHER)
}
"""Of a message; a photo comes in several sizes, and its field is read apart."""

_DOUBLES = {"document": "animation", "location": "venue"}
"""The Bot API sets the first as well where it sets the second, "for backward compatibility"."""

_OTHERS = {
    "story": "a story",
    "game": "a game",
    "paid_media": "media that have to be paid for",
    "checklist": "a checklist",
    "invoice": "an invoice",
    "giveaway": "a giveaway",
}


_ALL_FIELDS = frozenset({"photo", *_FIELDS, *_OTHERS})


def attachments(message: Json) -> Iterator[Attachment]:
    """Give everything in a message, or in what Telegram shows of one that is quoted.

    Raises:
        TypeError: its photo is none.
    """
    if _ALL_FIELDS.isdisjoint(message):
        return  # as in most messages
    if sizes := message.get("photo"):
        if not isinstance(sizes, list):
            raise TypeError("a photo without sizes")
        yield _attachment(AttachmentKind.PHOTO, _best([mapping(size) for size in sizes]))
    for field, kind in _FIELDS.items():
        if field in message and _DOUBLES.get(field, "") not in message:
            yield _attachment(kind, mapping(message[field]))
    for field, words in _OTHERS.items():
        if field in message:
            yield Attachment(kind=AttachmentKind.OTHER, detail=words)


def _best(sizes: list[Json]) -> Json:
    """Choose the largest size that is not needlessly large; they come in order, smallest first."""
    fitting = [size for size in sizes if _longest_side(size) <= LONGEST_SIDE]
    return fitting[-1] if fitting else sizes[0]


def _longest_side(size: Json) -> int:
    return max(_count(size.get("width")), _count(size.get("height")))


def _attachment(kind: AttachmentKind, content: Json) -> Attachment:
    describe = _DETAILS.get(kind, _nothing)
    return Attachment(
        kind=kind,
        file_id=text_or_nothing(content.get("file_id")),
        name=text_or_nothing(content.get("file_name")),
        mime_type=text_or_nothing(content.get("mime_type")),
        size=_count(content.get("file_size")),
        key=text_or_nothing(content.get("file_unique_id")),
        detail=describe(content)[:MOST_WORDS],
    )


def _nothing(content: Json) -> str:
    return ""


def _duration(content: Json) -> str:
    seconds = _count(content.get("duration"))
    return f"{seconds // 60}:{seconds % 60:02}" if seconds else ""


def _music(content: Json) -> str:
    return _joined(content.get("performer"), content.get("title"), _duration(content))


def _emoji(content: Json) -> str:
    return text_or_nothing(content.get("emoji"))


def _dice(content: Json) -> str:
    value = _count(content.get("value"))
    return f"{_emoji(content)} {value}".strip() if value else _emoji(content)


def _place(content: Json) -> str:
    latitude, longitude = content.get("latitude"), content.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return ""
    live = ", live" if content.get("live_period") else ""
    return f"latitude {latitude:.6f}, longitude {longitude:.6f}{live}"


def _venue(content: Json) -> str:
    return _joined(content.get("title"), content.get("address"), _place(_of(content, "location")))


def _contact(content: Json) -> str:
    names = (content.get("first_name"), content.get("last_name"))
    name = " ".join(text for text in map(text_or_nothing, names) if text)
    return _joined(name, content.get("phone_number"))


def _poll(content: Json) -> str:
    options = content.get("options")
    texts = [
        text_or_nothing(mapping(each).get("text"))
        for each in (options if isinstance(options, list) else [])
    ]
    closed = "; closed" if content.get("is_closed") is True else ""
    return _joined(content.get("question"), " / ".join(filter(None, texts))) + closed


_DETAILS: Mapping[AttachmentKind, Callable[[Json], str]] = {
    AttachmentKind.VOICE: _duration,
    AttachmentKind.VIDEO: _duration,
    AttachmentKind.VIDEO_NOTE: _duration,
    AttachmentKind.ANIMATION: _duration,
    AttachmentKind.AUDIO: _music,
    AttachmentKind.STICKER: _emoji,
    AttachmentKind.DICE: _dice,
    AttachmentKind.LOCATION: _place,
    AttachmentKind.VENUE: _venue,
    AttachmentKind.CONTACT: _contact,
    AttachmentKind.POLL: _poll,
}


def _of(content: Json, field: str) -> Json:
    return mapping(content.get(field))


def _joined(*texts: Any) -> str:
    return ", ".join(text for text in map(text_or_nothing, texts) if text)


def _count(value: Any) -> int:
    return value if type(value) is int and 0 < value < 2**63 else 0
