"""TeX formulas in signs that any chat can show: ``x_i^2`` becomes ``xᵢ²``.

Whatever has no such sign stays readable (``x^(a/b)``), and a command nobody knows stays as it
was written.
"""

import re
from collections.abc import Callable

from minibot.adapters.channels.telegram.rendering.latex_symbols import (
    ACCENTS,
    ALPHABETS,
    FORGOTTEN,
    FRACTIONS,
    FUNCTIONS,
    LOWERED,
    NEGATED,
    RAISED,
    SILENT,
    SPACES,
    SYMBOLS,
    VERBATIM,
    WRAPPERS,
)

_SIGN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|[^\\\s]|\\", re.DOTALL)
_DEEPEST = 24
_LONGEST = 2_000
_MARKS = "\u0300-\u036f\u20d7′°⁰¹²³⁴-⁹₀-₉ₐ-ₜ"
# What can stand below a stroke or behind a sign without brackets, and what above a stroke.
_ATOM = re.compile(rf"[\d.]+|[^\W\d_][{_MARKS}]*|[^\W\d_]{{3,}}|\([^()]*\)|[√∛∜]\w|[½⅓⅔¼¾⅕⅙⅛]")
_PRODUCT = re.compile(rf"(?:[\w.{_MARKS}√∛∜]|\([^()]*\))+")
_BLANKS = re.compile(r"[ \t\n]+")
_INNER_BLANKS = re.compile(r"(?<=[(\[]) | (?=[)\]])")
_LINE_EDGES = re.compile(r" *\n *")
_ROOTS = {"3": "∛", "4": "∜"}
_ROW = "\\\\"

# Left and right brackets of a matrix: one line, first, middle and last of several.
_BRACKETS = {
    "pmatrix": ("()", "⎛⎞", "⎜⎟", "⎝⎠"),
    "bmatrix": ("[]", "⎡⎤", "⎢⎥", "⎣⎦"),
    "Bmatrix": ("{}", "⎧⎫", "⎨⎬", "⎩⎭"),
    "vmatrix": ("||", "││", "││", "││"),
    "Vmatrix": ("‖‖", "‖‖", "‖‖", "‖‖"),
    "matrix": ("  ", "  ", "  ", "  "),
    "smallmatrix": ("  ", "  ", "  ", "  "),
    "array": ("  ", "  ", "  ", "  "),
    "cases": ("{ ", "⎧ ", "⎨ ", "⎩ "),
    "rcases": (" }", " ⎫", " ⎬", " ⎭"),
}


def unicode_formula(tex: str, *, display: bool = False) -> str:
    """Write a formula without TeX; matrices take several lines when it stands by itself."""
    if len(tex) > _LONGEST:
        return tex
    try:
        text = _Formula(tex, display=display).read()
    except _TooDeep:
        return tex
    if "\n" in text:
        return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))
    return _INNER_BLANKS.sub("", _BLANKS.sub(" ", text)).strip()


def raised(text: str) -> str:
    """Write above the line; with a sign for it where Unicode lacks a letter."""
    return _shifted(text, RAISED, "^")


def lowered(text: str) -> str:
    """Write below the line; with a sign for it where Unicode lacks a letter."""
    return _shifted(text, LOWERED, "_")


def _shifted(text: str, signs: dict[str, str], mark: str) -> str:
    text = text.strip()
    compact = text.replace(" ", "")
    if all(sign in signs for sign in compact):
        return "".join(signs[sign] for sign in compact)
    bare = len(text) == 1 or (mark == "_" and text.isalpha())
    return f"{mark}{text}" if bare else f"{mark}({text})"


def _grouped(text: str, shape: re.Pattern[str] = _ATOM) -> str:
    return text if shape.fullmatch(text) else f"({text})"


class _TooDeep(Exception):
    """The formula is nested deeper than anybody could read."""


