"""Telegram counts text in UTF-16 code units; Python counts code points."""

import re
from bisect import bisect_left

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def utf16_length(text: str) -> int:
    """How long Telegram takes the text to be."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Ruler:
    """Both measures of one text, side by side."""

    def __init__(self, text: str) -> None:
        wide = [] if text.isascii() else [match.start() for match in _ASTRAL.finditer(text)]
        self._wide = wide
        self._wide_units = [index + nth for nth, index in enumerate(wide)]

    def units(self, index: int) -> int:
        """The UTF-16 offset of a code point."""
        return index + bisect_left(self._wide, index)

    def index(self, units: int) -> int:
        """The code point at a UTF-16 offset; inside a surrogate pair, the one it belongs to."""
        passed = bisect_left(self._wide_units, units)
        if passed and self._wide_units[passed - 1] == units - 1:
            return self._wide[passed - 1]
        return units - passed
