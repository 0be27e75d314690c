"""The text of an answer as it grows, with the formatting and the bonds of its stretches."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibot.adapters.channels.telegram.rendering.latex import lowered, raised
from minibot.adapters.channels.telegram.rendering.marks import Mark
from minibot.core.messages import SpanKind


@dataclass(eq=False, slots=True)
class Open:
    """Formatting begins; which one it is may turn out only at its end."""

    kind: SpanKind | None
    url: str = ""
    unix_time: int = 0
    time_format: str = ""


@dataclass(eq=False, slots=True)
class Close:
    """Formatting ends."""

    opening: Open


@dataclass(eq=False, slots=True)
class Code:
    """Words in a fixed-width font within a line."""

    text: str


@dataclass(eq=False, slots=True)
class Bars:
    """Two bars: the edge of a spoiler when there is another one to go with it."""


class Break:
    """A line ends."""


BREAK = Break()
Token = str | Open | Close | Code | Bars | Break
"""What a run of text within one block is made of."""


class Canvas:
    """Text that is only ever added to; positions count code points.

    Blank lines are asked for before what they separate, so that none stands at an end.
    """

    def __init__(self) -> None:
        self.length = 0
        self.marks: list[Mark] = []
        self.bonds: list[tuple[int, int]] = []
        """Stretches which no message should end within, such as a heading and what it heads."""
        self.indent = ""
        """Stands before every line."""
        self._pieces: list[str] = []
        self._gap = 0
        self._fresh = True
        self._at_line_start = True

    @property
    def text(self) -> str:
        """All there is so far."""
        return "".join(self._pieces)

    def gap(self, lines: int) -> None:
        """Have what comes next begin so many lines below; not behind a marker or at an edge."""
        if not self._fresh and lines > self._gap:
            self._gap = lines

    def new_line(self) -> None:
        """Have what comes next begin a line of its own, even behind a marker."""
        if not self._at_line_start:
            self._gap = max(self._gap, 1)

    def here(self) -> int:
        """The position of what is written next."""
        if self._gap:
            self._add("\n" * self._gap)
            self._gap = 0
            self._at_line_start = True
        if self._at_line_start:
            self._at_line_start = False
            if self.indent:
                self._add(self.indent)
        return self.length

    def upcoming(self) -> int:
        """The position of what would be written next, in this line or below."""
        begins_line = self._at_line_start or self._gap > 0
        return self.length + self._gap + (len(self.indent) if begins_line else 0)

    def write(self, text: str) -> None:
        """Go on in the line; there is no line end in `text`."""
        self.here()
        self._add(text)
        self._fresh = False

    def write_lines(self, text: str) -> None:
        """Write several lines, each behind the indent."""
        for nth, line in enumerate(text.split("\n")):
            if nth:
                self._gap += 1
            if line:
                self.write(line)

    def marker(self, text: str) -> None:
        """Write what stands before a block, in its line, and may not be parted from it."""
        begin = self.here()
        self._add(text)
        self._fresh = True
        self.bonds.append((begin, self.length + 1))

    def edge(self) -> int:
        """Begin a frame in a line of its own: what comes next has nothing above it there."""
        self.new_line()
        if self._gap:
            self._add("\n" * self._gap)
            self._gap = 0
            self._at_line_start = True
        self._fresh = True
        return self.length

    def leave(self) -> None:
        """End a frame or what a marker stands before, even when it is empty."""
        self._fresh = self.length == 0

    def block(self, body: str, language: str = "") -> None:
        """Write preformatted text, which has no indent."""
        self.new_line()
        indent, self.indent = self.indent, ""
        begin = self.here()
        self._add(body)
        self._fresh = False
        self.indent = indent
        self.mark(SpanKind.PRE, begin, language=language)
        self._gap = 1

    def mark(self, kind: SpanKind, begin: int, url: str = "", language: str = "") -> None:
        """Format everything from `begin` on."""
        if self.length > begin:
            self.marks.append(Mark(kind, begin, self.length, url, language))

    def run(self, tokens: Sequence[Token]) -> None:
        """Write the text of one block."""
        begins: dict[Open, int] = {}
        for token in tokens:
            if isinstance(token, str):
                self.write(token)
            elif isinstance(token, Open):
                begins[token] = self.here()
            elif isinstance(token, Close):
                _end(self, token.opening, begins)
            elif isinstance(token, Code):
                begin = self.here()
                self.write(token.text)
                self.mark(SpanKind.CODE, begin)
            elif isinstance(token, Break):
                self._gap += 1
            else:
                self.write("||")

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)


def _end(canvas: Canvas, opening: Open, begins: dict[Open, int]) -> None:
    begin = begins.pop(opening, canvas.length)
    if opening.kind is not None and canvas.length > begin:
        mark = Mark(opening.kind, begin, canvas.length, opening.url)
        if opening.unix_time:
            mark = mark._replace(unix_time=opening.unix_time, time_format=opening.time_format)
        canvas.marks.append(mark)


def settle_run(tokens: list[Token]) -> list[Token]:
    """Pair the bars of spoilers, and take line ends off both ends."""
    while tokens and tokens[0] is BREAK:
        del tokens[0]
    while tokens and tokens[-1] is BREAK:
        tokens.pop()
    _strip_edges(tokens)
    if any(isinstance(token, Bars) for token in tokens):
        _pair_bars(tokens)
    return tokens


def _strip_edges(tokens: list[Token]) -> None:
    for nth, token in enumerate(tokens):
        if isinstance(token, str):
            tokens[nth] = token.lstrip(" ")
        if not isinstance(token, Open):
            break
    for nth in range(len(tokens) - 1, -1, -1):
        token = tokens[nth]
        if isinstance(token, str):
            tokens[nth] = token.rstrip(" ")
        if not isinstance(token, Close):
            break


def _pair_bars(tokens: list[Token]) -> None:
    opened: int | None = None
    for nth, token in enumerate(tokens):
        if not isinstance(token, Bars):
            continue
        if opened is not None and not _blank_before(tokens, nth) and nth > opened + 1:
            opening = Open(SpanKind.SPOILER)
            tokens[opened] = opening
            tokens[nth] = Close(opening)
            opened = None
        elif not _blank_behind(tokens, nth):
            opened = nth


def _blank_before(tokens: list[Token], nth: int) -> bool:
    token = tokens[nth - 1] if nth else BREAK
    return token is BREAK or (isinstance(token, str) and token[-1:].isspace())


def _blank_behind(tokens: list[Token], nth: int) -> bool:
    token = tokens[nth + 1] if nth + 1 < len(tokens) else BREAK
    return isinstance(token, Break | Bars) or (isinstance(token, str) and token[:1].isspace())


def plain_text(tokens: Sequence[Token]) -> str:
    """The words of a run in one line."""
    words = []
    for token in tokens:
        if isinstance(token, str):
            words.append(token)
        elif isinstance(token, Code):
            words.append(token.text)
        elif isinstance(token, Bars):
            words.append("||")
        elif token is BREAK:
            words.append(" ")
    return " ".join("".join(words).split())


def shift_run(tokens: list[Token], start: int, *, up: bool) -> None:
    """Raise or lower everything behind `start`."""
    if all(isinstance(token, str) for token in tokens[start:]):
        words = plain_text(tokens[start:])
        tokens[start:] = [raised(words) if up else lowered(words)] if words else []
