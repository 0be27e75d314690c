"""Collects what is read, up to a limit."""

from minibot.core.media import Extract


class Page:
    """Text that grows up to a number of characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[str] = []
        self._size = 0
        self.full = False
        """True when something did not fit any more."""

    def add(self, text: str) -> None:
        """Take a piece, or what fits of it."""
        room = self._limit - self._size
        self.full = self.full or len(text) > room
        self._parts.append(text[:room])
        self._size += min(len(text), room)

    def extract(self, scope: str = "") -> Extract:
        """Give what was taken.

        Args:
            scope: which part of the whole that was, cut or not; empty for all of it.
        """
        text = "".join(self._parts).strip()
        if not self.full:
            return Extract(text=text, scope=scope)
        cut = f"the first {self._limit:,} characters"
        return Extract(text=text, scope=f"{cut} of {scope}" if scope else cut)


def span(unit: str, shown: int, count: int) -> str:
    """Say which pages, slides or sheets were read; empty when it was all of them.

    Args:
        unit: in the plural.
    """
    if shown >= count:
        return ""
    return f"{unit} 1-{shown:,} of {count:,}"
