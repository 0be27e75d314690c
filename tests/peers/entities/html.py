"""The HTML parse mode: its tags, nesting, character references and errors."""

from __future__ import annotations

import re
import string
from typing import NamedTuple

from tests.peers.entities.text import Entity, EntityError, Output, byte_offset

_TAGS: dict[str, str] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
# (tag, attribute) -> the prefix its value must have to count; the rest is the tag's argument.
_ATTRIBUTES: dict[tuple[str, str], str] = {
    ("a", "href"): "",
    ("code", "class"): "language-",
    ("span", "class"): "tg-",
    ("tg-emoji", "emoji-id"): "",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]*));?")
_PLAIN = re.compile(r"[^&<]+")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(f"[{string.ascii_letters}{string.digits}.-]*")


class _OpenTag(NamedTuple):
    tag: str
    argument: str
    offset: int
    part: int


def parse_html(text: str) -> tuple[str, list[Entity]]:
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.i = 0
        self.out = Output()
        self.stack: list[_OpenTag] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self.i < len(self.text):
            plain = _PLAIN.match(self.text, self.i)
            if plain is not None:
                self.out.push(plain.group())
                self.i = plain.end()
            elif self.text[self.i] == "&":
                self.out.push(self._reference() or self._take())
            elif self.text.startswith("/", self.i + 1):
                self._end_tag()
            else:
                self._start_tag()
        if self.stack:
            tag = self.stack[-1].tag
            raise EntityError(f'Can\'t find end tag corresponding to start tag "{tag}"')
        for entity in self.out.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return self.out.result()

    # reading

    def _take(self) -> str:
        self.i += 1
        return self.text[self.i - 1]

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.i)
        if found is None:
            return ""
        self.i = found.end()
        return found.group()

    def _reference(self) -> str:
        """Decode the ``&...;`` at the cursor; empty when it is not one the server knows."""
        found = _REFERENCE.match(self.text, self.i)
        if found is None:
            return ""
        hexadecimal, decimal, name = found.groups()
        if name is not None:
            char = _NAMED.get(name, "")
        else:
            code = int(hexadecimal, 16) if hexadecimal else int(decimal)
            char = chr(code) if 0 < code < 0x10FFFF else ""
        if char:
            self.i = found.end()
        return char

    # tags

    def _end_tag(self) -> None:
        begin = self.i
        if not self.stack:
            raise EntityError(f"Unexpected end tag at byte offset {self._at(begin)}")
        self.i += 2
        name = self._match(_TAG_NAME).lower()
        self._match(_SPACE)
        if not self.text.startswith(">", self.i):
            raise EntityError(f"Unclosed end tag at byte offset {self._at(begin)}")
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise EntityError(
                f"Unmatched end tag at byte offset {self._at(begin)}, "
                f'expected "</{opened.tag}>", found "</{name}>"'
            )
        self.i += 1
        self._close(opened)

    def _close(self, opened: _OpenTag) -> None:
        length = self.out.size - opened.offset
        if not length:
            return
        last = self.out.entities[-1] if self.out.entities else {}
        same_span = last.get("offset") == opened.offset and last.get("length") == length
        if opened.tag == "pre" and "language" in last and same_span:
            last["type"] = "pre"  # <pre><code class="language-x"> is one entity
            return
        entity = _entity(opened, length, inner=self.out.since(opened.part))
        if entity is not None:
            self.out.entities.append(entity)

    def _start_tag(self) -> None:
        begin = self.i
        self.i += 1
        tag = self._match(_TAG_NAME).lower()
        if self.i >= len(self.text):
            raise EntityError(f"Unclosed start tag at byte offset {self._at(begin)}")
        if tag not in _TAGS:
            raise EntityError(f'Unsupported start tag "{tag}" at byte offset {self._at(begin)}')
        argument = ""
        while self.text[self.i] != ">":
            self._skip_space(tag, begin)
            if self.text[self.i] != ">":
                found = self._attribute(tag, begin)
                argument = argument if found is None else found
        if tag == "span" and argument != "spoiler":
            raise EntityError(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._at(begin)}'
            )
        self.i += 1
        self.stack.append(_OpenTag(tag, argument, self.out.size, len(self.out.parts)))

    def _skip_space(self, tag: str, begin: int) -> None:
        """Move to the next visible character, which a tag must have before it is closed."""
        self._match(_SPACE)
        if self.i >= len(self.text):
            raise EntityError(f'Unclosed start tag "{tag}" at byte offset {self._at(begin)}')

    def _attribute(self, tag: str, begin: int) -> str | None:
        """Read one attribute; answer the tag's argument if this is the one that carries it."""
        name = self._match(_ATTRIBUTE_NAME).lower()
        if not name:
            raise EntityError(
                f'Empty attribute name in the tag "{tag}" at byte offset {self._at(begin)}'
            )
        self._skip_space(tag, begin)
        value = None
        if self.text[self.i] == "=":
            self.i += 1
            self._skip_space(tag, begin)
            value = self._value()
            if self.i >= len(self.text):
                raise EntityError(f"Unclosed start tag at byte offset {self._at(begin)}")
        if (tag, name) == ("blockquote", "expandable"):
            return "1"
        prefix = _ATTRIBUTES.get((tag, name))
        if value is None or prefix is None or not value.startswith(prefix):
            return None
        return value[len(prefix) :]

    def _value(self) -> str:
        quote = self.text[self.i]
        if quote in "'\"":
            self.i += 1
            return self._quoted(quote)
        begin = self.i
        value = self._match(_TOKEN).lower()
        rest = self.text[self.i : self.i + 1]
        if rest and not rest.isspace() and rest != ">":
            raise EntityError(f"Unexpected end of name token at byte offset {self._at(begin)}")
        return value

    def _quoted(self, quote: str) -> str:
        value: list[str] = []
        while self.i < len(self.text) and self.text[self.i] != quote:
            reference = self._reference() if self.text[self.i] == "&" else ""
            value.append(reference or self._take())
        self.i += 1
        return "".join(value)

    def _at(self, index: int) -> int:
        return byte_offset(self.text, index)


def _entity(opened: _OpenTag, length: int, *, inner: str) -> Entity | None:
    tag, argument = opened.tag, opened.argument
    entity: Entity = {"type": _TAGS[tag], "offset": opened.offset, "length": length}
    if tag == "a":
        url = argument or inner
        if not url:
            return None
        entity["url"] = url
    elif tag == "code" and argument:
        entity["language"] = argument
    elif tag == "tg-emoji":
        entity["custom_emoji_id"] = argument
    elif tag == "blockquote" and argument:
        entity["type"] = "expandable_blockquote"
    return entity
