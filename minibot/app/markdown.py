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


_MARKS = re.compile(r"\\.|\*\*|~~|\|\||`+", re.DOTALL)
_TABLE_ROWS = 2
"""A head and the line under it: with less, a table is not yet one."""


def so_far(text: str) -> str:
    """Make what is still being written readable: end what is open, leave out what is only begun.

    What is shown while an answer grows would else have the marks of its last words in it.
    """
    text = text.rstrip()
    whole = closed(text)
    if whole != text:
        return whole  # inside a block of code nothing else is a mark
    before, gap, last = text.rpartition("\n\n")
    lines = last.split("\n")
    if all(line.startswith("|") for line in lines) and len(lines) <= _TABLE_ROWS:
        return before.rstrip()
    return f"{before}{gap}{_ended(last)}"


def _ended(paragraph: str) -> str:
    """End the emphasis that is open at the end of a paragraph, the innermost first."""
    opened: list[str] = []
    for found in _MARKS.finditer(paragraph):
        mark = found[0]
        in_code = bool(opened) and opened[-1].startswith("`")
        if mark.startswith("\\") or (in_code and mark != opened[-1]):
            continue
        if mark in opened:
            del opened[opened.index(mark) :]
        else:
            opened.append(mark)
    while opened and paragraph.endswith(opened[-1]):
        paragraph = paragraph.removesuffix(opened.pop()).rstrip()
    return paragraph.rstrip("*_~|`\\") + "".join(reversed(opened)) if opened else paragraph
