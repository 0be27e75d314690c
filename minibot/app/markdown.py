"""Markdown that minibot writes around the words of others."""

import re

_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")
_MARGIN = re.compile(r"^[ \t]+", re.MULTILINE)
_FENCE = re.compile(r"(?P<margin> {0,3})(?P<marks>`{3,}|~{3,})(?P<rest>.*)")
_TAB = 4
_BLANK = "\u00a0"
"""Does not break, and makes no code of a line that it begins."""


def literal(text: str) -> str:
    """Keep Markdown from reading anything into words that people wrote."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return _MARGIN.sub(lambda margin: _BLANK * len(margin[0].expandtabs(_TAB)), escaped)


def closed(text: str) -> str:
    """End a block of code that was cut off, or what is written behind would be part of it.

    One in a list or a quotation, which does not begin its line, ends with that.
    """
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if found is None:
            continue
        margin, marks, rest = found["margin"], found["marks"], found["rest"]
        if not fence:
            # Behind the marks stands a language, which has no backtick in it.
            fence = "" if margin or (marks[0] == "`" and "`" in rest) else marks
        elif marks.startswith(fence) and not rest.strip():
            fence = ""
    if not fence:
        return text
    return f"{text}{fence}" if text.endswith("\n") else f"{text}\n{fence}"


def counted(number: int, one: str, several: str = "") -> str:
    """Write how many there are, e.g. ``1 note``, ``2 entries``."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"
