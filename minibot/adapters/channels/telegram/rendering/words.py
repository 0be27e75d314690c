"""The words of a block as they are taken up, with the formatting that is open around them."""

from abc import ABC, abstractmethod

from minibot.adapters.channels.telegram.rendering.canvas import Bars, Close, Open, Token, settle_run
from minibot.adapters.channels.telegram.rendering.protection import GUARD, MARK, Fragment
from minibot.adapters.channels.telegram.rendering.reading import Reading
from minibot.core.messages import SpanKind


class Words(ABC):
    """What every way of writing a text needs to know of the line it is in."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.tokens: list[Token] = []
        self.styles: list[Open] = []
        self.links: list[tuple[int, str, bool]] = []
        """Of each open link: where its words begin, its address, whether it is in another."""
        self.opened_tags: list[tuple[str, Open | int, str]] = []
        self.code: list[str] | None = None
        """The text of the block of code that is open."""
        self.raw: list[str] | None = None
        """The lines of the block of HTML that is open."""

    @abstractmethod
    def fragment(self, fragment: Fragment) -> None:
        """Take up something that Markdown was not to read."""

    def source(self, text: str) -> str:
        """Give a text as it was written, with everything that was taken out of it."""
        return self.reading.protected.source_of(text).replace(GUARD, "")

    def text(self, text: str, *, escaped: bool = False) -> None:
        """Take up words, which may hold bars and fragments."""
        if GUARD in text:
            text = text.replace(GUARD, "")
        if MARK in text:
            for piece in self.reading.protected.pieces(text):
                if isinstance(piece, Fragment):
                    self.fragment(piece)
                else:
                    self.text(piece, escaped=escaped)
                    escaped = False
            return
        if "||" not in text:
            if text:
                self.tokens.append(text)
            return
        head = text[:1] if escaped else ""
        for nth, piece in enumerate(text[len(head) :].split("||")):
            if nth:
                self.tokens.append(Bars())
            if head + piece:
                self.tokens.append(head + piece)
            head = ""

    def taken_up(self) -> list[Token]:
        """Give the words taken up so far; formatting that is still open goes on behind them."""
        tokens, self.tokens = self.tokens, []
        goes_on = [style for style in self.styles if style in tokens]
        tokens += [Close(style) for style in reversed(goes_on)]
        self.tokens += goes_on
        tokens = settle_run(tokens)
        return tokens if any(not isinstance(token, Open | Close) for token in tokens) else []

    def open_style(self, kind: SpanKind) -> Open:
        """Begin formatting; `close_style` ends it."""
        style = Open(kind)
        self.styles.append(style)
        self.tokens.append(style)
        return style

    def close_style(self, style: Open) -> None:
        """End formatting."""
        if style in self.styles:
            self.styles.remove(style)
            self.tokens.append(Close(style))
