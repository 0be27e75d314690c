"""The blocks of a rich message as they grow (Bot API 10.1, InputRichBlock)."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from minibot.adapters.channels.telegram.rendering.canvas import Token
from minibot.adapters.channels.telegram.rendering.protection import Fragment, FragmentKind
from minibot.adapters.channels.telegram.rendering.reading import Reading
from minibot.adapters.channels.telegram.rendering.rich_text import Formula, RichText, rich_text
from minibot.adapters.channels.telegram.rendering.walking import Numbering
from minibot.adapters.channels.telegram.rendering.words import Words

Block = dict[str, Any]

FOLDED = "…"
"""What is seen of something folded up that has no title."""

_DELIMITERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))
_BETTER_THAN_TEXT = {"heading", "list", "table", "details", "mathematical_expression", "divider"}


class FrameKind(Enum):
    """What blocks can stand in."""

    MESSAGE = "message"
    QUOTE = "quote"
    FOLDED_QUOTE = "folded quote"
    DETAILS = "details"
    LIST = "list"
    ITEM = "item"
    NOTE = "note"
    """A footnote."""


@dataclass(slots=True)
class Frame:
    """Blocks that stand together in something."""

    kind: FrameKind
    by_tag: bool = False
    """True when HTML began it, which ends where its tag does, if that is not outside of what
    Markdown began around it."""
    blocks: list[Block] = field(default_factory=list)
    items: list[Block] = field(default_factory=list)
    """Of a list."""
    title: RichText = ""
    label: Block = field(default_factory=dict)
    """Of an item: its number, or its box."""
    numbering: Numbering | None = None


class Page(Words):
    """One pass over the events of a text."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self.frames = [Frame(FrameKind.MESSAGE)]
        self.heading = 0
        """The level of the heading that is open; 0 for none."""
        self.rows: list[list[list[Token]]] | None = None
        """Of the table that is open, the headings first."""
        self.alignments: tuple[str, ...] = ()
        self.cell_end = 0
        self.info = ""
        self.gains = False
        """True when there is something that plain text can only imitate."""

    @property
    def frame(self) -> Frame:
        """The innermost one."""
        return self.frames[-1]

    def fragment(self, fragment: Fragment) -> None:
        shown = " ".join(fragment.text.split("\n"))
        tex = _tex_of(fragment.source)
        if not tex:
            self.tokens.append(shown)
            return
        self.gains = True
        in_line = self.rows is not None or self.links or self.heading
        if fragment.kind is FragmentKind.TEXT or in_line:
            self.tokens.append(Formula(shown, tex))
            return
        self.flush()
        self.add({"type": "mathematical_expression", "expression": tex})

    def add(self, block: Block) -> None:
        """Put a block behind the others of the innermost frame."""
        self.gains = self.gains or block["type"] in _BETTER_THAN_TEXT
        self.frame.blocks.append(block)

    def flush(self) -> None:
        """Make a paragraph of the words taken up so far."""
        tokens = self.taken_up()
        if tokens:
            self.add({"type": "paragraph", "text": rich_text(tokens)})

    def begin(self, kind: FrameKind, *, by_tag: bool = False) -> Frame:
        """Begin to put blocks into something."""
        self.flush()
        self.frames.append(Frame(kind, by_tag))
        return self.frame

    def end(self) -> None:
        """End the innermost frame that Markdown began, and what tags began within."""
        self.flush()
        while len(self.frames) > 1:
            frame = self.frames.pop()
            self._settle(frame)
            if not frame.by_tag:
                return

    def end_tag(self, *kinds: FrameKind) -> None:
        """End the innermost frame of these kinds that a tag began, where that may be."""
        self.flush()
        for depth in range(len(self.frames) - 1, 0, -1):
            if not self.frames[depth].by_tag:
                return
            if self.frames[depth].kind in kinds:
                while len(self.frames) > depth:
                    self._settle(self.frames.pop())
                return

    def end_all(self) -> None:
        """End whatever is open."""
        self.flush()
        while len(self.frames) > 1:
            self._settle(self.frames.pop())

    def _settle(self, frame: Frame) -> None:
        """Make of a frame what it is in the one around it."""
        if frame.kind is FrameKind.ITEM:
            if frame.blocks:
                self.frame.items.append({"blocks": frame.blocks, **frame.label})
        elif frame.kind is FrameKind.LIST:
            if frame.items:
                self.add({"type": "list", "items": frame.items})
        elif frame.kind is FrameKind.NOTE:
            self.frame.blocks += _behind_sign(frame)
        elif frame.kind is FrameKind.DETAILS:
            self._settle_details(frame)
        elif frame.kind is FrameKind.FOLDED_QUOTE and _has_only_words(frame.blocks):
            self.add({"type": "expandable_blockquote", "text": _one_text(frame.blocks)})
        elif frame.blocks:
            folded = frame.kind is FrameKind.FOLDED_QUOTE
            self.add(
                {"type": "details", "summary": FOLDED, "blocks": frame.blocks}
                if folded
                else {"type": "blockquote", "blocks": frame.blocks}
            )

    def _settle_details(self, frame: Frame) -> None:
        if frame.blocks:
            summary = frame.title or FOLDED
            self.add({"type": "details", "summary": summary, "blocks": frame.blocks})
        elif frame.title:
            self.add({"type": "paragraph", "text": frame.title})


def _tex_of(source: str) -> str:
    """Give what a formula says in TeX; empty for what is no formula."""
    if source.startswith("\\begin{"):
        return source
    for opening, closing in _DELIMITERS:
        if source.startswith(opening) and source.endswith(closing):
            return source[len(opening) : -len(closing)].strip()
    return ""


def _behind_sign(frame: Frame) -> list[Block]:
    """Put the sign of a footnote before its words."""
    first, *others = frame.blocks or [{"type": "paragraph", "text": ""}]
    if first["type"] != "paragraph":
        return [{"type": "paragraph", "text": frame.title}, first, *others]
    return [{**first, "text": [frame.title, " ", first["text"]]}, *others]


def _has_only_words(blocks: list[Block]) -> bool:
    return bool(blocks) and all(block["type"] == "paragraph" for block in blocks)


def _one_text(blocks: list[Block]) -> RichText:
    texts: list[Any] = []
    for block in blocks:
        texts += [*(["\n"] if texts else []), block["text"]]
    return texts[0] if len(texts) == 1 else texts