class _Formula:
    def __init__(self, tex: str, *, display: bool) -> None:
        self._signs = _SIGN.findall(tex)
        self._at = 0
        self._depth = 0
        self.display = display

    def read(self) -> str:
        pieces = []
        while self._at < len(self._signs):
            pieces.append(self._until(()))
            if self._at < len(self._signs):
                pieces.append(self.next())  # a bracket that closes nothing
        return _side_by_side(pieces) if self.display else "".join(pieces)

    def next(self) -> str:
        sign: str = self._signs[self._at]
        self._at += 1
        return sign

    def peek(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""

    def _until(self, ends: tuple[str, ...]) -> str:
        """Read on to one of `ends`, to a closing bracket or to the end of the formula."""
        pieces: list[str] = []
        while (sign := self.peek()) and sign != "}" and sign not in ends:
            self._at += 1
            pieces.append(self._piece(sign, pieces))
        if self.display and not ends and any("\n" in piece for piece in pieces):
            return _side_by_side(pieces)
        return "".join(pieces)

    def _piece(self, sign: str, before: list[str]) -> str:
        if sign == "{":
            return self._group()
        if sign in "^_":
            shifted = self.argument()
            if sign == "^" and shifted in ("∘", "°"):
                return "°"
            return raised(shifted) if sign == "^" else lowered(shifted)
        if sign == "'":
            return "′"
        if sign[0] == "\\" and len(sign) > 1:
            return self._command(sign[1:].removesuffix("*"))
        if sign in "~&":
            return " " if before and not before[-1].endswith(" ") else ""
        if sign.isspace():
            return " "
        return "−" if sign == "-" else sign

    def _group(self) -> str:
        """The inside of brackets, behind the opening one."""
        text = self.deeper(())
        if self.peek() == "}":
            self._at += 1
        return text

    def deeper(self, ends: tuple[str, ...]) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeep
        text = self._until(ends)
        self._depth -= 1
        return text

    def argument(self) -> str:
        while self.peek().isspace():
            self._at += 1
        sign = self.peek()
        if not sign or sign == "}":
            return ""
        self._at += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeep
        text = self._piece(sign, [])
        self._depth -= 1
        return text.strip()

    def raw_argument(self) -> str:
        """The argument as it is written."""
        while self.peek().isspace():
            self._at += 1
        if self.peek() != "{":
            return self.next() if self.peek() else ""
        depth, begin = 0, self._at + 1
        while sign := self.peek():
            depth += (sign == "{") - (sign == "}")
            self._at += 1
            if depth == 0:
                break
        end = self._at - (depth == 0)
        return "".join(self._signs[begin:end])

    def option(self) -> str:
        if self.peek() != "[":
            return ""
        self._at += 1
        text = self.deeper(("]",))
        self._at += self.peek() == "]"
        return text.strip()

    def _command(self, name: str) -> str:
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in FUNCTIONS:
            spaced = self.peek()[:1].isalnum()
            return name + " " if spaced else name
        if name in SPACES:
            return SPACES[name]
        if name in SILENT:
            if self.peek() == "." and name in ("left", "right"):
                self._at += 1
            return ""
        if name in FORGOTTEN:
            self.raw_argument()
            return ""
        if name == "\\":
            return "\n" if self.display else "; "
        if len(name) == 1 and not name.isalpha():
            return "‖" if name == "|" else name
        return self._with_arguments(name)

    def _with_arguments(self, name: str) -> str:
        if name in VERBATIM:
            return self.raw_argument().replace("$", "")
        if name in WRAPPERS:
            if name == "textcolor":
                self.raw_argument()
            return self.argument()
        if name in ALPHABETS:
            return self.argument().translate(ALPHABETS[name])
        if name in ACCENTS:
            return _accented(self.argument(), ACCENTS[name])
        if name in _STRUCTURES:
            return _STRUCTURES[name](self)
        if self.peek() == "{":
            return f"\\{name}{{{self.argument()}}}"
        return f"\\{name}"


def _fraction(formula: _Formula) -> str:
    above, below = formula.argument(), formula.argument()
    simple = f"{above}/{below}"
    return FRACTIONS.get(simple) or f"{_grouped(above, _PRODUCT)}/{_grouped(below)}"


def _root(formula: _Formula) -> str:
    degree, inside = formula.option(), formula.argument()
    sign = _ROOTS.get(degree) or (raised(degree) if degree else "") + "√"
    return sign + _grouped(inside)


def _choose(formula: _Formula) -> str:
    above, below = formula.argument(), formula.argument()
    return f"C({above}, {below})"


def _stacked(formula: _Formula) -> str:
    above, below = formula.argument(), formula.argument()
    return below + raised(above)


def _arrow(formula: _Formula, sign: str) -> str:
    below, above = formula.option(), formula.argument()
    words = ", ".join(filter(None, (above, below)))
    return f" {sign[0]}[{words}]{sign[1]} " if words else sign[1]


def _modulo(formula: _Formula) -> str:
    return f" (mod {formula.argument()})"


def _tag(formula: _Formula) -> str:
    return f"  ({formula.raw_argument()})"


def _environment(formula: _Formula) -> str:
    name = formula.raw_argument().removesuffix("*")
    if name == "array":
        formula.raw_argument()
    rows: list[list[str]] = [[]]
    while formula.peek():
        rows[-1].append(formula.deeper((_ROW, "&", "\\end")).strip())
        sign = formula.next() if formula.peek() else ""
        if sign == _ROW:
            formula.option()
            rows.append([])
        elif sign == "}":
            rows[-1][-1] += sign
        elif sign == "\\end":
            formula.raw_argument()
            break
    return _laid_out(name, [row for row in rows if any(row)], several_lines=formula.display)


_STRUCTURES: dict[str, Callable[[_Formula], str]] = {
    "frac": _fraction,
    "dfrac": _fraction,
    "tfrac": _fraction,
    "cfrac": _fraction,
    "sqrt": _root,
    "binom": _choose,
    "dbinom": _choose,
    "tbinom": _choose,
    "overset": _stacked,
    "stackrel": _stacked,
    "xrightarrow": lambda formula: _arrow(formula, "─→"),
    "xleftarrow": lambda formula: _arrow(formula, "←─"),
    "pmod": _modulo,
    "tag": _tag,
    "begin": _environment,
}


def _accented(text: str, accent: str) -> str:
    if accent == ACCENTS["not"]:
        return NEGATED.get(text, text + accent)
    if accent in (ACCENTS["overline"], ACCENTS["underline"]):
        return "".join(sign + accent for sign in text)
    return text + accent if len(text) == 1 else f"{_grouped(text)}{accent}"


def _laid_out(name: str, rows: list[list[str]], *, several_lines: bool) -> str:
    """Rows of a matrix in line; those of anything else one below the other."""
    if not rows:
        return ""
    if not several_lines:
        body = "; ".join(_BLANKS.sub(" ", " ".join(row)).strip() for row in rows)
        brackets = _BRACKETS[name][0] if name in _BRACKETS else "  "
        return f"{brackets[0]}{body}{brackets[1]}".strip()
    if name not in _BRACKETS:
        return "\n".join(_BLANKS.sub(" ", " ".join(row)).strip() for row in rows)
    width = max(map(len, rows))
    padded = [[_BLANKS.sub(" ", cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    sizes = [max(map(len, column)) for column in zip(*padded, strict=True)]
    lines = [
        "  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=True)) for row in padded
    ]
    return "\n".join(
        f"{_bracket(name, nth, len(lines), 0)} {line} {_bracket(name, nth, len(lines), 1)}"
        for nth, line in enumerate(lines)
    )


def _bracket(name: str, nth: int, count: int, side: int) -> str:
    alone, first, middle, last = _BRACKETS[name]
    if count == 1:
        return alone[side]
    return (first if nth == 0 else last if nth == count - 1 else middle)[side]


def _side_by_side(pieces: list[str]) -> str:
    """Put what takes several lines beside what stands before and behind it, centred."""
    if not any("\n" in piece and piece != "\n" for piece in pieces):
        return _LINE_EDGES.sub("\n", re.sub(r"[ \t]{2,}", "  ", "".join(pieces)))
    blocks: list[list[str]] = []
    for piece in pieces:
        lines = piece.split("\n")
        if blocks and len(lines) == 1 and len(blocks[-1]) == 1:
            blocks[-1][0] += piece
        elif piece != "\n":
            blocks.append(lines)
    height = max(map(len, blocks))
    rows = [""] * height
    for lines in blocks:
        width = max(map(len, lines))
        above = (height - len(lines)) // 2
        for nth in range(height):
            line = lines[nth - above] if 0 <= nth - above < len(lines) else ""
            rows[nth] += line.ljust(width)
    return "\n".join(rows)
