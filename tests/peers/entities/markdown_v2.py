"""The MarkdownV2 parse mode: reserved characters, nesting, block quotes and errors."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.peers.entities.text import Entity, EntityError, Output, byte_offset

# As the server's error texts name the entities.
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}
_OPENING = (  # longer marks first
    ("```", "pre"),
    ("__", "underline"),
    ("||", "spoiler"),
    ("![", "custom_emoji"),
    ("_", "italic"),
    ("*", "bold"),
    ("~", "strikethrough"),
    ("[", "text_link"),
    ("`", "code"),
)
_CLOSING = {
    "bold": "*",
    "italic": "_",
    "underline": "__",
    "strikethrough": "~",
    "spoiler": "||",
    "code": "`",
    "pre": "```",
    "text_link": "]",
    "custom_emoji": "]",
}
_PLAIN = re.compile(r"[^\\_*\[\]()~`>#+\-=|{}.!\n]+")
_PLAIN_IN_CODE = re.compile(r"[^\\`]+")
_LANGUAGE = re.compile(r"[^\s`]+(?=\s)")


class _Open(NamedTuple):
    kind: str
    argument: str
    offset: int
    at: int  # where the opening mark is, for error texts
    part: int


def parse_markdown_v2(text: str) -> tuple[str, list[Entity]]:
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.i = 0
        self.out = Output()
        self.stack: list[_Open] = []
        self.quoting = False

    def parse(self) -> tuple[str, list[Entity]]:
        while self.i < len(self.text):
            self._step()
        if self.stack and self.quoting:
            self._close_quote()
        if self.stack:
            raise self._unclosed()
        return self.out.result()

    def _step(self) -> None:
        top = self.stack[-1].kind if self.stack else ""
        verbatim = top in ("code", "pre")
        plain = (_PLAIN_IN_CODE if verbatim else _PLAIN).match(self.text, self.i)
        if plain is not None:
            self.out.push(plain.group())
            self.i = plain.end()
        elif self.text[self.i] == "\\":
            self._backslash()
        elif self.text[self.i] == "\n":
            self._newline()
        elif self._ends(top):
            self._close()
        elif top == "pre":  # a lone backtick inside the block
            self._push(1)
        else:
            self._open()

    def _push(self, count: int) -> None:
        self.out.push(self.text[self.i : self.i + count])
        self.i += count

    def _backslash(self) -> None:
        escaped = self.text[self.i + 1 : self.i + 2]
        if escaped and 0 < ord(escaped) <= 126:
            self.i += 1
        self._push(1)

    def _newline(self) -> None:
        self._push(1)
        if self.quoting and self.text.startswith(">", self.i):
            self.i += 1
        elif self.quoting:
            self._close_quote()

    def _close_quote(self) -> None:
        opened = self.stack[-1]
        if opened.kind != "blockquote":
            raise self._unclosed()
        self.stack.pop()
        self.quoting = False
        self._add(opened, {})

    def _unclosed(self) -> EntityError:
        opened = self.stack[-1]
        name, offset = _NAMES[opened.kind], byte_offset(self.text, opened.at)
        return EntityError(f"Can't find end of {name} entity at byte offset {offset}")

    # opening

    def _open(self) -> None:
        kind, step = self._opening()
        argument = ""
        if kind == "pre":
            argument, step = self._pre_header()
        self.stack.append(_Open(kind, argument, self.out.size, self.i, len(self.out.parts)))
        self.i += step

    def _opening(self) -> tuple[str, int]:
        """Name the entity that starts at the cursor and the length of its mark."""
        for mark, kind in _OPENING:
            if self.text.startswith(mark, self.i):
                return kind, len(mark)
        char = self.text[self.i]
        if char == "|" and self.quoting and self.text[self.i - 1 : self.i] == "\\":
            return "spoiler", 1
        if char == ">" and not self.quoting and self._at_line_start():
            self.quoting = True
            return "blockquote", 1
        raise EntityError(
            f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
        )

    def _at_line_start(self) -> bool:
        return self.out.size == 0 or self.out.parts[-1].endswith("\n")

    def _pre_header(self) -> tuple[str, int]:
        """The language of a code block, and the length of the mark with all that belongs to it."""
        start = self.i + 3
        found = _LANGUAGE.match(self.text, start)
        language = found.group() if found is not None else ""
        end = start + len(language)
        if self.text.startswith("\n", end):
            end += 1
        return language, end - self.i

    # closing

    def _ends(self, top: str) -> bool:
        mark = _CLOSING.get(top)
        if mark is None or not self.text.startswith(mark, self.i):
            return False
        return not (top == "italic" and self.text.startswith("__", self.i))

    def _close(self) -> None:
        opened = self.stack.pop()
        self.i += len(_CLOSING[opened.kind])
        has_url = self.text.startswith("(", self.i)
        url = ""
        if has_url and opened.kind in ("text_link", "custom_emoji"):
            url, self.i = _url(self.text, self.i)
        details: Entity = {}
        if opened.kind == "pre" and opened.argument:
            details["language"] = opened.argument
        elif opened.kind == "text_link":
            details["url"] = url if has_url else self.out.since(opened.part)
        elif opened.kind == "custom_emoji":
            if not has_url:
                raise EntityError("Custom emoji entity must contain a tg://emoji URL")
            details["custom_emoji_id"] = url.rpartition("=")[2]
        self._add(opened, details)

    def _add(self, opened: _Open, details: Entity) -> None:
        length = self.out.size - opened.offset
        if length > 0:
            entity: Entity = {"type": opened.kind, "offset": opened.offset, "length": length}
            self.out.entities.append({**entity, **details})


def _url(text: str, begin: int) -> tuple[str, int]:
    """Read the ``(url)`` at ``begin``; answer the URL and the index behind it."""
    i = begin + 1
    url: list[str] = []
    while i < len(text) and text[i] != ")":
        escaped = text[i + 1 : i + 2]
        if text[i] == "\\" and escaped and 0 < ord(escaped) <= 126:
            i += 1
        url.append(text[i])
        i += 1
    if i >= len(text):
        raise EntityError(f"Can't find end of a URL at byte offset {byte_offset(text, begin)}")
    return "".join(url), i + 1
