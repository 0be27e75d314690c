"""Which messages belong together, because a client cut in pieces what a person sent at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from minibot.core.messages import AttachmentKind, IncomingMessage

LONGEST_TEXT = 4_096
"""UTF-16 units that a client sends at once (Bot API, sendMessage)."""

CUT_FROM = 3_500
"""UTF-16 units from which on a text may be the beginning of a longer one: clients cut a paste
at the last gap before `LONGEST_TEXT`."""

BESIDE_WORDS = frozenset(
    {
        AttachmentKind.PHOTO,
        AttachmentKind.VIDEO,
        AttachmentKind.ANIMATION,
        AttachmentKind.DOCUMENT,
        AttachmentKind.AUDIO,
    }
)
"""What people send several of, or with a word about it in the next message."""

FORWARDED = "[Forwarded from somebody else:]"

SLACK = timedelta(seconds=1)
"""Channels tell whole seconds."""


def expects_more(message: IncomingMessage) -> bool:
    """Say whether more may follow at once that belongs to a message."""
    if not message.is_new or message.text.startswith("/"):
        return False
    if message.album:
        return True  # whom it is for may stand under another of its pictures
    if not message.addressed:
        return False  # what people say to each other in a group makes nobody wait
    if message.forwarded or _is_cut(message):
        return True
    return not message.text and _has_files(message)


def belongs(last: IncomingMessage, message: IncomingMessage, window: timedelta) -> bool:
    """Say whether a message goes on with the one before it.

    Args:
        last: the one before it in its chat.
        window: how soon it has to follow.
    """
    if not message.is_new or message.text.startswith("/"):
        return False
    if message.sender.id != last.sender.id or last.text.startswith("/"):
        return False
    if message.album and message.album == last.album:
        return True
    if abs(message.sent_at - last.sent_at) > window + SLACK:
        return False
    if message.forwarded:
        return True
    return expects_more(last) and not last.album


def joined(messages: Sequence[IncomingMessage]) -> IncomingMessage:
    """Make one message of several that belong together; its place is that of the first."""
    first = messages[0]
    if len(messages) == 1:
        return first
    mixed = len({message.forwarded for message in messages}) > 1
    text = _words(first, mixed=mixed)
    for before, message in pairwise(messages):
        words = _words(message, mixed=mixed)
        # A word that was cut in two has no gap at the cut.
        gap = "" if not text or not words or _units(before.text) >= LONGEST_TEXT else "\n"
        text += gap + words
    return replace(
        first,
        text=text,
        addressed=any(message.addressed for message in messages),
        attachments=tuple(each for message in messages for each in message.attachments),
        quoted_attachments=tuple(
            each for message in messages for each in message.quoted_attachments
        ),
        reply_to=next((message.reply_to for message in messages if message.reply_to), ""),
        quoted_text=next((each.quoted_text for each in messages if each.quoted_text), ""),
        foreign=any(message.foreign for message in messages),
        forwarded=not mixed and first.forwarded,
    )


def _words(message: IncomingMessage, *, mixed: bool) -> str:
    """Give the text; where it stands among others, with a word on whose it is."""
    if mixed and message.forwarded and message.foreign and message.text:
        return f"{FORWARDED}\n{message.text}"
    return message.text


def _is_cut(message: IncomingMessage) -> bool:
    # A character has two units at the most, so short texts need not be looked at.
    may_be = 2 * len(message.text) >= CUT_FROM and not message.attachments
    return may_be and _units(message.text) >= CUT_FROM


def _has_files(message: IncomingMessage) -> bool:
    return any(each.kind in BESIDE_WORDS for each in message.attachments)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
