"""Plain text, code, tables with commas, and web pages."""

import re
from pathlib import PurePath

from charset_normalizer import from_bytes
from selectolax.lexbor import LexborHTMLParser

from minibot.adapters.media.formats import Order
from minibot.adapters.media.text import Page
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

BYTES_PER_CHARACTER = 4
SAMPLE = 65_536
"""Bytes by which an encoding is guessed."""
MOST_MARKUP = 1_000_000
MOST_UNREADABLE = 0.1
"""The part of a text that may be control characters or unknown ones."""

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HTML_NAMES = frozenset({".html", ".htm", ".xhtml"})
_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_UNSEEN = "script, style, noscript, template, svg, head"
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")
_CONTROLS = re.compile("[\0-\b\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


def read_plain(order: Order) -> Extract:
    """Read text. Raises `MediaUnreadable`."""
    wanted = max(order.max_characters * BYTES_PER_CHARACTER, MOST_MARKUP)
    with order.path.open("rb") as file:
        data = file.read(wanted)
        more = bool(file.read(1))
    text = decode(data)
    if _is_html(order, text):
        text = readable_html(text)
    page = Page(order.max_characters)
    page.add(text)
    page.full = page.full or more
    return page.extract()


def decode(data: bytes) -> str:
    """Turn bytes into text, whatever their encoding. Raises `MediaUnreadable`."""
    text = _decoded(data)
    if len(_CONTROLS.findall(text)) > MOST_UNREADABLE * len(text):
        raise MediaUnreadable("it is neither text nor a format that I know")
    return _CONTROLS.sub("", text)


def readable_html(markup: str) -> str:
    """Give what a person would see of a page."""
    parser = LexborHTMLParser(markup[:MOST_MARKUP])
    title = parser.css_first("title", default=None)
    heading = f"{title.text(strip=True)}\n\n" if title is not None else ""
    for node in parser.css(_UNSEEN):
        node.decompose()
    root = parser.body or parser.root
    text = root.text(separator="\n", strip=True) if root is not None else ""
    return heading + _BLANK_LINES.sub("\n\n", text)


def _decoded(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data[:SAMPLE]:
        raise MediaUnreadable("it is neither text nor a format that I know")
    try:
        # A character may be cut in half at the end of what was read.
        return data.decode() if len(data) < SAMPLE else _whole_characters(data)
    except UnicodeDecodeError:
        best = from_bytes(data[:SAMPLE]).best()
        if best is None:
            raise MediaUnreadable("it is neither text nor a format that I know") from None
        return data.decode(best.encoding, "replace")


def _whole_characters(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if len(data) - error.start >= BYTES_PER_CHARACTER:
            raise
        return data[: error.start].decode()


def _is_html(order: Order, text: str) -> bool:
    suffix = PurePath(order.name.lower()).suffix
    said = order.mime_type.startswith("text/html") or suffix in _HTML_NAMES
    return said or _HTML.match(text) is not None
