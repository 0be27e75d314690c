"""The state of writing an answer: what is open, and what the line holds so far."""

from dataclasses import dataclass

from minibot.adapters.channels.telegram.rendering.canvas import Canvas, plain_text
from minibot.adapters.channels.telegram.rendering.protection import Fragment, FragmentKind
from minibot.adapters.channels.telegram.rendering.reading import Reading
from minibot.adapters.channels.telegram.rendering.tables import Table
from minibot.adapters.channels.telegram.rendering.words import Words
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

    def next(self, written: int | None) -> int:
        """Give the number of the next item; those that do not count up one by one are kept."""
        number = self.expected if written in (None, self.first) else written
        self.expected = number + 1
        return number


class Walk(Words):
    """One pass over the events of a text."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self.canvas = Canvas()
        self.lists: list[Numbering | None] = []
        self.bullets = 0
        """How many of the lists have bullets."""
        self.quotes: list[tuple[int, str, int, SpanKind]] = []
        """Of each quotation: where it begins, the indent around it, the items around it."""
        self.indents: list[str] = []
        self.table: Table | None = None
        self.cell_end = 0
        self.info = ""
        self.led: int | None = None
        """Where words begin that lead to what comes next."""

    def fragment(self, fragment: Fragment) -> None:
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
        tokens = self.taken_up()
        if tokens:
            self.bind()
            self.canvas.run(tokens)

    def bind(self) -> None:
        """Tie what is written next to the heading, or the words that lead to it, before it."""
        if self.led is not None:
            self.canvas.bonds.append((self.led, self.canvas.upcoming() + 1))
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
