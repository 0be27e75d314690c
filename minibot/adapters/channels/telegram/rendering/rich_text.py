"""A run of words as the text of a rich message (Bot API 10.1, RichText)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minibot.adapters.channels.telegram.rendering.canvas import (
    BREAK,
    Bars,
    Close,
    Code,
    Open,
    Token,
)
from minibot.core.messages import SpanKind

RichText = str | list[Any] | dict[str, Any]
"""Words, words with formatting around them, or several of these."""

_NAMES = {
    SpanKind.BOLD: "bold",
    SpanKind.ITALIC: "italic",
    SpanKind.UNDERLINE: "underline",
    SpanKind.STRIKETHROUGH: "strikethrough",
    SpanKind.SPOILER: "spoiler",
    SpanKind.CODE: "code",
}


@dataclass(eq=False, slots=True)
class Formula(Code):
    """A formula within a line; `text` is how it reads without its signs."""

    tex: str


@dataclass(eq=False, slots=True)
class Shift(Open):
    """Words above or below the line."""

    up: bool = True


def rich_text(tokens: Sequence[Token]) -> RichText:
    """Nest the formatting of a run; what crosses is ended and begun again."""
    open_ones: list[tuple[Open | None, list[Any]]] = [(None, [])]
    for token in tokens:
        inside = open_ones[-1][1]
        if isinstance(token, Open):
            open_ones.append((token, []))
        elif isinstance(token, Close):
            _close(open_ones, token.opening)
        elif isinstance(token, Formula):
            inside.append({"type": "mathematical_expression", "expression": token.tex})
        elif isinstance(token, Code):
            inside.append({"type": "code", "text": token.text})
        else:
            _add(inside, "\n" if token is BREAK else "||" if isinstance(token, Bars) else token)
    while len(open_ones) > 1:
        _end(open_ones)
    return _joined(open_ones[0][1])


def _close(open_ones: list[tuple[Open | None, list[Any]]], wanted: Open) -> None:
    if not any(opening is wanted for opening, _ in open_ones):
        return
    crossed: list[Open] = []
    while (opening := _end(open_ones)) is not wanted:
        crossed.append(opening)
    open_ones += [(opening, []) for opening in reversed(crossed)]


def _end(open_ones: list[tuple[Open | None, list[Any]]]) -> Open:
    """End the innermost formatting."""
    opening, inside = open_ones.pop()
    outside = open_ones[-1][1]
    assert opening is not None  # noqa: S101  # only the outermost is none, and it stays
    if not inside:
        return opening
    given = _formatting(opening)
    if given:
        outside.append({**given, "text": _joined(inside)})
    else:
        for each in inside:
            _add(outside, each)
    return opening


def _formatting(opening: Open) -> dict[str, Any]:
    if isinstance(opening, Shift):
        return {"type": "superscript" if opening.up else "subscript"}
    if opening.kind is SpanKind.TEXT_LINK:
        return {"type": "url", "url": opening.url}
    if opening.kind is SpanKind.DATE_TIME:
        return {
            "type": "date_time",
            "unix_time": opening.unix_time,
            "date_time_format": opening.time_format,
        }
    return {"type": _NAMES[opening.kind]} if opening.kind in _NAMES else {}


def _add(inside: list[Any], piece: Any) -> None:
    if isinstance(piece, str) and inside and isinstance(inside[-1], str):
        inside[-1] += piece
    elif piece:
        inside.append(piece)


def _joined(inside: list[Any]) -> RichText:
    return inside[0] if len(inside) == 1 else inside or ""
