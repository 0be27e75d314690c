"""On which line of a TOML text a key stands.

``tomllib`` forgets positions, so the text is walked a second time. Only text that
``tomllib`` has accepted is walked: what is wrong with it is no concern here.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate

Location = tuple[str | int, ...]
"""Keys, and indexes of list items, from the top of the file."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
_KEY = re.compile(r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_.\- \t])+""")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_SIMPLE_KEY = re.compile(r"[A-Za-z0-9_.\-]+")

_DEEPEST = 8
"""Parts of a dotted key that are told apart; no key of ours has more."""


class Lines:
    """Where the keys of a text stand; see `of`."""

    def __init__(self, found: Mapping[Location, int]) -> None:
        self._found = found

    def of(self, location: Location) -> int | None:
        """Give the 1-based line of a key, or of the innermost table around it that is there."""
        for length in range(len(location), 0, -1):
            if (line := self._found.get(location[:length])) is not None:
                return line
        return None


def locate(text: str) -> Lines:
    """Find the line of every key, table header and list item."""
    return Lines(_Walk(text).document())


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._ends = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._found: dict[Location, int] = {}
        self._tables: dict[Location, int] = {}
        """How many elements each array of tables has so far."""

    def document(self) -> Mapping[Location, int]:
        table: Location = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()
        return self._found

    def _header(self) -> Location:
        start = self._at
        brackets = 2 if self._text.startswith("[[", start) else 1
        self._at += brackets
        table = self._inside_arrays(self._key())
        self._at += brackets
        if brackets == 2:
            count = self._tables.get(table, 0)
            self._tables[table] = count + 1
            self._note(table, start)
            table = (*table, count)
        self._note(table, start)
        return table

    def _inside_arrays(self, key: tuple[str, ...]) -> Location:
        """Read ``[a.b]`` as the ``b`` of the last ``[[a]]``, as TOML does."""
        location: Location = ()
        for part in key[:-1]:
            location = (*location, part)
            if count := self._tables.get(location):
                location = (*location, count - 1)
        return (*location, key[-1])

    def _pair(self, table: Location) -> None:
        start = self._at
        location = (*table, *self._key())
        for length in range(len(table) + 1, min(len(location), len(table) + _DEEPEST) + 1):
            self._note(location[:length], start)
        self._at += 1  # the equals sign
        self._value(location)

    def _key(self) -> tuple[str, ...]:
        raw = self._take(_KEY).strip()
        if _SIMPLE_KEY.fullmatch(raw):
            return tuple(raw.split("."))
        parts: list[str] = []
        node: object = tomllib.loads(f"{raw} = 0")
        while isinstance(node, dict):
            ((part, node),) = node.items()
            parts.append(part)
        return tuple(parts)

    def _value(self, location: Location) -> None:
        self._skip_blank()
        match self._text[self._at]:
            case '"' | "'":
                self._take(_STRING)
            case "[":
                self._array(location)
            case "{":
                self._inline_table(location)
            case _:
                self._take(_SCALAR)

    def _array(self, location: Location) -> None:
        index = 0
        while self._more("]"):
            item = (*location, index)
            self._note(item, self._at)
            self._value(item)
            index += 1

    def _inline_table(self, location: Location) -> None:
        while self._more("}"):
            self._pair(location)

    def _more(self, closing: str) -> bool:
        """Step over the opening bracket or a comma; false, and behind it, at the closing one."""
        self._skip_blank()
        if self._text[self._at] != closing:
            self._at += self._text[self._at] in "[{,"
            self._skip_blank()
        if self._text[self._at] != closing:
            return True
        self._at += 1
        return False

    def _note(self, location: Location, position: int) -> None:
        self._found.setdefault(location, bisect_right(self._ends, position))

    def _skip_blank(self) -> None:
        self._take(_BLANK)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        taken = match.group() if match else ""
        self._at += len(taken)
        return taken
