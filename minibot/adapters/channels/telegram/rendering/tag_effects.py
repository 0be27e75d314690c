"""What the tags of HTML do to a text."""

from collections.abc import Callable, Mapping

from minibot.adapters.channels.telegram.rendering.canvas import BREAK, Close, Open, shift_run
from minibot.adapters.channels.telegram.rendering.html_tags import Tag, TagKind
from minibot.adapters.channels.telegram.rendering.links import link, moment, picture
from minibot.adapters.channels.telegram.rendering.walking import Walk
from minibot.adapters.channels.telegram.rendering.words import Words
from minibot.core.messages import SpanKind

_RULE = "———"


def apply_tag(walk: Walk, tag: Tag, start: int) -> None:
    """Do what a tag says; `start` is where it stands in the source."""
    _EFFECTS[tag.kind](walk, tag, start)


def apply_inline_tag(words: Words, tag: Tag, start: int) -> bool:
    """Do what a tag says that goes with the words of a line; False when it is another one."""
    effect = _INLINE.get(tag.kind)
    if effect is not None:
        effect(words, tag, start)
    return effect is not None


def _style(walk: Words, tag: Tag, start: int) -> None:
    if tag.closing:
        opened = close_tag(walk, tag)
        if isinstance(opened, Open):
            walk.close_style(opened)
    elif tag.style is not None:
        walk.opened_tags.append((tag.name, walk.open_style(tag.style), ""))


def close_tag(walk: Words, tag: Tag) -> Open | int | None:
    """Give what the newest open tag of this name began; None where there is none."""
    for nth in range(len(walk.opened_tags) - 1, -1, -1):
        name, opened, _ = walk.opened_tags[nth]
        if name == tag.name:
            walk.opened_tags = walk.opened_tags[:nth] + walk.opened_tags[nth + 1 :]
            return opened
    return None


def _link(walk: Words, tag: Tag, start: int) -> None:
    if not tag.closing:
        walk.opened_tags.append((tag.name, len(walk.tokens), tag.attribute("href")))
        return
    url = next((url for name, _, url in reversed(walk.opened_tags) if name == tag.name), "")
    begin = close_tag(walk, tag)
    if isinstance(begin, int):
        url = walk.reading.protected.source_of(url)
        walk.tokens[begin:] = link(walk.tokens[begin:], url)


def _shift(walk: Words, tag: Tag, start: int) -> None:
    if not tag.closing:
        walk.opened_tags.append((tag.name, len(walk.tokens), ""))
        return
    begin = close_tag(walk, tag)
    if isinstance(begin, int):
        shift_run(walk.tokens, begin, up=tag.kind is TagKind.RAISE)


def _time(walk: Words, tag: Tag, start: int) -> None:
    if not tag.closing:
        opening = moment(tag.attribute("unix"), tag.attribute("format")) or Open(None)
        walk.tokens.append(opening)
        walk.opened_tags.append((tag.name, opening, ""))
        return
    opened = close_tag(walk, tag)
    if isinstance(opened, Open):
        walk.tokens.append(Close(opened))


def _break(walk: Words, tag: Tag, start: int) -> None:
    walk.tokens.append(BREAK)


def _rule(walk: Walk, tag: Tag, start: int) -> None:
    walk.gap(start)
    walk.canvas.write(_RULE)
    walk.canvas.gap(1)


def _image(walk: Words, tag: Tag, start: int) -> None:
    alt = tag.attribute("alt")
    url = walk.reading.protected.source_of(tag.attribute("src"))
    walk.tokens += picture([alt] if alt else [], url, linked=False)


def _fold(walk: Walk, tag: Tag, start: int) -> None:
    if tag.closing:
        walk.close_quote()
        return
    walk.gap(start)
    walk.open_quote(SpanKind.EXPANDABLE_BLOCKQUOTE)


def _quote(walk: Walk, tag: Tag, start: int) -> None:
    if tag.closing:
        walk.close_quote()
        return
    walk.gap(start)
    folded = "expandable" in tag.attributes
    walk.open_quote(SpanKind.EXPANDABLE_BLOCKQUOTE if folded else SpanKind.BLOCKQUOTE)


def _heading(walk: Walk, tag: Tag, start: int) -> None:
    if not tag.closing:
        walk.gap(start)
        walk.opened_tags.append((tag.name, walk.open_style(SpanKind.BOLD), ""))
        return
    opened = close_tag(walk, tag)
    if isinstance(opened, Open):
        walk.close_style(opened)
    begin = walk.canvas.here() if walk.tokens else None
    walk.flush()
    walk.led = begin
    walk.canvas.gap(1)


def _block(walk: Walk, tag: Tag, start: int) -> None:
    walk.flush()
    walk.canvas.gap(2 if tag.name in ("p", "table") else 1)


def _item(walk: Walk, tag: Tag, start: int) -> None:
    walk.flush()
    walk.canvas.gap(1)
    if tag.name == "li" and not tag.closing:
        walk.canvas.marker("• ")
    else:
        walk.canvas.leave()


def _cell(walk: Words, tag: Tag, start: int) -> None:
    if not tag.closing and walk.tokens:
        walk.tokens.append(" | ")


def _nothing(walk: Words, tag: Tag, start: int) -> None:
    """A tag about looks that a chat does not have."""


_INLINE: Mapping[TagKind, Callable[[Words, Tag, int], None]] = {
    TagKind.STYLE: _style,
    TagKind.LINK: _link,
    TagKind.BREAK: _break,
    TagKind.IMAGE: _image,
    TagKind.TIME: _time,
    TagKind.CELL: _cell,
    TagKind.NOTHING: _nothing,
}
_EFFECTS: Mapping[TagKind, Callable[[Walk, Tag, int], None]] = {
    **_INLINE,
    TagKind.RAISE: _shift,
    TagKind.LOWER: _shift,
    TagKind.RULE: _rule,
    TagKind.FOLD: _fold,
    TagKind.TITLE: _heading,
    TagKind.QUOTE: _quote,
    TagKind.HEADING: _heading,
    TagKind.BLOCK: _block,
    TagKind.ITEM: _item,
}
