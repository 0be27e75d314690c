"""What each event of the parser writes (pulldown-cmark's names)."""

import html
import re
import textwrap
from collections.abc import Callable
from typing import Any

from minibot.adapters.channels.telegram.canvas import (
    BREAK,
    Canvas,
    Code,
    plain_text,
    settle_run,
)
from minibot.adapters.channels.telegram.html_tags import without_comments
from minibot.adapters.channels.telegram.latex import raised
from minibot.adapters.channels.telegram.links import link, picture
from minibot.adapters.channels.telegram.protection import GUARD
from minibot.adapters.channels.telegram.reading import Reading
from minibot.adapters.channels.telegram.tables import Table, draw
from minibot.adapters.channels.telegram.tag_effects import apply_tag
from minibot.adapters.channels.telegram.walking import Numbering, Walk
from minibot.core.messages import SpanKind

_TAB = 4
_BULLETS = "•◦▪"
_DONE, _TO_DO = "✅ ", "☐ "
_RULE = "———"
_LONGEST_LEAD = 300
_NUMBER = re.compile(rb"\s*(\d{1,9})([.)])")
_TASK = re.compile(rb"\s*[-*+]\s+\[([ xX])\]\s")
_INFO = re.compile(r"([\w+#.-]{1,40})(?:(:\S+|,? *\{[^{}]*\}|[ ,]+\w+=.*))?", re.DOTALL)
_PRE = re.compile(r"\s*<pre[^>]*>\n?(.*?)(?:</pre>|\Z)(.*)", re.DOTALL | re.IGNORECASE)
_PRE_LANGUAGE = re.compile(r"<code[^>]*language-([\w+#.-]{1,40})", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ALERTS = {
    "Note": "ℹ️ NOTE",
    "Tip": "💡 TIP",
    "Important": "❗ IMPORTANT",
    "Warning": "⚠️ WARNING",
    "Caution": "🛑 CAUTION",
}

Range = dict[str, int]


def write(reading: Reading) -> Canvas:
    """Write a parsed text; footnotes come last."""
    walk = Walk(reading)
    footnotes: list[int] = []
    in_footnote = False
    may_have = b"[^" in reading.source
    for nth, (payload, span) in enumerate(reading.events):
        if in_footnote or (may_have and _is_footnote(payload)):
            in_footnote = not (in_footnote and _is_footnote(payload))
            footnotes.append(nth)
            continue
        _step(walk, nth, payload, span)
    walk.flush()
    while walk.quotes:
        walk.close_quote()
    walk.canvas.gap(2)
    for nth in footnotes:
        _step(walk, nth, *reading.events[nth])
    walk.flush()
    while walk.quotes:
        walk.close_quote()
    return walk.canvas


def _is_footnote(payload: Any) -> bool:
    if isinstance(payload, str):
        return False
    tag = payload.get("Start") or payload.get("End")
    return tag == "FootnoteDefinition" or (isinstance(tag, dict) and "FootnoteDefinition" in tag)


def _step(walk: Walk, nth: int, payload: Any, span: Range) -> None:
    if isinstance(payload, str):
        if payload == "Rule":
            walk.gap(span["start"])
            walk.canvas.write(_RULE)
        else:
            walk.tokens.append(BREAK)
        return
    for name, value in payload.items():
        if name == "Text":
            _text(walk, value, span)
        elif name == "Start":
            tag, given = next(iter(value.items())) if isinstance(value, dict) else (value, None)
            _STARTS.get(tag, _nothing)(walk, given, span)
        elif name == "End":
            tag = next(iter(value)) if isinstance(value, dict) else value
            _ENDS.get(tag, _nothing)(walk, None, span)
        elif name == "InlineHtml":
            _inline_html(walk, nth, value, span)
        else:
            _OTHERS[name](walk, value, span)


def _nothing(walk: Walk, value: Any, span: Range) -> None:
    """What only holds other things together."""


def _text(walk: Walk, text: str, span: Range) -> None:
    if walk.code is not None:
        walk.code.append(text)
        return
    start = span["start"]
    escaped = text.startswith("|") and walk.reading.source[start - 1 : start] == b"\\"
    walk.text(text, escaped=escaped)


def _source(walk: Walk, text: str) -> str:
    return walk.reading.protected.source_of(text).replace(GUARD, "")


def _inline_html(walk: Walk, nth: int, text: str, span: Range) -> None:
    tag = walk.reading.tags.get(nth)
    if tag is not None:
        apply_tag(walk, tag, span["start"])
    elif not text.startswith("<!--"):
        walk.tokens.append(_source(walk, text))
    elif walk.tokens and isinstance(last := walk.tokens[-1], str):
        walk.tokens[-1] = last.rstrip(" ")


def _code(walk: Walk, text: str, span: Range) -> None:
    walk.tokens.append(Code(_source(walk, text)))


def _html(walk: Walk, text: str, span: Range) -> None:
    if walk.raw is not None:
        walk.raw.append(text)


def _footnote_reference(walk: Walk, label: str, span: Range) -> None:
    walk.tokens.append(_footnote_sign(label))


def _footnote_sign(label: str) -> str:
    return raised(label) if label.isascii() and label.isdecimal() else f"[{label}]"


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


def _start_style(walk: Walk, kind: SpanKind) -> None:
    walk.open_style(kind)


def _end_style(walk: Walk, kind: SpanKind) -> None:
    for style in reversed(walk.styles):
        if style.kind is kind:
            walk.close_style(style)
            return


def _start_quote(walk: Walk, alert: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.open_quote(SpanKind.BLOCKQUOTE)
    if alert in _ALERTS:
        begin = walk.canvas.here()
        walk.canvas.write(_ALERTS[alert])
        walk.canvas.mark(SpanKind.BOLD, begin)
        walk.canvas.gap(1)


def _end_quote(walk: Walk, given: Any, span: Range) -> None:
    walk.close_quote()


def _start_code(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.code = []
    walk.info = _source(walk, given["Fenced"]).strip() if isinstance(given, dict) else ""


def _end_code(walk: Walk, given: Any, span: Range) -> None:
    body = _source(walk, "".join(walk.code or ())).rstrip("\n")
    walk.code = None
    info = _INFO.fullmatch(walk.info)
    language, rest = (info[1], info[2] or "") if info else ("", walk.info)
    if not body.strip():
        body, language, rest = "", "", walk.info
    if rest:
        body = f"{rest.lstrip(':, ')}\n{body}".rstrip("\n")
    if not body:
        return
    walk.bind()
    if not language and walk.info == body:
        walk.canvas.write(body)
    else:
        walk.canvas.block(_without_margin(body.expandtabs(_TAB)), language)


def _without_margin(body: str) -> str:
    """Telegram strips the blanks a block begins with, which would shift its first line."""
    body = body.lstrip("\n")
    return textwrap.dedent(body) if body.startswith(" ") else body


def _start_html(walk: Walk, given: Any, span: Range) -> None:
    walk.gap(span["start"])
    walk.raw = []


def _end_html(walk: Walk, given: Any, span: Range) -> None:
    text = without_comments(_source(walk, "".join(walk.raw or ()))).strip("\n")
    walk.raw = None
    preformatted = _PRE.fullmatch(text)
    if preformatted:
        language = _PRE_LANGUAGE.search(preformatted[1][:200])
        body = html.unescape(_ANY_TAG.sub("", preformatted[1])).rstrip()
        if body.strip():
            walk.canvas.block(
                _without_margin(body.expandtabs(_TAB)), language[1] if language else ""
            )
        text = preformatted[2].strip()
        walk.canvas.gap(1)
    if text.strip():
        walk.bind()
        walk.canvas.write_lines(text.strip())


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
        task = _TASK.match(source, start)
        if task:
            return _TO_DO if task[1] == b" " else _DONE
        return f"{_BULLETS[(walk.bullets - 1) % len(_BULLETS)]} "
    found = _NUMBER.match(source, start)
    number, sign = (int(found[1]), found[2].decode()) if found else (numbering.expected, ".")
    if number == numbering.first:
        number = numbering.expected
    numbering.expected = number + 1
    return f"{number}{sign} "


def _end_item(walk: Walk, given: Any, span: Range) -> None:
    walk.close_item()


def _start_footnote(walk: Walk, label: Any, span: Range) -> None:
    walk.canvas.gap(1)
    walk.open_item(f"{_footnote_sign(str(label))} ")


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
    surplus = _source(walk, surplus).removesuffix("|").strip("| ")
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


def _start_link(walk: Walk, given: Any, span: Range) -> None:
    walk.links.append((len(walk.tokens), _source(walk, given["dest_url"]), bool(walk.links)))


def _end_link(walk: Walk, given: Any, span: Range) -> None:
    begin, url, _ = walk.links.pop()
    walk.tokens[begin:] = link(walk.tokens[begin:], url)


def _end_image(walk: Walk, given: Any, span: Range) -> None:
    begin, url, linked = walk.links.pop()
    walk.tokens[begin:] = picture(walk.tokens[begin:], url, linked=linked)


_Handler = Callable[[Walk, Any, Range], None]

_STARTS: dict[str, _Handler] = {
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
    "Link": _start_link,
    "Image": _start_link,
    "Strong": lambda walk, _given, _span: _start_style(walk, SpanKind.BOLD),
    "Emphasis": lambda walk, _given, _span: _start_style(walk, SpanKind.ITALIC),
    "Strikethrough": lambda walk, _given, _span: _start_style(walk, SpanKind.STRIKETHROUGH),
}
_ENDS: dict[str, _Handler] = {
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
    "Link": _end_link,
    "Image": _end_image,
    "Strong": lambda walk, _given, _span: _end_style(walk, SpanKind.BOLD),
    "Emphasis": lambda walk, _given, _span: _end_style(walk, SpanKind.ITALIC),
    "Strikethrough": lambda walk, _given, _span: _end_style(walk, SpanKind.STRIKETHROUGH),
}
_OTHERS: dict[str, _Handler] = {
    "Code": _code,
    "Html": _html,
    "FootnoteReference": _footnote_reference,
    "TaskListMarker": _task,
}
