"""Model Markdown as Telegram takes it: plain text beside formatted stretches.

Formatting goes out as entities, never as markup for Telegram to parse, so no character of an
answer can make a message fail.
"""

import logging
import re

from telegramify_markdown import MessageEntity, RenderConfig, convert

from minibot.adapters.channels.telegram.blocks import tidy_blocks
from minibot.adapters.channels.telegram.marks import Mark, settle
from minibot.adapters.channels.telegram.source import TooTangled, is_url, keep_literals
from minibot.adapters.channels.telegram.splitting import BLANK, split
from minibot.adapters.channels.telegram.utf16 import Ruler, utf16_length
from minibot.core.messages import Part, SpanKind

__all__ = ["plain", "render", "utf16_length"]

_log = logging.getLogger(__name__)

_CONVERTER_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

_SIGNS = re.compile(r"[*_`~\[<\\|$&]")
_LINE_SIGNS = re.compile(r"\n(?: {0,3}(?:[>#+=-]|\d{1,9}[.)])| {4}| *\t)")
_UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_CONTROL_SPACE = re.compile(r"[\x0b\x0c\x1c-\x1f\x85]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_LANGUAGE = re.compile(r"[\w+#.-]+")

_KINDS = {kind.value: kind for kind in SpanKind}


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    config.cite_expandable = False
    symbol = config.markdown_symbol
    symbol.heading_level_1 = symbol.heading_level_2 = ""
    symbol.heading_level_3 = symbol.heading_level_4 = ""
    symbol.image = "🖼 "
    symbol.unordered_list_item = "•"
    symbol.task_uncompleted = "☐"
    return config


_CONFIG = _config()


def render(markdown: str) -> tuple[Part, ...]:
    """Turn an answer into one or more messages with its formatting."""
    text = _clean(markdown)
    if not _SIGNS.search(text) and not _LINE_SIGNS.search("\n" + text):
        return split(_close_gaps(text), [])
    try:
        parts = split(*_formatted(text))
    except TooTangled:
        parts = ()
    except _CONVERTER_FAULTS:
        _log.warning("markdown not converted, sent as plain text", exc_info=True)
        parts = ()
    if parts in ((), (BLANK,)):
        return split(_close_gaps(text), [])
    return parts


def plain(markdown: str) -> tuple[Part, ...]:
    """Turn an answer into one or more messages that show it as it was written."""
    return split(_close_gaps(_clean(markdown)), [])


def _clean(text: str) -> str:
    """Take out what Telegram refuses or drops: control characters and halves of pairs."""
    if text.replace("\n", "").isprintable() or not _UNCLEAN.search(text):
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROL_SPACE.sub(" ", text)
    text = _CONTROL.sub("", text)
    return _SURROGATE.sub("\ufffd", text)


def _close_gaps(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text


def _formatted(markdown: str) -> tuple[str, list[Mark]]:
    text, entities = convert(keep_literals(markdown), latex_escape=False, config=_CONFIG)
    ruler = Ruler(text)
    marks = [mark for entity in entities if (mark := _mark(entity, ruler)) is not None]
    text, marks = tidy_blocks(text, marks)
    return text, settle(text, marks)


def _mark(entity: MessageEntity, ruler: Ruler) -> Mark | None:
    kind = _KINDS.get(entity.type)
    if kind is None or entity.length <= 0:
        return None
    url = entity.url or ""
    if kind is SpanKind.TEXT_LINK and not is_url(url):
        return None
    language = _LANGUAGE.match(entity.language or "")
    return Mark(
        kind,
        ruler.index(entity.offset),
        ruler.index(entity.offset + entity.length),
        url,
        language[0] if language else "",
    )
