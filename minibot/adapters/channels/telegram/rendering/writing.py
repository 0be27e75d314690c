"""What each event of the parser writes (pulldown-cmark's names)."""

import re
from collections.abc import Callable
from typing import Any

from minibot.adapters.channels.telegram.rendering.canvas import (
    Canvas,
    plain_text,
    settle_run,
)
from minibot.adapters.channels.telegram.rendering.events import Events, take_html
from minibot.adapters.channels.telegram.rendering.inline import (
    INLINE_ENDS,
    INLINE_OTHERS,
    INLINE_STARTS,
    Range,
    footnote_sign,
)
from minibot.adapters.channels.telegram.rendering.preformatted import read_code, read_html
from minibot.adapters.channels.telegram.rendering.reading import Reading
from minibot.adapters.channels.telegram.rendering.tables import Table, draw
from minibot.adapters.channels.telegram.rendering.tag_effects import apply_tag
from minibot.adapters.channels.telegram.rendering.walking import Numbering, Walk
from minibot.core.messages import SpanKind

_BULLETS = "•◦▪"
_DONE, _TO_DO = "✅ ", "☐ "
_RULE = "———"
_LONGEST_LEAD = 300
NUMBER = re.compile(rb"\s*(\d{1,9})([.)])")
TASK = re.compile(rb"\s*[-*+]\s+\[([ xX])\]\s")
ALERTS = {
    "Note": "ℹ️ NOTE",
    "Tip": "💡 TIP",
    "Important": "❗ IMPORTANT",
    "Warning": "⚠️ WARNING",
    "Caution": "🛑 CAUTION",
}


def write(reading: Reading) -> Canvas:
    """Write a parsed text; footnotes come last."""
    walk = Walk(reading)
    footnotes: list[int] = []
    in_footnote = False
    may_have = b"[^" in reading.source
    for nth, (payload, span) in enumerate(reading.events):
        if in_footnote or (may_have and is_footnote(payload)):
            in_footnote = not (in_footnote and is_footnote(payload))
            footnotes.append(nth)
            continue
        _EVENTS.take(walk, nth, payload, span)
    walk.flush()
    while walk.quotes:
        walk.close_quote()
    walk.canvas.gap(2)
    for nth in footnotes:
        _EVENTS.take(walk, nth, *reading.events[nth])
    walk.flush()
    while walk.quotes:
        walk.close_quote()
    return walk.canvas


def is_footnote(payload: Any) -> bool:
    """True for the event at either end of a footnote."""
    if isinstance(payload, str):
        return False
    tag = payload.get("Start") or payload.get("End")
    return tag == "FootnoteDefinition" or (isinstance(tag, dict) and "FootnoteDefinition" in tag)


def _rule(walk: Walk, span: Range) -> None:
    walk.gap(span["start"])
    walk.canvas.write(_RULE)


def _task(walk: Walk, done: bool, span: Range) -> None:
    if walk.lists and walk.lists[-1] is not None:
        walk.tokens.append(_DONE if done else _TO_DO)


def _start_paragraph(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])


def _end_paragraph(walk: Walk, given: Any, span: Range) -> None:
    last = walk.tokens[-1] if walk.tokens else ""
    leads = isinstance(last, str) and last.endswith(":")
    begin = walk.canvas.here() if leads else 0
    walk.flush()
    if leads and walk.canvas.length - begin <= _LONGEST_LEAD:
        walk.led = begin


