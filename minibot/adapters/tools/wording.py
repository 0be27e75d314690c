"""Words for people and models that came from somewhere else."""

import re

RECEIPT_LENGTH = 60
"""Characters of a name in a receipt."""

_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")


def one_line(text: str, limit: int) -> str:
    """Give a text as one line of printable characters, cut where it is too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escaped(text: str, limit: int = RECEIPT_LENGTH) -> str:
    """Give a text as one line of Markdown that shows it as it is, with no formatting of its own."""
    return _SPECIAL.sub(r"\\\g<0>", one_line(text, limit))
