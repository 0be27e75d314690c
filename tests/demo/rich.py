"""Rich messages as HTML: their blocks, and the inline texts of these."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from minibot.adapters.channels.telegram.rendering.latex import unicode_formula
from tests.demo.entities import FOLD, address, end_of_fold
from tests.peers.telegram.wire import Json

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "subscript": "sub",
    "superscript": "sup",
    "marked": "mark",
}
_LINKS = {"url", "text_link", "email_address", "anchor_link", "reference_link"}


def to_html(blocks: Sequence[Json]) -> str:
    return "".join(_BLOCKS.get(block["type"], _other)(block) for block in blocks)


def inline(text: Any) -> str:
    """Write an inline text: words, a list of texts, or words with a meaning."""
    if isinstance(text, str):
        return escape(text)
    if isinstance(text, list):
        return "".join(map(inline, text))
    kind = str(text["type"])
    if kind == "mathematical_expression":
        return f'<span class="math">{_formula(text["expression"], display=False)}</span>'
    if kind == "custom_emoji":
        return escape(str(text["alternative_text"]))
    inner = inline(text.get("text", ""))
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{inner}</{_TAGS[kind]}>"
    if kind == "spoiler":
        return f'<span class="spoiler" tabindex="0">{inner}</span>'
    if kind in _LINKS:
        return f'<a href="{address(str(text.get("url", "")))}">{inner}</a>'
    return f'<span class="{escape(kind)}">{inner}</span>'


def _paragraph(block: Json) -> str:
    return f"<p>{inline(block['text'])}</p>"


def _heading(block: Json) -> str:
    return f'<p class="heading size{int(block["size"])}">{inline(block["text"])}</p>'


def _pre(block: Json) -> str:
    language = escape(str(block.get("language", "")))
    label = f'<span class="language">{language}</span>' if language else ""
    return f'<div class="pre">{label}<pre>{inline(block["text"])}</pre></div>'


def _math(block: Json) -> str:
    return f'<p class="math">{_formula(block["expression"], display=True)}</p>'


def _formula(tex: str, *, display: bool) -> str:
    """Write a formula in signs; a client lays it out, which takes more than this page has."""
    return escape(unicode_formula(tex, display=display))


def _list(block: Json) -> str:
    return f"<ul>{''.join(map(_item, block['items']))}</ul>"


def _item(item: Json) -> str:
    box = "☑ " if item.get("is_checked") else "☐ "
    sign = f"{int(item['value'])}. " if "value" in item else "• "
    label = box if item.get("has_checkbox") else sign
    return f'<li><span class="label">{label}</span><div>{to_html(item["blocks"])}</div></li>'


def _quote(block: Json) -> str:
    inner = to_html(block["blocks"]) if "blocks" in block else inline(block["text"])
    return f"<blockquote>{inner}</blockquote>"


def _folded(block: Json) -> str:
    return f"{FOLD}{inline(block['text'])}{end_of_fold()}"


def _details(block: Json) -> str:
    opened = " open" if block.get("is_open") else ""
    summary = inline(block["summary"])
    return f"<details{opened}><summary>{summary}</summary>{to_html(block['blocks'])}</details>"


def _table(block: Json) -> str:
    caption = f"<caption>{inline(block['caption'])}</caption>" if block.get("caption") else ""
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in block["cells"])
    return f'<div class="table"><table>{caption}{rows}</table></div>'


def _cell(cell: Json) -> str:
    tag = "th" if cell.get("is_header") else "td"
    align = escape(str(cell.get("align", "left")))
    spans = "".join(
        f' {name}="{int(cell[name])}"' for name in ("colspan", "rowspan") if cell.get(name)
    )
    return f'<{tag}{spans} style="text-align:{align}">{inline(cell.get("text", ""))}</{tag}>'


def _divider(_: Json) -> str:
    return "<hr>"


def _other(block: Json) -> str:
    """Write the words of a block that has nothing of its own to show."""
    words = inline(block.get("text", ""))
    return (f"<p>{words}</p>" if words else "") + to_html(block.get("blocks", []))


_BLOCKS: dict[str, Callable[[Json], str]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "pre": _pre,
    "mathematical_expression": _math,
    "list": _list,
    "blockquote": _quote,
    "expandable_blockquote": _folded,
    "pullquote": _quote,
    "details": _details,
    "table": _table,
    "divider": _divider,
}
