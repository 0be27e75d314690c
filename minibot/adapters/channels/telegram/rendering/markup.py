"""Model Markdown as Telegram takes it: plain text beside formatted stretches.

Formatting goes out as entities, never as markup for Telegram to parse, so no character of an
answer can make a message fail.

Beyond CommonMark, GitHub's tables, tasks, alerts and footnotes, ``||spoilers||`` and TeX are
read, and the HTML that models write. ``<details>`` becomes a quotation that is folded up, as do
``<think>`` and ``<blockquote expandable>``; ``![22:45](tg://time?unix=1647531900&format=t)`` and
``<tg-time unix="1647531900" format="t">22:45</tg-time>`` are a moment in the reader's own zone.
"""

import logging
import re

from minibot.adapters.channels.telegram.rendering.marks import settle
from minibot.adapters.channels.telegram.rendering.reading import TooTangled, read
from minibot.adapters.channels.telegram.rendering.splitting import BLANK, MAX_UNITS, split
from minibot.adapters.channels.telegram.rendering.utf16 import utf16_length
from minibot.adapters.channels.telegram.rendering.writing import write
from minibot.core.messages import Part

__all__ = ["MAX_CAPTION_UNITS", "plain", "render", "render_caption", "utf16_length"]

MAX_CAPTION_UNITS = 1024
"""UTF-16 code units that fit beside a file (Bot API, sendDocument)."""

_log = logging.getLogger(__name__)

FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a mistake of ours may raise: an answer is worth more than its formatting."""

_SIGNS = re.compile(r"[*_`~\[<\\|$&]")
_LINE_SIGNS = re.compile(r"\n(?: {0,3}(?:[>#+=-]|\d{1,9}[.)])| {4}| *\t)")
_UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0\ufdd1]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_CONTROL_SPACE = re.compile(r"[\x0b\x0c\x1c-\x1f\x85]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufdd0\ufdd1]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")


def render(markdown: str, *, first_units: int = MAX_UNITS) -> tuple[Part, ...]:
    """Turn an answer into one or more messages with its formatting.

    The first one has at most `first_units` UTF-16 code units, the others what Telegram takes.
    """
    text = clean(markdown)
    if not has_signs(text):
        return split(_close_gaps(text), [], first_units=first_units)
    try:
        canvas = write(read(text))
    except TooTangled:
        return split(_close_gaps(text), [], first_units=first_units)
    except FAULTS:
        _log.warning("markdown not rendered, sent as plain text", exc_info=True)
        return split(_close_gaps(text), [], first_units=first_units)
    shown = canvas.text
    marks = settle(shown, canvas.marks)
    parts = split(shown, marks, bonds=canvas.bonds, first_units=first_units)
    if parts == (BLANK,):
        return split(_close_gaps(text), [], first_units=first_units)
    return parts


def render_caption(markdown: str) -> tuple[Part, ...]:
    """Turn words beside a file into a caption, and messages for what it has no room for."""
    return render(markdown, first_units=MAX_CAPTION_UNITS)


def plain(markdown: str) -> tuple[Part, ...]:
    """Turn an answer into one or more messages that show it as it was written."""
    return split(_close_gaps(clean(markdown)), [])


def has_signs(text: str) -> bool:
    """Say whether anything may have a meaning beyond itself."""
    return bool(_SIGNS.search(text) or _LINE_SIGNS.search("\n" + text))


def clean(text: str) -> str:
    """Take out what Telegram refuses or drops: control characters and halves of pairs."""
    if text.replace("\n", "").isprintable() or not _UNCLEAN.search(text):
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROL_SPACE.sub(" ", text)
    text = _CONTROL.sub("", text)
    return _SURROGATE.sub("\ufffd", text)


def _close_gaps(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text
