"""Blocks that are shown in a fixed-width font: fenced code, and the raw HTML around it."""

import html
import re
import textwrap
from typing import NamedTuple

from minibot.adapters.channels.telegram.rendering.html_tags import without_comments

_TAB = 4
_INFO = re.compile(r"([\w+#.-]{1,40})(?:(:\S+|,? *\{[^{}]*\}|[ ,]+\w+=.*))?", re.DOTALL)
_PRE = re.compile(r"\s*<pre[^>]*>\n?(.*?)(?:</pre>|\Z)(.*)", re.DOTALL | re.IGNORECASE)
_PRE_LANGUAGE = re.compile(r"<code[^>]*language-([\w+#.-]{1,40})", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


class Preformatted(NamedTuple):
    """A text to be shown as it is."""

    body: str
    language: str = ""
    plain: bool = False
    """True for words that stood where the language does, with no code behind them."""


def read_code(source: str, info: str) -> Preformatted | None:
    """Read a block of code; None when nothing is in it.

    Args:
        source: what stands between the fences.
        info: what stands behind the opening one.
    """
    body = source.rstrip("\n")
    found = _INFO.fullmatch(info)
    language, rest = (found[1], found[2] or "") if found else ("", info)
    if not body.strip():
        body, language, rest = "", "", info
    if rest:
        body = f"{rest.lstrip(':, ')}\n{body}".rstrip("\n")
    if not body:
        return None
    if not language and info == body:
        return Preformatted(body, plain=True)
    return Preformatted(_without_margin(body.expandtabs(_TAB)), language)


def read_html(source: str) -> tuple[Preformatted | None, str]:
    """Read a block of raw HTML: the code it begins with, if it does, and the rest as it stands."""
    text = without_comments(source).strip("\n")
    found = _PRE.fullmatch(text)
    if found is None:
        return None, text.strip()
    language = _PRE_LANGUAGE.search(found[1][:200])
    body = html.unescape(_ANY_TAG.sub("", found[1])).rstrip()
    rest = found[2].strip()
    if not body.strip():
        return None, rest
    return Preformatted(
        _without_margin(body.expandtabs(_TAB)), language[1] if language else ""
    ), rest


def _without_margin(body: str) -> str:
    """Telegram strips the blanks a block begins with, which would shift its first line."""
    body = body.lstrip("\n")
    return textwrap.dedent(body) if body.startswith(" ") else body
