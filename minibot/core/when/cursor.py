"""A place in a text, and patterns that are looked for there."""

import re
from functools import cache

_SPACE = re.compile(r"\s*")
_WIDE = str.maketrans("０１２３４５６７８９：，．", "0123456789:,.")


def plain(text: str) -> str:
    """Give a text in lower case and with plain digits. Every character stays in its place."""
    return "".join(
        each.lower() if len(each.lower()) == 1 else each for each in text.translate(_WIDE)
    )


class Cursor:
    """Reads on from a place; `at` may be set back."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def take(self, pattern: str) -> str:
        """Read what the pattern finds here, behind spaces; "" when it finds nothing."""
        found = self.match(pattern)
        return found[0] if found else ""

    def sees(self, pattern: str) -> bool:
        """Say whether the pattern would find something here."""
        begin = self.at
        found = self.match(pattern)
        self.at = begin
        return found is not None

    def match(self, pattern: str) -> re.Match[str] | None:
        behind_space = _SPACE.match(self._text, self.at)
        found = _compiled(pattern).match(
            self._text, behind_space.end() if behind_space else self.at
        )
        if found:
            self.at = found.end()
        return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
