"""What each event of the parser adds to a rich message (pulldown-cmark's names)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from minibot.adapters.channels.telegram.rendering.canvas import plain_text, settle_run
from minibot.adapters.channels.telegram.rendering.events import Events, take_html
from minibot.adapters.channels.telegram.rendering.inline import (
    INLINE_ENDS,
    INLINE_OTHERS,
    INLINE_STARTS,
    Range,
    footnote_sign,
)
from minibot.adapters.channels.telegram.rendering.preformatted import (
    Preformatted,
    read_code,
    read_html,
)
from minibot.adapters.channels.telegram.rendering.reading import Reading
from minibot.adapters.channels.telegram.rendering.rich_page import Block, FrameKind, Page
from minibot.adapters.channels.telegram.rendering.rich_tags import apply_rich_tag
from minibot.adapters.channels.telegram.rendering.rich_text import RichText, rich_text
from minibot.adapters.channels.telegram.rendering.walking import Numbering
from minibot.adapters.channels.telegram.rendering.writing import ALERTS, NUMBER, TASK, is_footnote

_ALIGNED = {"Center": "center", "Right": "right"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """What stands by itself in a message, and the events it was made of."""

    blocks: tuple[Block, ...]
    first: int
    end: int
    """The number of the event behind the last."""
    gains: bool
    """True when a rich message shows it better than text does."""

    @property
    def leads(self) -> bool:
        """True for a heading, which should not be parted from what comes next."""
        return bool(self.blocks[-1]["type"] == "heading")


def with_footnotes_last(reading: Reading) -> Reading:
    """Put footnotes, which may be told anywhere, behind everything else."""
    if b"[^" not in reading.source:
        return reading
    order: list[int] = []
    notes: list[int] = []
    in_note = False
    for nth, (payload, _) in enumerate(reading.events):
        edge = is_footnote(payload)
        (notes if in_note or edge else order).append(nth)
        in_note = in_note != edge
    order += notes
    places = {old: new for new, old in enumerate(order)}
    return replace(
        reading,
        events=[reading.events[nth] for nth in order],
        tags={places[nth]: tag for nth, tag in reading.tags.items()},
    )


def part_of(reading: Reading, first: int, end: int) -> Reading:
    """Give the events from `first` on and before `end` as if they were all."""
    tags = reading.tags
    return replace(
        reading,
        events=reading.events[first:end],
        tags={nth - first: tags[nth] for nth in range(first, end) if nth in tags},
    )


def write_blocks(reading: Reading) -> list[Stretch]:
    """Write a parsed text, in stretches that a message may end between."""
    return list(_stretches(Page(reading)))


def _stretches(page: Page) -> Iterator[Stretch]:
    depth = first = 0
    events = page.reading.events
    for nth, (payload, span) in enumerate(events):
        if isinstance(payload, dict):
            depth += ("Start" in payload) - ("End" in payload)
        _EVENTS.take(page, nth, payload, span)
        last = nth + 1 == len(events)
        if last:
            page.end_all()
        if page.frames[0].blocks and (last or (not depth and len(page.frames) == 1)):
            yield Stretch(tuple(page.frames[0].blocks), first, nth + 1, page.gains)
            page.frames[0].blocks, page.gains, first = [], False, nth + 1


def _rule(page: Page, span: Range) -> None:
    page.flush()
    page.add({"type": "divider"})


def _task(page: Page, done: bool, span: Range) -> None:
    page.frame.label |= {"has_checkbox": True} | ({"is_checked": True} if done else {})


def _flush(page: Page, given: Any, span: Range) -> None:
    page.flush()


def _start_heading(page: Page, given: Any, span: Range) -> None:
    page.flush()
    page.heading = int(given["level"][1:])


def _end_heading(page: Page, given: Any, span: Range) -> None:
    tokens = page.taken_up()
    if plain_text(tokens):
        page.add({"type": "heading", "text": rich_text(tokens), "size": page.heading})
    page.heading = 0
    page.styles.clear()


def _start_quote(page: Page, alert: Any, span: Range) -> None:
    page.begin(FrameKind.QUOTE)
    if alert in ALERTS:
        page.add({"type": "paragraph", "text": {"type": "bold", "text": ALERTS[alert]}})


def _end_frame(page: Page, given: Any, span: Range) -> None:
    page.end()


def _start_code(page: Page, given: Any, span: Range) -> None:
    page.flush()
    page.code = []
    page.info = page.source(given["Fenced"]).strip() if isinstance(given, dict) else ""


def _end_code(page: Page, given: Any, span: Range) -> None:
    found = read_code(page.source("".join(page.code or ())), page.info)
    page.code = None
    if found is not None:
        page.add(_code_block(found))


def _code_block(found: Preformatted) -> Block:
    if found.plain:
        return {"type": "paragraph", "text": found.body}
    language = {"language": found.language} if found.language else {}
    return {"type": "pre", "text": found.body, **language}


def _start_html(page: Page, given: Any, span: Range) -> None:
    page.flush()
    page.raw = []


def _end_html(page: Page, given: Any, span: Range) -> None:
    found, rest = read_html(page.source("".join(page.raw or ())))
    page.raw = None
    if found is not None:
        page.add(_code_block(found))
    if rest:
        page.add({"type": "paragraph", "text": rest})


def _start_list(page: Page, first: Any, span: Range) -> None:
    frame = page.begin(FrameKind.LIST)
    frame.numbering = None if first is None else Numbering(first, first)


def _start_item(page: Page, given: Any, span: Range) -> None:
    numbering, source = page.frame.numbering, page.reading.source
    item = page.begin(FrameKind.ITEM)
    if numbering is not None:
        found = NUMBER.match(source, span["start"])
        item.label = {"value": numbering.next(int(found[1]) if found else None), "type": "1"}
    elif task := TASK.match(source, span["start"]):
        # An item without words behind its box has no event for it.
        _task(page, task[1] != b" ", span)


def _start_footnote(page: Page, label: Any, span: Range) -> None:
    page.begin(FrameKind.NOTE).title = footnote_sign(str(label))


def _start_table(page: Page, alignments: Any, span: Range) -> None:
    page.flush()
    page.rows, page.alignments = [], tuple(alignments)


def _start_row(page: Page, given: Any, span: Range) -> None:
    if page.rows is not None:
        page.rows.append([])


def _end_row(page: Page, given: Any, span: Range) -> None:
    """Let the last cell take in the cells that the heading has no place for."""
    surplus = page.reading.source[page.cell_end : span["end"]].decode().strip()
    surplus = page.source(surplus).removesuffix("|").strip("| ")
    if surplus and page.rows and page.rows[-1]:
        page.rows[-1][-1].append(f" | {surplus}")


def _start_cell(page: Page, given: Any, span: Range) -> None:
    page.tokens = []


def _end_cell(page: Page, given: Any, span: Range) -> None:
    page.cell_end = span["end"]
    if page.rows is not None:
        page.rows[-1].append(settle_run(page.tokens))
    page.tokens = []
    page.styles.clear()


def _end_table(page: Page, given: Any, span: Range) -> None:
    rows, page.rows = page.rows, None
    cells = [
        [
            _cell(rich_text(tokens), page.alignments[column], header=not number)
            for column, tokens in enumerate(row)
        ]
        for number, row in enumerate(rows or ())
    ]
    if any(cells):
        page.add({"type": "table", "cells": cells, "is_bordered": True})


def _cell(text: RichText, alignment: str, *, header: bool) -> Block:
    cell: Block = {"align": _ALIGNED.get(alignment, "left"), "valign": "top"}
    return cell | ({"text": text} if text else {}) | ({"is_header": True} if header else {})


_Handler = Callable[[Page, Any, Range], None]

_EVENTS = Events(
    starts={
        **INLINE_STARTS,
        "Paragraph": _flush,
        "Heading": _start_heading,
        "BlockQuote": _start_quote,
        "CodeBlock": _start_code,
        "HtmlBlock": _start_html,
        "List": _start_list,
        "Item": _start_item,
        "FootnoteDefinition": _start_footnote,
        "Table": _start_table,
        "TableHead": _start_row,
        "TableRow": _start_row,
        "TableCell": _start_cell,
    },
    ends={
        **INLINE_ENDS,
        "Paragraph": _flush,
        "Heading": _end_heading,
        "BlockQuote": _end_frame,
        "CodeBlock": _end_code,
        "HtmlBlock": _end_html,
        "List": _end_frame,
        "Item": _end_frame,
        "FootnoteDefinition": _end_frame,
        "Table": _end_table,
        "TableHead": _end_row,
        "TableRow": _end_row,
        "TableCell": _end_cell,
    },
    others={**INLINE_OTHERS, "Html": take_html, "TaskListMarker": _task},
    rule=_rule,
    tag=apply_rich_tag,
)
