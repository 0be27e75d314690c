"""What was sent along, in words for the model and for its person."""

import re
from pathlib import PurePosixPath

from minibot.core.messages import Attachment, AttachmentKind

LONGEST_NAME = 100

WORDLESS_KINDS = frozenset(
    {
        AttachmentKind.STICKER,
        AttachmentKind.LOCATION,
        AttachmentKind.VENUE,
        AttachmentKind.CONTACT,
        AttachmentKind.POLL,
        AttachmentKind.DICE,
        AttachmentKind.OTHER,
    }
)
"""Kinds of which the message tells all there is to know; nothing is fetched."""

_LABELS = {
    AttachmentKind.VIDEO_NOTE: "Video message",
    AttachmentKind.ANIMATION: "Animation",
    AttachmentKind.VOICE: "Voice message",
    AttachmentKind.AUDIO: "Audio file",
    AttachmentKind.OTHER: "Something else",
}
_SUFFIXES = {
    AttachmentKind.PHOTO: ".jpg",
    AttachmentKind.VOICE: ".ogg",
    AttachmentKind.AUDIO: ".mp3",
    AttachmentKind.VIDEO: ".mp4",
    AttachmentKind.VIDEO_NOTE: ".mp4",
}
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)
_UNFIT = re.compile(r'[\s\[\]"`]+')


def label_of(attachment: Attachment, *, quoted: bool) -> str:
    """Name something for the model; one line without brackets, whatever its sender called it."""
    kind = attachment.kind
    label = _LABELS.get(kind, kind.value.capitalize())
    if name := plain_name(attachment):
        label = f'{label} "{name}"'
    if attachment.detail and kind not in WORDLESS_KINDS:
        label = f"{label} ({_UNFIT.sub(' ', attachment.detail)})"
    return f"{label} in the message that is answered" if quoted else label


def in_words(label: str, detail: str) -> str:
    """Tell what needs no file."""
    return f"[{label}: {' '.join(detail.replace('[', '(').replace(']', ')').split())}]"


def for_person(attachment: Attachment, *, quoted: bool, problem: str) -> str:
    """Say to a person what could not be read, in Markdown."""
    name = plain_name(attachment)
    kind = _LABELS.get(attachment.kind, attachment.kind.value).lower()
    what = f"`{name}`" if name else f"the {kind}"
    place = " you answered" if quoted else ""
    return f"⚠️ I could not open {what}{place}: {problem}."


def plain_name(attachment: Attachment) -> str:
    """Give the name of a file as a line of text may have it; empty when there is none."""
    name = _UNFIT.sub(" ", attachment.name).strip()
    name = "".join(each for each in name if each.isprintable())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def suffix_of(attachment: Attachment) -> str:
    """Give how the name of a file ends, where that is harmless and tells what it is."""
    found = PurePosixPath(attachment.name.lower()).suffix
    if _SUFFIX.fullmatch(found):
        return found
    return _SUFFIXES.get(attachment.kind, "")
