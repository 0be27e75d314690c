"""Rich messages: what they may be made of, and what of them can be read as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.peers.entities import utf16_len
from tests.peers.telegram.wire import ApiError, Json, bad_request, json_param
from tests.peers.telegram.world import Call

MAX_TEXT = 32768
"""UTF-16 units; of HTML and Markdown the marks are counted too, for they are not parsed here."""
MAX_BLOCKS = 500
MAX_NESTING = 16
_MAX_BUTTONS = 8
_MAX_HEADING = 6
# Blocks (Bot API 10.3, InputRichBlock), and the fields each cannot be without.
_BLOCKS: dict[str, tuple[str, ...]] = {
    "paragraph": ("text",),
    "heading": ("text", "size"),
    "pre": ("text",),
    "footer": ("text",),
    "divider": (),
    "mathematical_expression": ("expression",),
    "anchor": ("name",),
    "list": ("items",),
    "blockquote": ("blocks",),
    "expandable_blockquote": ("text",),
    "pullquote": ("text",),
    "collage": ("blocks",),
    "slideshow": ("blocks",),
    "table": ("cells",),
    "details": ("summary", "blocks"),
    "map": ("location",),
    "buttons": ("buttons",),
    "animation": ("animation",),
    "audio": ("audio",),
    "document": ("document",),
    "photo": ("photo",),
    "video": ("video",),
    "voice_note": ("voice_note",),
    "thinking": ("text",),
}
# Inline texts (Bot API 10.3, RichText) that have another field than "text" to be read.
_READ_FROM = {
    "custom_emoji": "alternative_text",
    "mathematical_expression": "expression",
    "anchor": "",
    "button": "button",
}
_INLINE = {
    *("bold", "italic", "underline", "strikethrough", "spoiler", "date_time", "text_mention"),
    *("subscript", "superscript", "marked", "code", "url", "email_address", "phone_number"),
    *("bank_card_number", "mention", "hashtag", "cashtag", "bot_command", "anchor_link"),
    *("reference", "reference_link", *_READ_FROM),
}
_TEXTS = ("summary", "text", "expression", "credit")


@dataclass(frozen=True, slots=True)
class RichMessage:
    """A rich message that is as it should be."""

    blocks: list[Json]
    text: str
    """What can be read of it; HTML and Markdown with their marks."""
    is_rtl: bool

    def to_json(self) -> Json:
        return {"blocks": self.blocks} | ({"is_rtl": True} if self.is_rtl else {})


def read_rich(call: Call, *, draft: bool = False) -> RichMessage:
    """Parse and check the parameter ``rich_message``; only a draft may show that one thinks."""
    if not call.world.rich_messages:
        raise ApiError(404, "Not Found: method not found")
    rich = json_param(call.params, "rich_message")
    if not isinstance(rich, dict):
        raise bad_request("rich message must be non-empty")
    given = [key for key in ("html", "markdown", "blocks") if rich.get(key) is not None]
    if len(given) != 1:
        raise bad_request("exactly one of html, markdown and blocks must be used")
    source = rich[given[0]]
    if given == ["blocks"]:
        blocks = _Check(draft=draft).blocks(source, depth=1)
        text = "\n".join(_read(blocks))
    else:
        text = str(source)
        blocks = [{"type": "paragraph", "text": text}]
    if not blocks or (given != ["blocks"] and not text.strip()):
        raise bad_request("rich message must be non-empty")
    if utf16_len(text) > MAX_TEXT:
        raise bad_request("rich message is too long")
    return RichMessage(blocks, text, is_rtl=bool(rich.get("is_rtl")))


class _Check:
    """Goes through the blocks of one message."""

    def __init__(self, *, draft: bool) -> None:
        self._draft = draft
        self._seen = 0

    def blocks(self, found: Any, *, depth: int) -> list[Json]:
        if not isinstance(found, list):
            raise bad_request("can't parse InputRichBlock: expected an Array")
        if depth > MAX_NESTING:
            raise bad_request("rich message is nested too deeply")
        for block in found:
            self._seen += 1
            if self._seen > MAX_BLOCKS:
                raise bad_request("rich message has too many blocks")
            self._block(block, depth=depth)
        return found

    def _block(self, block: Json, *, depth: int) -> None:
        kind = block.get("type")
        if kind not in _BLOCKS:
            raise bad_request(f"can't parse InputRichBlock: type {kind!r} is not supported")
        if kind == "thinking" and not self._draft:
            raise bad_request("the block thinking can be used only in drafts")
        for name in _BLOCKS[kind]:
            if block.get(name) is None:
                raise bad_request(f"can't parse InputRichBlock: {kind} has no field {name!r}")
        self._check_values(block, kind)
        for text in _inline_parts(block):
            _check_inline(text, depth=depth)
        if "blocks" in block:
            self.blocks(block["blocks"], depth=depth + 1)
        for item in block.get("items", []):
            self.blocks(item.get("blocks"), depth=depth + 1)

    @staticmethod
    def _check_values(block: Json, kind: str) -> None:
        if kind == "heading" and block["size"] not in range(1, _MAX_HEADING + 1):
            raise bad_request("heading size must be between 1 and 6")
        if kind == "buttons" and not 1 <= len(block["buttons"]) <= _MAX_BUTTONS:
            raise bad_request("a row must have 1-8 buttons")
        if kind == "list" and not block["items"]:
            raise bad_request("list must be non-empty")
        if kind == "table" and not any(block["cells"]):
            raise bad_request("table must be non-empty")


def _check_inline(text: Any, *, depth: int) -> None:
    if depth > MAX_NESTING:
        raise bad_request("rich message is nested too deeply")
    if isinstance(text, str):
        return
    if isinstance(text, list):
        for part in text:
            _check_inline(part, depth=depth)
        return
    kind = text.get("type")
    if kind not in _INLINE:
        raise bad_request(f"can't parse RichText: type {kind!r} is not supported")
    field = _READ_FROM.get(kind, "text")
    if field and text.get(field) is None:
        raise bad_request(f"can't parse RichText: {kind} has no field {field!r}")
    if field == "text":
        _check_inline(text["text"], depth=depth + 1)


def _inline_parts(block: Json) -> Iterator[Any]:
    """The inline texts a block has itself, in the order they are read."""
    yield from (block[name] for name in _TEXTS if block.get(name) is not None)
    for row in block.get("cells", []):
        yield from (cell["text"] for cell in row if cell.get("text") is not None)
    yield from (button["text"] for button in block.get("buttons", []))
    caption = block.get("caption")
    if isinstance(caption, dict) and "type" not in caption:  # of media: a text and its credit
        yield from (caption[name] for name in ("text", "credit") if caption.get(name) is not None)
    elif caption is not None:
        yield caption


def _read(blocks: list[Json]) -> Iterator[str]:
    """The readable lines of blocks."""
    for block in blocks:
        yield from (_plain(text) for text in _inline_parts(block))
        yield from _read(block.get("blocks", []))
        for item in block.get("items", []):
            yield from _read(item["blocks"])


def _plain(text: Any) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(_plain, text))
    if text["type"] == "button":
        return _plain(text["button"].get("text", ""))
    field = _READ_FROM.get(text["type"], "text")
    return _plain(text[field]) if field else ""
