"""Model Markdown made safe to convert: whatever a converter would swallow stays readable.

CommonMark reads ``List<String>`` as HTML, ``$HOME/$PATH`` as mathematics and the third line of
a countdown as number twelve. A person must see what the model wrote, so such places are found
with the parser and escaped before the text is converted.
"""

import re
from collections.abc import Callable
from typing import Any

import pyromark

OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
)
"""The dialect of telegramify_markdown.convert."""

# Past these a text is no answer but an accident, and converting it would hold everything up:
# the converter takes time by the square of some of them.
_MOST_EVENTS = 25_000
_MOST_ELEMENTS = 6_000
_DEEPEST = 32
_MOST_BLANK_WORK = 500_000
_LONGEST_FORMULA = 400

_ROUNDS = 4
_Edit = tuple[int, int, bytes]

_URL = re.compile(r"(?:https?://|tg://|mailto:|tel:)[^\s<>]+", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PATH = re.compile(r"(?!#|(?:javascript|vbscript|data):).{1,300}", re.DOTALL | re.IGNORECASE)
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}$")
_LANGUAGE_AND_MORE = re.compile(
    rb"[`~]+ *[\w+#.-]{1,40}(?=:\S+$|,? *\{[^{}]*\}$|[ ,]+\w+=)", re.MULTILINE
)
_ITEM_NUMBER = re.compile(rb"(\d{1,9})[.)]")
_FENCE = re.compile(rb"`+|~+")
_LINK_TAIL = re.compile(rb"\s*\]\(")
_BAR = re.compile(rb"(?<!\\)\|")
_NOT_PREFIX = re.compile(rb"[^>\s]")
_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")
# An escaped character, a spoiler within one paragraph, or bars that are neither.
_BARS = re.compile(r"\\.|\|\|(?=\S)((?:(?!\|\||\n[ \t]*\n).)+?)(?<=\S)\|\||\|\|", re.DOTALL)
_SPOILER = ("<tg-spoiler>", "</tg-spoiler>")  # as the converter reads it
_DECLARATION = re.compile(r"(?<!\\)<(?=!)")
_TEX = re.compile(
    r"\\\\"
    # Atomic groups: Python before 3.11.3 captures wrongly around a possessive repetition.
    r"|\\\(((?>(?:[^\n\\]|\\(?![()]))+))\\\)"
    r"|\\\[((?>(?:[^\n\\]|\\(?![\[\]])|\n(?![ \t]*\n))+))\\\]"
)
_MONEY = re.compile(r"^\d|[^\W\d_]{2,}\s+\w|`")
_TEX_SIGNS = re.compile(r"\\[A-Za-z]|[\^_=]")


class TooTangled(ValueError):
    """The text has more formatting than can be converted in reasonable time."""


def is_url(url: str) -> bool:
    """True for an address a message may link to."""
    return _URL.fullmatch(url) is not None


def keep_literals(markdown: str) -> str:
    """Escape what is no formatting although it parses as such.

    Raises:
        TooTangled: the text should rather be shown as it is.
    """
    reading = _Reading(markdown)
    for _ in range(_ROUNDS):
        if not reading.edits:
            break
        # An escaped tag can uncover another one behind it.
        markdown = _edited(reading.source, reading.edits)
        reading = _Reading(markdown)
    if reading.edits:
        raise TooTangled
    if "||" in markdown or "\\(" in markdown or "\\[" in markdown:
        markdown = _with_bars_and_tex(reading)
        # With fewer bars in a line, what was none may have become a table.
        if _Reading(markdown, spoilers=True).edits:
            raise TooTangled
    return markdown


def _edited(source: bytes, edits: list[_Edit]) -> str:
    pieces: list[bytes] = []
    reached = 0
    for start, end, replacement in sorted(edits):
        if start >= reached:
            pieces += (source[reached:start], replacement)
            reached = end
    pieces.append(source[reached:])
    return b"".join(pieces).decode()


def _with_bars_and_tex(reading: "_Reading") -> str:
    """Leave ``||`` only where it hides text, and give TeX brackets their dollar signs."""
    pieces: list[str] = []
    reached = 0
    for start, end, is_table in sorted(reading.untouchable):
        if start < reached:
            continue
        pieces.append(_prose(reading.source[reached:start].decode()))
        block = reading.source[start:end].decode()
        pieces.append(block.replace("||", "| |") if is_table else block)
        reached = end
    pieces.append(_prose(reading.source[reached:].decode()))
    return "".join(pieces)