def _start_heading(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.open_style(SpanKind.BOLD)


def _end_heading(walk: Walk, given: Any, span: Range) -> None:
    seen = plain_text(walk.tokens)
    begin = walk.canvas.here() if seen else 0
    walk.close_style(walk.styles[-1])
    walk.flush()
    walk.styles.clear()
    if seen:
        walk.led = begin


def _start_quote(walk: Walk, alert: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.open_quote(SpanKind.BLOCKQUOTE)
    if alert in ALERTS:
        begin = walk.canvas.here()
        walk.canvas.write(ALERTS[alert])
        walk.canvas.mark(SpanKind.BOLD, begin)
        walk.canvas.gap(1)


def _end_quote(walk: Walk, given: Any, span: Range) -> None:
    walk.close_quote()


def _start_code(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.code = []
    walk.info = walk.source(given["Fenced"]).strip() if isinstance(given, dict) else ""


def _end_code(walk: Walk, given: Any, span: Range) -> None:
    found = read_code(walk.source("".join(walk.code or ())), walk.info)
    walk.code = None
    if found is None:
        return
    walk.bind()
    if found.plain:
        walk.canvas.write(found.body)
    else:
        walk.canvas.block(found.body, found.language)


def _start_html(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.raw = []


def _end_html(walk: Walk, given: Any, span: Range) -> None:
    found, rest = read_html(walk.source("".join(walk.raw or ())))
    walk.raw = None
    if found is not None:
        walk.canvas.block(found.body, found.language)
    walk.canvas.gap(1)
    if rest:
        walk.bind()
        walk.canvas.write_lines(rest)


def _start_list(walk: Walk, first: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.lists.append(None if first is None else Numbering(first, first))
    walk.bullets += first is None


def _end_list(walk: Walk, given: Any, span: Range) -> None:
    walk.bullets -= walk.lists.pop() is None
    walk.canvas.gap(1)


def _start_item(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.open_item(_marker(walk, span["start"]))


def _marker(walk: Walk, start: int) -> str:
    """The sign before an item; numbers that do not count up one by one are kept."""
    source, numbering = walk.reading.source, walk.lists[-1]
    if numbering is None:
        task = TASK.match(source, start)
        if task:
            return _TO_DO if task[1] == b" " else _DONE
        return f"{_BULLETS[(walk.bullets - 1) % len(_BULLETS)]} "
    found = NUMBER.match(source, start)
    sign = found[2].decode() if found else "."
    return f"{numbering.next(int(found[1]) if found else None)}{sign} "


def _end_item(walk: Walk, given: Any, span: Range) -> None:
    walk.close_item()


def _start_footnote(walk: Walk, label: Any, span: Range) -> None:
    walk.canvas.gap(1)
    walk.open_item(f"{footnote_sign(str(label))} ")


def _start_table(walk: Walk, alignments: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.table = Table(alignments)


def _end_table(walk: Walk, given: Any, span: Range) -> None:
    table, walk.table = walk.table, None
    if table is not None:
        walk.bind()
        draw(walk.canvas, table)


def _start_row(walk: Walk, given: Any, span: Range) -> None:
    if walk.table is not None:
        walk.table.rows.append([])


def _end_row(walk: Walk, given: Any, span: Range) -> None:
    """Let the last cell take in the cells that the heading has no place for."""
    surplus = walk.reading.source[walk.cell_end : span["end"]].decode().strip()
    surplus = walk.source(surplus).removesuffix("|").strip("| ")
    if surplus and walk.table is not None and walk.table.rows[-1]:
        walk.table.rows[-1][-1].append(f" | {surplus}")


def _start_cell(walk: Walk, given: Any, span: Range) -> None:
    walk.tokens = []


def _end_cell(walk: Walk, given: Any, span: Range) -> None:
    walk.cell_end = span["end"]
    if walk.table is not None:
        walk.table.rows[-1].append(settle_run(walk.tokens))
    walk.tokens = []
    walk.styles.clear()


_Handler = Callable[[Walk, Any, Range], None]

_EVENTS = Events(
    starts={
        **INLINE_STARTS,
        "Paragraph": _start_paragraph,
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
        "Paragraph": _end_paragraph,
        "Heading": _end_heading,
        "BlockQuote": _end_quote,
        "CodeBlock": _end_code,
        "HtmlBlock": _end_html,
        "List": _end_list,
        "Item": _end_item,
        "FootnoteDefinition": _end_item,
        "Table": _end_table,
        "TableHead": _end_row,
        "TableRow": _end_row,
        "TableCell": _end_cell,
    },
    others={**INLINE_OTHERS, "Html": take_html, "TaskListMarker": _task},
    rule=_rule,
    tag=apply_tag,
)
