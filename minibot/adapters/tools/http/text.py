"""What a person would read of a page, as plain text with a little Markdown.

The parser needs the square of the time for some nestings, and cannot be stopped. So scripts,
pictures and comments, which are most of a large page, are cut out before, and of the rest only
the beginning is parsed.
"""

import re
from dataclasses import dataclass

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from minibot.adapters.tools.http.address import WebAddress
from minibot.adapters.tools.http.blocks import SHAPES, Blocks, Place, link_to, tidy
from minibot.adapters.tools.http.content import ContentType, decode, looks_binary

MAX_MARKUP = 262_144
"""Characters of a page that are parsed: some seconds in the worst case, 15 ms in the usual one."""

MAX_TITLE = 300
_MAIN_TEXT = 200
"""Characters from which on the main part of a page is taken to be the page."""

_ELEMENTS = ("svg", "noscript", "template", "canvas")
_RAW = ("script", "style", "iframe")
"""What they hold are no elements, whatever it looks like."""
_NOISE = re.compile(rf"<(?:!--|({'|'.join((*_ELEMENTS, *_RAW))})\b)", re.IGNORECASE)
_ENDS = {
    **{name: re.compile(rf"</{name}[^>]{{0,200}}>", re.IGNORECASE) for name in (*_ELEMENTS, *_RAW)},
    "--": re.compile("-->"),
}
_INLINE_DATA = re.compile(r"data:[\w/+.;=-]{0,100}base64,[A-Za-z0-9+/=%]{100,}")

_DROPPED = frozenset(
    {
        *("script", "style", "svg", "noscript", "template", "iframe", "canvas", "object", "embed"),
        *("nav", "head", "audio", "video", "button", "select", "textarea", "input", "-comment"),
    }
)
_DROPPED_ROLES = frozenset({"navigation", "search", "menu", "menubar", "toolbar"})
_INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The text of a page."""

    title: str
    text: str
    cut: bool
    """True when there was more."""


def read_text(
    data: bytes, content_type: ContentType, address: WebAddress, limit: int
) -> Readable | None:
    """Make text of what was downloaded, `limit` characters at the most; None when it is none."""
    if not content_type.essence and looks_binary(data):
        return None
    text = decode(data, content_type)
    if content_type.is_html or (not content_type.essence and _begins_like_html(text)):
        return read_html(text, address, limit)
    if content_type.is_json:
        text = _indented(text, limit)
    text = tidy(text)
    return Readable(title="", text=text[:limit], cut=len(text) > limit)


def read_html(html: str, address: WebAddress, limit: int) -> Readable:
    """Give what can be seen of a page: headings, paragraphs, lists, tables, links and code."""
    markup = without_noise(html)
    parser = LexborHTMLParser(_beginning(markup))
    title = parser.css_first("title", default=None)
    blocks = Blocks(limit)
    root = _main_part(parser)
    if root is not None:
        _Walk(blocks, address).through(root)
    text = blocks.text()
    return Readable(
        title=" ".join(title.text().split())[:MAX_TITLE] if title is not None else "",
        text=text[:limit],
        cut=blocks.full or len(text) > limit or len(markup) > MAX_MARKUP,
    )


def without_noise(html: str) -> str:
    """Cut out scripts, styles, drawings, comments and pictures, in time linear in the length."""
    kept: list[str] = []
    unclosed: set[str] = set()
    at = 0
    while found := _NOISE.search(html, at):
        kept.append(html[at : found.start()])
        name = (found[1] or "--").lower()
        end = None if name in unclosed else _ENDS[name].search(html, found.end())
        if end is not None:
            at = end.end()
            continue
        if name not in _ELEMENTS:
            return _INLINE_DATA.sub("", "".join(kept))  # the rest belongs to it, as in browsers
        unclosed.add(name)
        at = html.find(">", found.end()) + 1 or len(html)
    kept.append(html[at:])
    return _INLINE_DATA.sub("", "".join(kept))


def _beginning(markup: str) -> str:
    """Cut before a tag, not inside it."""
    if len(markup) <= MAX_MARKUP:
        return markup
    last = markup.rfind("<", 0, MAX_MARKUP)
    return markup[: last if last > 0 else MAX_MARKUP]


class _Walk:
    """Goes through a tree from top to bottom, without recursion: pages may nest as they like."""

    def __init__(self, blocks: Blocks, address: WebAddress) -> None:
        self._blocks = blocks
        self._address = address
        self._links: list[tuple[Place, str]] = []
        """Of each link that is open: where its text begins, and where it leads."""

    def through(self, root: LexborNode) -> None:
        node: LexborNode | None = root
        depth = 0
        while node is not None and not self._blocks.full:
            entered = self._enter(node)
            child = node.first_child if entered else None
            if child is not None:
                node, depth = child, depth + 1
                continue
            if entered:
                self._leave(node)
            node, depth = self._next(node, depth)

    def _next(self, node: LexborNode, depth: int) -> tuple[LexborNode | None, int]:
        """Give the next node below the root, leaving those that end before it."""
        current = node
        while depth > 0:
            if current.next is not None:
                return current.next, depth
            parent = current.parent
            if parent is None:
                break
            self._leave(parent)
            current, depth = parent, depth - 1
        return None, 0

    def _enter(self, node: LexborNode) -> bool:
        """Write what a node begins with; gives False when what is in it is not read."""
        tag = node.tag or ""
        if tag == "-text":
            self._blocks.write(node.text_content or "")
            return False
        attributes = node.attributes
        if tag in _DROPPED or (attributes and _is_hidden(attributes)):
            return False
        if tag == "a":
            link = link_to(attributes.get("href") or "", self._address)
            self._links.append((self._blocks.place, link))
        elif tag == "img" and (description := (attributes.get("alt") or "").strip()):
            self._blocks.write(f"[picture: {description}]")
        elif tag in SHAPES:
            SHAPES[tag].open(self._blocks)
        return True

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "a" and self._links:
            begins, link = self._links.pop()
            self._blocks.end_link(begins, link)
        elif tag in SHAPES:
            SHAPES[tag].close(self._blocks)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if (attributes.get("role") or "") in _DROPPED_ROLES:
        return True
    return bool(_INVISIBLE.search(attributes.get("style") or ""))


def _main_part(parser: LexborHTMLParser) -> LexborNode | None:
    """Give the one part a page calls its main one, if there is much in it; else all of it."""
    for selector in ("main", "[role=main]", "article"):
        found = parser.css(selector)
        if len(found) == 1 and len(found[0].text().strip()) >= _MAIN_TEXT:
            return found[0]
    return parser.body


def _begins_like_html(text: str) -> bool:
    start = text[:256].lstrip().lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<body"))


def _indented(text: str, limit: int) -> str:
    """Lay JSON out for reading where that still fits; leave alone what is none."""
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    laid_out = orjson.dumps(tree, option=orjson.OPT_INDENT_2).decode()
    return laid_out if len(laid_out) <= limit else text