def _prose(text: str) -> str:
    if "||" in text:
        # The bracket of a spoiler's tag could close a declaration left open before it.
        text = _BARS.sub(_spoiler, _DECLARATION.sub(r"\<", text))
    return _TEX.sub(_dollars, text)


def _spoiler(match: re.Match[str]) -> str:
    if match[1]:
        return f"{_SPOILER[0]}{match[1]}{_SPOILER[1]}"
    return r"\||" if match[0] == "||" else match[0]


def _dollars(match: re.Match[str]) -> str:
    inline, display = match[1], match[2]
    formula = (inline or display or "").strip()
    if not formula or "$" in formula or not _TEX_SIGNS.search(formula):
        return match[0]
    return f"${formula}$" if inline else f"$${formula}$$"


class _Reading:
    """One pass of the parser over a text: the edits it needs and the regions to leave alone."""

    def __init__(self, markdown: str, *, spoilers: bool = False) -> None:
        self.source = markdown.encode()
        self.edits: list[_Edit] = []
        self._own_tags = _SPOILER if spoilers else ()
        self.untouchable: list[tuple[int, int, bool]] = []
        self._table_end = 0
        self._cell_end = 0
        self._opened: dict[str, Any] | None = None
        self._links: list[str] = []
        self._inner_end = 0
        self._lists: list[tuple[int | None, int]] = []
        self._labels: set[str] = set()
        self._elements = markdown.count("||") // 2
        self._depth = 0
        self._blanks = 0
        self._blank_length = 0
        self._read(markdown)
        if "]:" in markdown:
            self._definitions(markdown)

    def _read(self, markdown: str) -> None:
        handlers: dict[str, Callable[[Any, int, int], None]] = {
            "Html": self._tag,
            "InlineHtml": self._tag,
            "InlineMath": self._math,
            "DisplayMath": self._math,
            "Code": self._code,
            "Start": self._start,
            "End": self._end,
        }
        events = pyromark.events_with_range(markdown, options=OPTIONS)
        for number, (payload, span) in enumerate(events):
            if number > _MOST_EVENTS or self._elements > _MOST_ELEMENTS or self._depth > _DEEPEST:
                raise TooTangled
            if isinstance(payload, str):
                self._inner_end = span["end"]
                continue
            ((name, value),) = payload.items()
            handler = handlers.get(name)
            if handler is not None:
                self._elements += name != "End"
                handler(value, span["start"], span["end"])
            if name != "Start":
                self._opened = None
                self._inner_end = span["end"]

    def _tag(self, html: str, start: int, end: int) -> None:
        if html in self._own_tags or not html.lstrip().startswith("<"):
            return
        at = self.source.index(b"<", start)
        if start < self._table_end and _BREAK_TAG.fullmatch(html):
            self.edits.append((start, end, b" "))
            return
        self.edits.append((at, at + 1, b"\\<"))

    def _math(self, formula: str, start: int, end: int) -> None:
        """Dollars before a word are money or shell; in a table formulas lose their place."""
        after = self.source[end : end + 1]
        misread = after.isalnum() or after == b"_" or start < self._table_end
        misread = misread or (bool(_MONEY.search(formula)) and not _TEX_SIGNS.search(formula))
        if not misread and len(formula) <= _LONGEST_FORMULA:
            if not formula.strip():
                self._blank(len(formula))
            return
        fence = 2 if self.source.startswith(b"$$", start) else 1
        self.edits.append((start, start + fence, b"\\$" * fence))
        self.edits.append((end - fence, end, b"\\$" * fence))

    def _code(self, _code: str, start: int, end: int) -> None:
        if start >= self._table_end:
            self.untouchable.append((start, end, False))

    def _blank(self, length: int) -> None:
        """Count what shows nothing: the converter looks back over all of it each time."""
        self._blanks += 1
        self._blank_length += length + 1
        if self._blanks * self._blank_length > _MOST_BLANK_WORK:
            raise TooTangled

    def _start(self, tag: Any, start: int, end: int) -> None:
        self._opened = None
        if tag == "Item":
            self._item(start)
        elif isinstance(tag, dict):
            self._opened = tag
            if "Table" in tag:
                self._table_end = end
                self.untouchable.append((start, end, True))
            elif "CodeBlock" in tag:
                self._fence(tag["CodeBlock"], start, end)
            elif "Link" in tag or "Image" in tag:
                link = tag.get("Link") or tag["Image"]
                self._links.append(link["dest_url"])
                self._labels.add(link["id"].casefold())
            elif "List" in tag or "BlockQuote" in tag:
                self._depth += 1
                if "List" in tag:
                    self._lists.append((tag["List"], tag["List"] or 0))

    def _end(self, tag: Any, start: int, end: int) -> None:
        if tag in ("Link", "Image"):
            self._link(start, end)
        elif tag == "TableCell":
            self._cell_end = end
        elif tag == "TableRow":
            self._row(end)
        elif isinstance(tag, dict) and ("List" in tag or "BlockQuote" in tag):
            self._depth -= 1
            if "List" in tag:
                self._lists.pop()

    def _link(self, start: int, end: int) -> None:
        """Show an address that nobody could reach otherwise.

        That of a link without words, of one in a table (in a fixed-width block nothing is a
        link), and one that Telegram cannot open, such as the path of a file.
        """
        url = self._links.pop()
        linkable = is_url(url)
        bracket = 2 if self.source.startswith(b"!", start) else 1
        words = self.source[start + bracket : self._inner_end].decode(errors="replace")
        if self._opened is not None or not words.strip():
            if linkable or _PATH.fullmatch(url):
                self.edits.append((start, end, _shown(url)))
            return
        if linkable and start >= self._table_end:
            return
        inline = _LINK_TAIL.match(self.source, self._inner_end)
        if inline and words != url and (linkable or _PATH.fullmatch(url)):
            self.edits.append((start, start + bracket, b""))
            self.edits.append((self._inner_end, end, b" (" + _shown(url) + b")"))

    def _row(self, end: int) -> None:
        """Let the last cell take in the cells that the heading has no place for."""
        surplus = self.source[self._cell_end : end].rstrip()
        surplus = surplus.removesuffix(b"|")
        for match in _BAR.finditer(surplus):
            at = self._cell_end + match.start()
            self.edits.append((at, at, b"\\"))

    def _fence(self, kind: Any, start: int, end: int) -> None:
        """Move words after a fence into the block unless they name the language of something."""
        self.untouchable.append((start, end, False))
        body = self.source[start:end].partition(b"\n")[2].strip(b"`~> \t\n")
        if not body:
            self._blank(end - start)
        info = kind["Fenced"] if isinstance(kind, dict) else ""
        if info and not (body and _LANGUAGE.match(info)):
            self._uncover(start, end)

    def _uncover(self, start: int, end: int) -> None:
        fence = _LANGUAGE_AND_MORE.match(self.source, start, end)
        fence = fence or _FENCE.match(self.source, start, end)
        if fence is None or not self.source[fence.end() : end].strip():
            return
        line_start = self.source.rfind(b"\n", 0, start) + 1
        prefix = _NOT_PREFIX.sub(b" ", self.source[line_start:start])
        self.edits.append((fence.end(), fence.end(), b"\n" + prefix))

    def _item(self, start: int) -> None:
        """Keep the numbers of a list that does not count upwards one by one."""
        first, expected = self._lists[-1]
        number = _ITEM_NUMBER.match(self.source, start)
        if first is None or number is None:
            return
        if int(number[1]) in (expected, first):
            self._lists[-1] = (first, expected + 1)
            return
        self.edits.append((number.end() - 1, number.end() - 1, b"\\"))

    def _definitions(self, markdown: str) -> None:
        """Show link definitions that nothing refers to, or whose address cannot be linked."""
        for label, link in pyromark.reference_definitions(markdown, options=OPTIONS).items():
            if label.casefold() not in self._labels or not is_url(link["dest"]):
                start, end = link["span"]["start"], link["span"]["end"]
                self.edits.append((start, start, b"\\"))
                # No definition may follow a paragraph directly, and this one is text now.
                self.edits.append((end, end, b"\n"))


def _shown(url: str) -> bytes:
    """The address as text: bare, so that Telegram links it, with Markdown signs escaped."""
    return _SPECIAL.sub(r"\\\g<0>", url).encode()
