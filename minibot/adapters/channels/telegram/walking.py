"""The state of writing an answer: what is open, and what the line holds so far."""

from dataclasses import dataclass

from minibot.adapters.channels.telegram.canvas import (
    Bars,
    Canvas,
    Close,
    Open,
    Token,
    plain_text,
    settle_run,
)
from minibot.adapters.channels.telegram.protection import GUARD, MARK, Fragment, FragmentKind
from minibot.adapters.channels.telegram.reading import Reading
from minibot.adapters.channels.telegram.tables import Table
from minibot.core.messages import SpanKind

_DEEPEST_INDENT = 24
_MOST_QUOTE_BARS = 4
_QUOTE_BAR = "│ "
_LOOK_BACK = 400


@dataclass(slots=True)
class Numbering:
    """The numbers of a list."""

    first: int
    expected: int


class Walk:
    """One pass over the events of a text."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.canvas = Canvas()
        self.tokens: list[Token] = []
        self.styles: list[Open] = []
        self.links: list[tuple[int, str, bool]] = []
        self.lists: list[Numbering | None] = []
        self.bullets = 0
        """How many of the lists have bullets."""
        self.quotes: list[tuple[int, str, int, SpanKind]] = []
        """Of each quotation: where it begins, the indent around it, the items around it."""
        self.indents: list[str] = []
        self.table: Table | None = None
        self.cell_end = 0
        self.code: list[str] | None = None
        self.info = ""
        self.raw: list[str] | None = None
        self.opened_tags: list[tuple[str, Open | int, str]] = []
        self.led: int | None = None
        """Where words begin that lead to what comes next."""

    def text(self, text: str, *, escaped: bool = False) -> None:
        """Take up words, which may hold bars and fragments."""
        if GUARD in text:
            text = text.replace(GUARD, "")
        if MARK in text:
            for piece in self.reading.protected.pieces(text):
                if isinstance(piece, Fragment):
                    self._fragment(piece)
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

    def _fragment(self, fragment: Fragment) -> None:
        if fragment.kind is FragmentKind.TEXT or self.table is not None or self.links:
            self.tokens.append(" ".join(fragment.text.split("\n")))
            return
        before = plain_text(self.tokens)
        self.flush()
        if "\n" in fragment.text:
            self.canvas.block(fragment.text)
        else:
            if before:
                self.canvas.new_line()
            self.canvas.write(fragment.text)
        self.canvas.gap(1)

    def flush(self) -> None:
        """Write the words taken up so far; formatting that is still open goes on behind them."""
        tokens = self.tokens
        if not tokens:
            return
        self.tokens = []
        goes_on = [style for style in self.styles if style in tokens]
        tokens += [Close(style) for style in reversed(goes_on)]
        tokens = settle_run(tokens)
        if any(not isinstance(token, Open | Close) for token in tokens):
            self.bind()
            self.canvas.run(tokens)
        self.tokens += goes_on

    def bind(self) -> None:
        """Tie what is written next to the heading, or the words that lead to it, before it."""
        if self.led is not None:
            self.canvas.bonds.append((self.led, self.canvas.here() + 1))
            self.led = None

    def gap(self, start: int) -> None:
        """Keep a blank line above a block where the source has one."""
        self.flush()
        self.canvas.gap(2 if self._blank_above(start) else 1)

    def _blank_above(self, start: int) -> bool:
        source = self.reading.source
        line_start = source.rfind(b"\n", max(0, start - _LOOK_BACK), start)
        if line_start < 0:
            return False
        before = source.rfind(b"\n", max(0, line_start - _LOOK_BACK), line_start)
        return not source[before + 1 : line_start].strip(b" \t>")

    def open_quote(self, kind: SpanKind) -> None:
        """Begin a quotation; one inside another is told by a bar before its lines."""
        self.flush()
        self.bind()
        depth = len(self.quotes)
        begin = self.canvas.edge()
        self.quotes.append((begin, self.canvas.indent, len(self.indents), kind))
        if not depth:
            self.canvas.indent = ""
        elif depth < _MOST_QUOTE_BARS:
            self.canvas.indent += _QUOTE_BAR

    def close_quote(self) -> None:
        """End the innermost quotation."""
        self.flush()
        if not self.quotes:
            return
        begin, indent, depth, kind = self.quotes.pop()
        if len(self.indents) >= depth:
            self.canvas.indent = indent
        if not self.quotes:
            self.canvas.mark(kind, begin)
        self.canvas.leave()
        self.canvas.gap(1)

    def open_item(self, marker: str) -> None:
        """Begin what stands behind a marker; further lines of it are indented."""
        canvas = self.canvas
        self.bind()
        canvas.marker(marker)
        self.indents.append(canvas.indent)
        if len(canvas.indent) < _DEEPEST_INDENT:
            canvas.indent += " " * len(marker)

    def close_item(self) -> None:
        """End what stands behind a marker."""
        self.flush()
        self.canvas.indent = self.indents.pop()
        self.canvas.leave()

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
