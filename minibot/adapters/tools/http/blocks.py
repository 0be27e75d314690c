"""The text of a page while it is being put together, block by block."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from minibot.adapters.tools.http.address import WebAddress

MAX_INDENT = 8
MAX_LINK = 500
"""Characters; longer ones hold data rather than an address."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees and a model reads; the joiners inside emoji and words stay."""

_WHITESPACE = re.compile(r"\s+")
_SPACES = re.compile(r"[ \t]{2,}")
_MANY_NEWLINES = re.compile(r"\n{3,}")

Place = tuple[int, int]
"""How many blocks are done, and how many pieces are in the one being written."""


class Blocks:
    """Collects blocks up to a limit of characters."""

    def __init__(self, limit: int) -> None:
        self._room = limit
        self._done: list[tuple[str, bool]] = []
        """Blocks, and whether each belongs close to its neighbours, as items of a list do."""
        self._pieces: list[str] = []
        self._prefix = ""
        self._tight = False
        self._lists: list[int | None] = []
        """Of each list that is open the number of its last item; None where they have bullets."""
        self._preformatted = 0

    @property
    def full(self) -> bool:
        return self._room < 0

    @property
    def place(self) -> Place:
        return len(self._done), len(self._pieces)

    def text(self) -> str:
        """Put the blocks together."""
        self.flush()
        text, before = [], False
        for block, tight in self._done:
            text.append("\n" if before and tight else "\n\n")
            text.append(block)
            before = tight
        return tidy("".join(text))

    def write(self, text: str) -> None:
        """Add text; its line breaks and runs of spaces mean nothing but where it is code."""
        if not self._preformatted:
            text = _WHITESPACE.sub(" ", text)
        self._pieces.append(text[: self._room + 1])
        self._room -= len(text)

    def put(self, mark: str) -> None:
        """Add a line break, or a mark of Markdown, which code has none of."""
        if not self._preformatted or mark == "\n":
            self._pieces.append(mark)

    def end_link(self, begins: Place, link: str) -> None:
        """Name where a link leads behind its text; a block inside it may be over already."""
        done, pieces = begins
        same_block = len(self._done) == done
        text = "".join(self._pieces[pieces:] if same_block else self._pieces).strip()
        if not link or text == link or (same_block and not text):
            return
        self._room -= len(link) + 3
        if text:
            self._pieces.append(f" ({link})")
        else:
            last, tight = self._done[-1]
            self._done[-1] = (f"{last} ({link})", tight)

    def flush(self) -> None:
        """End the block that is being written, if there is anything in it."""
        text = "".join(self._pieces)
        self._pieces.clear()
        if self._preformatted:
            text = "```\n" + text.strip("\n") + "\n```" if text.strip() else ""
        else:
            lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
            text = "\n".join(lines).strip()
        if text:
            self._done.append((self._prefix + text, self._tight))
            self._prefix = ""

    def begin(self, prefix: str = "", *, tight: bool = False) -> None:
        """Begin a block; inside an item of a list the mark of the item stays in front."""
        self.flush()
        self._prefix += prefix
        self._tight = self._tight or tight

    def end(self) -> None:
        """End a block, with what was to stand in front of it and did not."""
        self.flush()
        self._prefix, self._tight = "", False

    def begin_list(self, first: int | None) -> None:
        self.flush()
        self._lists.append(first)

    def end_list(self) -> None:
        self.end()
        if self._lists:
            self._lists.pop()

    def begin_item(self) -> None:
        self.flush()
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        indent = "  " * min(len(self._lists) - 1, MAX_INDENT)
        self._prefix, self._tight = indent + ("- " if number is None else f"{number}. "), True

    def begin_cell(self) -> None:
        if any(piece.strip() for piece in self._pieces):
            self._pieces.append(" | ")

    def preformat(self, step: int) -> None:
        """Begin (1) or end (-1) text that is shown as it is written."""
        self.flush()
        self._preformatted += step


def tidy(text: str) -> str:
    """Drop what nobody sees, spaces at the ends of lines, and empty lines beyond one."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _MANY_NEWLINES.sub("\n\n", text).strip("\n")


def link_to(href: str, address: WebAddress) -> str:
    """Give where a link leads; empty when it leads nowhere, or not to a page."""
    if not href or href.startswith("#") or len(href) > MAX_LINK:
        return ""
    try:
        link = urljoin(address.url, href.strip())
        is_page = urlsplit(link).scheme in ("http", "https")
    except ValueError:
        return ""
    return link if is_page and not any(character.isspace() for character in link) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the beginning and the end of an element do to the text."""

    open: Callable[[Blocks], None] = Blocks.flush
    close: Callable[[Blocks], None] = Blocks.flush


def _nothing(_: Blocks) -> None:
    pass


def _heading(level: int) -> Shape:
    return Shape(open=lambda blocks: blocks.begin("#" * level + " "), close=Blocks.end)


def _rule(blocks: Blocks) -> None:
    blocks.flush()
    blocks.write("---")
    blocks.flush()


_PLAIN = Shape()
_CODE = Shape(open=lambda blocks: blocks.put("`"), close=lambda blocks: blocks.put("`"))
_CELL = Shape(open=Blocks.begin_cell, close=_nothing)

SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("address", "article", "aside", "blockquote", "body", "caption"), _PLAIN),
    **dict.fromkeys(("dd", "details", "div", "dl", "dt", "fieldset", "figcaption"), _PLAIN),
    **dict.fromkeys(("figure", "footer", "form", "header", "hgroup", "legend", "main"), _PLAIN),
    **dict.fromkeys(("p", "section", "summary", "table", "tbody", "tfoot", "thead"), _PLAIN),
    **{f"h{level}": _heading(level) for level in range(1, 7)},
    **dict.fromkeys(("code", "kbd", "samp"), _CODE),
    **dict.fromkeys(("td", "th"), _CELL),
    "ul": Shape(open=lambda blocks: blocks.begin_list(None), close=Blocks.end_list),
    "ol": Shape(open=lambda blocks: blocks.begin_list(1), close=Blocks.end_list),
    "li": Shape(open=Blocks.begin_item, close=Blocks.end),
    "tr": Shape(open=lambda blocks: blocks.begin(tight=True), close=Blocks.end),
    "pre": Shape(
        open=lambda blocks: blocks.preformat(1), close=lambda blocks: blocks.preformat(-1)
    ),
    "br": Shape(open=lambda blocks: blocks.put("\n"), close=_nothing),
    "hr": Shape(open=_rule, close=_nothing),
}
"""Elements that are more than their text, but links and pictures."""
