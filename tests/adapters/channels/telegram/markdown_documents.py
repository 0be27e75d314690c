"""Markdown made up from a seed, together with what a chat has to show of it.

Every word is there once, so that a lost one, or one out of order, is noticed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from minibot.core.messages import Part, SpanKind
from tests.adapters.channels.telegram.telegram_rules import broken_rules, covered

_SIGNS = ["€", "😀", "—", "日本", "👍🏽", "é", "·", "ж"]
_TAGS = ["b", "i", "u", "s", "em", "strong", "code", "mark", "small", "tg-spoiler"]
_FORMULAS = [r"$x_i^2$", r"\(\frac{a}{b}\)", r"$\alpha \to \beta$", "$5", r"$\sqrt{2}$"]


@dataclass(slots=True)
class Document:
    """A text, and the words that have to come out of it."""

    markdown: str = ""
    words: list[str] = field(default_factory=list)
    """In the order of the text; but for those of `tables` and `notes`."""
    tables: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    code: dict[str, str] = field(default_factory=dict)
    """Words of blocks of code, each with the language of its block."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the messages of a text; all empty when nothing is."""

    rules: tuple[str, ...] = ()
    """Of Telegram's, that were broken."""
    lost: tuple[str, ...] = ()
    """Words that are missing, or not in their order."""
    torn: tuple[str, ...] = ()
    """Words of code outside of a block of their language."""


def faults(made: Document, parts: Sequence[Part]) -> Faults:
    """Judge the messages that a text became."""
    text = "\n".join(part.text for part in parts)
    blocks: dict[str, str] = {}
    for part in parts:
        for span in part.spans:
            if span.kind is SpanKind.PRE:
                blocks[span.language] = blocks.get(span.language, "") + covered(part, span)
    elsewhere = [word for word in (*made.tables, *made.notes) if word not in text]
    return Faults(
        rules=tuple(rule for part in parts for rule in broken_rules(part)),
        lost=(*_missing(made.words, text), *elsewhere),
        torn=tuple(word for word, kind in made.code.items() if word not in blocks.get(kind, "")),
    )


def _missing(words: list[str], text: str) -> list[str]:
    missing = []
    reached = 0
    for word in words:
        found = text.find(word, reached)
        if found < 0:
            missing.append(word)
        else:
            reached = found + len(word)
    return missing


def document(seed: int, blocks: int) -> Document:
    """Make a text of so many blocks; the same seed makes the same text."""
    return _Author(seed).write(blocks)


