"""What Markdown must not read: formulas, addresses and names that look like formatting.

CommonMark makes italics of ``_`` in a formula and takes the backslash from ``\\(``. So formulas
and addresses are taken out before a text is parsed, and put back where they have come out.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from minibot.adapters.channels.telegram.rendering.latex import unicode_formula

MARK = "\ufdd1"
"""Stands before and behind the number of a fragment; a non-character, which no text contains."""
GUARD = "\ufdd0"
"""Stands before a tag that begins a line, so that it begins no block of raw HTML."""

_LONGEST = 1_500


class FragmentKind(Enum):
    """How a fragment is shown."""

    TEXT = "text"
    DISPLAY = "display"
    """A formula in lines of its own."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """Something taken out of the text; `source` is what stood there, `text` what is shown."""

    kind: FragmentKind
    source: str
    text: str


@dataclass(slots=True)
class Protected:
    """A text and what was taken out of it."""

    text: str
    fragments: list[Fragment] = field(default_factory=list)

    def source_of(self, text: str) -> str:
        """The text with everything as it was written."""
        if MARK not in text:
            return text
        return _PLACE.sub(lambda place: self.fragments[int(place[1])].source, text)

    def pieces(self, text: str) -> Iterable[str | Fragment]:
        """Cut a text at its fragments."""
        for nth, piece in enumerate(_PLACE.split(text)):
            if nth % 2:
                yield self.fragments[int(piece)]
            elif piece:
                yield piece


_PLACE = re.compile(f"{MARK}(\\d+){MARK}")

# Names that programmers write bare; as bold words they would lose their underscores.
_DUNDER = (
    r"(?<![\w`])__(?:init|main|name|file|all|str|repr|call|dict|class|doc|version|new|len|iter|next"
    r"|enter|exit|aenter|aexit|await|getattr|setattr|getitem|setitem|eq|hash|del|slots|future"
    r"|pycache|post_init)__(?!\w)"
)
_URL = r"(?<![\w<])https?://(?>(?:[^\s<>\"`()\[\]\\|]|\([^\s<>\"`()\[\]\\|]*\))+)"
_BEHIND_URL = "*_~.,;:!?'"
# Atomic groups: Python before 3.11.3 captures wrongly around a possessive repetition.
_INLINE_TEX = r"\\\(((?>(?:\\\\|[^\n\\]|\\(?![()])|\n(?![ \t]*\n))+))\\\)"
_DISPLAY_TEX = r"\\\[((?>(?:\\\\|[^\n\\]|\\(?![\[\]])|\n(?![ \t]*\n))+))\\\]"
_DISPLAY_DOLLARS = r"\$\$((?>(?:[^$\n\\]|\\[^\n]|\n(?![ \t>]*\n))+))\$\$"
_INLINE_DOLLARS = r"(?<![\w$])\$(?!\s)((?>(?:[^$\n\\]|\\[^\n])+))(?<!\s)\$(?![\w$])"

_SPECIAL = re.compile(
    rf"{_INLINE_TEX}|{_DISPLAY_TEX}|\\[!-/:-@\[-`{{-~]|{_DISPLAY_DOLLARS}|{_INLINE_DOLLARS}"
    rf"|({_URL})|({_DUNDER})"
)
_TEX_SIGNS = re.compile(r"(?<!\\)(?:\\[A-Za-z]|[\^_=])")
# A variable, a number, or operators between such; words and prices are none.
_PLAIN_FORMULA = re.compile(
    r"(?:\d+(?:\.\d+)?|\d*[A-Za-z]'*|[A-Za-z]?\([\w, ]{1,12}\))"
    r"(?:\s*[-+*/<>|!,]\s*(?:\d+(?:\.\d+)?|\d*[A-Za-z]'*))*"
)
_NUMBERS = re.compile(r"\d[\d.,\s/–-]*[.,\s/–-][\d.,\s/–-]*\d[kKmM]?")
"""Several numbers without anything to reckon, as prices are."""
_WORDS = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}\s+[A-Za-z]{3,}")
_NO_FORMULA = re.compile(r"\*\*|__|</?[A-Za-z]|\]\(|[^\W\d_A-Za-z]{2,}")
_TEXT_COMMANDS = re.compile(r"\\(?:text\w*|mbox|operatorname)\{[^{}]*\}")
_IN_URL = re.compile(r"[*_~$]")
_ENVIRONMENT = re.compile(r"\\begin\{([a-zA-Z]+\*?)\}")
_MAY_NEED = re.compile(r"\$|\\[(\[]|\\begin\{|__|https?://")
_MAY_BE_CODE = re.compile(r"`|~~~|^[ \t>]*(?: {4}|\t)", re.MULTILINE)


def protect(markdown: str, code_in: Callable[[str], list[tuple[int, int]]]) -> Protected:
    """Take out what must not be parsed, except from code.

    `code_in` finds the stretches of code, in code points; it is asked only when there may be any.
    """
    protected = Protected(markdown)
    if not _MAY_NEED.search(markdown):
        return protected
    code = code_in(markdown) if _MAY_BE_CODE.search(markdown) else []
    pieces: list[str] = []
    reached = 0
    for start, end in [*code, (len(markdown), len(markdown))]:
        if start < reached:
            continue
        pieces.append(_without_fragments(markdown[reached:start], protected))
        pieces.append(markdown[start:end])
        reached = end
    protected.text = "".join(pieces)
    return protected


def _without_fragments(prose: str, protected: Protected) -> str:
    def put_away(kind: FragmentKind, source: str, text: str) -> str:
        whole = protected.source_of  # a fragment may hold another
        protected.fragments.append(Fragment(kind, whole(source), whole(text)))
        return f"{MARK}{len(protected.fragments) - 1}{MARK}"

    def replaced(match: re.Match[str]) -> str | None:
        inline, display, dollars, dollar, url, name = match.groups()
        if url:
            address = url.rstrip(_BEHIND_URL)
            if not _IN_URL.search(address):
                return None
            return put_away(FragmentKind.TEXT, address, address) + url[len(address) :]
        if name:
            return put_away(FragmentKind.TEXT, name, name)
        tex = inline or display or dollars or dollar
        if tex is None or not _is_formula(match, tex):
            return None
        tex = protected.source_of(tex)
        stands_alone = display or dollars
        shown = unicode_formula(tex.strip(), display=bool(stands_alone))
        kind = FragmentKind.DISPLAY if stands_alone else FragmentKind.TEXT
        return put_away(kind, match[0], shown) if shown.strip(" ()/") else None

    if "\\begin{" in prose:
        prose = _environments(prose, put_away)
    return _replaced(prose, replaced) if _MAY_NEED.search(prose) else prose


def _replaced(prose: str, replace: Callable[[re.Match[str]], str | None]) -> str:
    """Replace what is special; the dollar that closes no formula may open the next."""
    pieces: list[str] = []
    reached = at = 0
    while match := _SPECIAL.search(prose, at):
        replacement = replace(match)
        if replacement is None:
            at = match.start() + 1 if match[0][0] == "$" else match.end()
            continue
        pieces += (prose[reached : match.start()], replacement)
        reached = at = match.end()
    return "".join(pieces) + prose[reached:]


def _is_formula(match: re.Match[str], tex: str) -> bool:
    """Tell formulas from prices, variables of a shell, and brackets that somebody escaped."""
    tex = tex.strip()
    if not tex or len(tex) > _LONGEST or "`" in tex or tex.count("{") != tex.count("}"):
        return False
    bare = _TEX_SIGNS.search(tex)
    if match[0].startswith("\\"):
        return bare is not None
    if match[0].startswith("$$"):
        return bare is not None or not _WORDS.search(tex)
    if bare is None:
        return _PLAIN_FORMULA.fullmatch(tex) is not None and not _NUMBERS.fullmatch(tex)
    bare_tex = _TEXT_COMMANDS.sub("", tex)
    return not (_WORDS.search(bare_tex) or _NO_FORMULA.search(bare_tex))


def _environments(prose: str, put_away: Callable[[FragmentKind, str, str], str]) -> str:
    """Take out formulas that stand in the text without any dollars around them."""
    pieces: list[str] = []
    reached = 0
    unclosed: set[str] = set()
    for match in _ENVIRONMENT.finditer(prose):
        name = match[1]
        if match.start() < reached or name in unclosed or _is_inside(prose, match.start()):
            continue
        closing = f"\\end{{{name}}}"
        found = prose.find(closing, match.end())
        if found < 0:
            unclosed.add(name)
            continue
        end = found + len(closing)
        tex = prose[match.start() : end]
        if end - match.start() > _LONGEST or "\n\n" in tex:
            continue
        pieces.append(prose[reached : match.start()])
        shown = unicode_formula(tex, display=True)
        pieces.append(put_away(FragmentKind.DISPLAY, tex, shown) if shown.strip() else tex)
        reached = end
    return "".join(pieces) + prose[reached:]


def _is_inside(prose: str, at: int) -> bool:
    """True behind an opening ``$$``, ``\\[`` or ``$`` of the same paragraph."""
    before = prose[max(0, at - _LONGEST) : at]
    before = before[before.rfind("\n\n") + 1 :]
    return (
        before.count("$") % 2 == 1
        or before.count("$$") % 2 == 1
        or (before.rfind("\\[") > before.rfind("\\]") or before.rfind("\\(") > before.rfind("\\)"))
    )
