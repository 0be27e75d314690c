"""What the tags of HTML add to a rich message."""

from collections.abc import Callable, Mapping

from minibot.adapters.channels.telegram.rendering.canvas import Close, Open, plain_text
from minibot.adapters.channels.telegram.rendering.html_tags import Tag, TagKind
from minibot.adapters.channels.telegram.rendering.rich_page import FrameKind, Page
from minibot.adapters.channels.telegram.rendering.rich_text import Shift, rich_text
from minibot.adapters.channels.telegram.rendering.tag_effects import apply_inline_tag, close_tag

_FOLDS = (FrameKind.DETAILS, FrameKind.FOLDED_QUOTE)
_QUOTES = (FrameKind.QUOTE, FrameKind.FOLDED_QUOTE)
_THOUGHTS = "💭"
"""Seen of what a model thought before it answered."""


def apply_rich_tag(page: Page, tag: Tag, start: int) -> None:
    """Do what a tag says; `start` is where it stands in the source."""
    if not apply_inline_tag(page, tag, start):
        _EFFECTS[tag.kind](page, tag)


def _shift(page: Page, tag: Tag) -> None:
    if not tag.closing:
        opening = Shift(None, up=tag.kind is TagKind.RAISE)
        page.tokens.append(opening)
        page.opened_tags.append((tag.name, opening, ""))
        return
    opened = close_tag(page, tag)
    if isinstance(opened, Open):
        page.tokens.append(Close(opened))
        page.gains = True


def _rule(page: Page, tag: Tag) -> None:
    page.flush()
    page.add({"type": "divider"})


def _fold(page: Page, tag: Tag) -> None:
    if tag.closing:
        page.end_tag(*_FOLDS)
        return
    frame = page.begin(FrameKind.DETAILS, by_tag=True)
    if tag.name != "details":
        frame.title = _THOUGHTS


def _title(page: Page, tag: Tag) -> None:
    if not tag.closing:
        page.flush()
        return
    tokens = page.taken_up()
    if not plain_text(tokens):
        return
    if page.frame.kind is FrameKind.DETAILS and not page.frame.blocks:
        page.frame.title = rich_text(tokens)
    else:
        page.add({"type": "paragraph", "text": {"type": "bold", "text": rich_text(tokens)}})


def _quote(page: Page, tag: Tag) -> None:
    if tag.closing:
        page.end_tag(*_QUOTES)
        return
    folded = "expandable" in tag.attributes
    page.begin(FrameKind.FOLDED_QUOTE if folded else FrameKind.QUOTE, by_tag=True)


def _heading(page: Page, tag: Tag) -> None:
    if not tag.closing:
        page.flush()
        page.heading = int(tag.name[1:])
        return
    tokens = page.taken_up()
    if plain_text(tokens):
        page.add({"type": "heading", "text": rich_text(tokens), "size": int(tag.name[1:])})
    page.heading = 0


def _block(page: Page, tag: Tag) -> None:
    page.flush()


def _item(page: Page, tag: Tag) -> None:
    page.flush()
    if tag.name == "li" and not tag.closing:
        page.tokens.append("• ")


_EFFECTS: Mapping[TagKind, Callable[[Page, Tag], None]] = {
    TagKind.RAISE: _shift,
    TagKind.LOWER: _shift,
    TagKind.RULE: _rule,
    TagKind.FOLD: _fold,
    TagKind.TITLE: _title,
    TagKind.QUOTE: _quote,
    TagKind.HEADING: _heading,
    TagKind.BLOCK: _block,
    TagKind.ITEM: _item,
}