class _Author:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  # nobody has to be kept from guessing it
        self._made = Document()
        self._count = 0

    def write(self, blocks: int) -> Document:
        kinds: list[Callable[[], str]] = [
            self._paragraph,
            self._paragraph,
            self._list,
            self._list,
            self._quote,
            self._heading,
            self._code,
            self._table,
            self._details,
            self._formula,
            self._note,
        ]
        texts = [self._random.choice(kinds)() for _ in range(blocks)]
        self._made.markdown = "\n\n".join(texts)
        if self._random.random() < 0.1:
            self._made.markdown += "\n\n```py\n" + self._code_line("py")
        return self._made

    def _word(self, into: list[str] | None = None) -> str:
        self._count += 1
        word = f"{self._random.choice(('word', 'слово', 'Wort'))}{self._count}z"
        (self._made.words if into is None else into).append(word)
        return word

    def _inline(self, depth: int = 0, into: list[str] | None = None) -> str:
        pieces = []
        for _ in range(self._random.randint(1, 4)):
            pieces.append(self._piece(depth, into))
            if self._random.random() < 0.15:
                pieces.append(self._random.choice(_SIGNS))
        return " ".join(pieces)

    def _piece(self, depth: int, into: list[str] | None) -> str:
        chance = self._random.random()
        if depth > 2 or chance < 0.4:
            return self._word(into)
        if chance < 0.5:
            return f"`{self._word(into)}`"
        if chance < 0.55:
            return f"`` {self._word(into)} ` ``"
        if chance < 0.75:
            sign = self._random.choice(["**", "*", "_", "~~", "||", "***"])
            first = self._word(into)  # parts the signs from others, with which they were a fence
            return f"{sign}{first} {self._inline(depth + 1, into)}{sign}"
        if chance < 0.85:
            return f"[{self._inline(depth + 3, into)}](https://example.org/a_(b))"
        if chance < 0.93:
            tag = self._random.choice(_TAGS)
            return f"<{tag}>{self._inline(depth + 1, into)}</{tag}>"
        return self._random.choice(_FORMULAS)

    def _paragraph(self) -> str:
        lines = [self._inline() for _ in range(self._random.randint(1, 4))]
        if self._random.random() < 0.1:
            lines.append(" ".join(self._word() for _ in range(300)))
        return self._random.choice(["\n", "  \n", "<br>", " "]).join(lines)

    def _heading(self) -> str:
        return f"{'#' * self._random.randint(1, 6)} {self._inline()}"

    def _list(self, depth: int = 0) -> str:
        number = 1 if depth else self._random.randint(1, 9)  # no other begins below a line
        sign = self._random.choice(["- ", "* ", "- [ ] ", "- [x] ", "1. ", f"{number}) "])
        lines = []
        for _ in range(self._random.randint(1, 5)):
            indent = " " * (len(sign) if sign[0].isdigit() else 2)
            lines.append(sign + self._inline())
            inner = ""
            if depth < 3 and self._random.random() < 0.25:
                inner = self._list(depth + 1)
            elif self._random.random() < 0.1:
                inner = "\n" + self._code()
            if inner:
                lines += [(indent + line).rstrip() for line in inner.split("\n")]
        return "\n".join(lines)

    def _quote(self, depth: int = 0) -> str:
        blocks = [self._paragraph, self._list, self._code, self._heading]
        texts = [self._random.choice(blocks)() for _ in range(self._random.randint(1, 3))]
        if depth < 3 and self._random.random() < 0.3:
            texts.append(self._quote(depth + 1))
        return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(texts).split("\n"))

    def _code(self) -> str:
        language = self._random.choice(["py", "rust", "c++", ""])
        fence = self._random.choice(["```", "````", "~~~"])
        long = self._random.random() < 0.1
        lines = [self._code_line(language) for _ in range(200 if long else 3)]
        return f"{fence}{language}\n" + "\n".join(lines) + f"\n{fence}"

    def _code_line(self, language: str) -> str:
        word = self._word()
        self._made.code[word] = language
        return f"{' ' * self._random.choice([0, 4])}{word} = **x** <b> [y](z) $1"

    def _table(self) -> str:
        columns = self._random.randint(1, 4)
        tables = self._made.tables
        long = self._random.random() < 0.4
        rows = []
        for nth in range(self._random.randint(2, 5)):
            cells = [
                self._inline(2, tables).replace("||", "") + (" filler" * 9 if long and nth else "")
                for _ in range(columns)
            ]
            rows.append("| " + " | ".join(cells) + " |")
        rows.insert(1, "|" + "---|" * columns)
        return "\n".join(rows)

    def _details(self) -> str:
        inside = self._random.choice([self._paragraph, self._list, self._code])
        title = self._word()
        gap = self._random.choice(["\n", "\n\n"])
        return f"<details>\n<summary>{title}</summary>{gap}{inside()}\n</details>"

    def _formula(self) -> str:
        return self._random.choice(
            [r"$$\frac{a+b}{2} = x^2$$", r"\[ \sum_{i=1}^n i \]", "\\[\na = b\n\\]", "---"]
        )

    def _note(self) -> str:
        if self._made.notes:
            return self._paragraph()
        first = self._word()
        return f"{first}[^1]\n\n[^1]: {self._word(self._made.notes)}"
