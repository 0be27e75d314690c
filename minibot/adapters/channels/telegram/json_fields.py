"""Fields of JSON that somebody else wrote, read with distrust."""

import json
from typing import Any

import orjson

Json = dict[str, Any]

_REMOVED = {code: None for code in (*range(9), 11, 12, *range(14, 32), 127)}
"""Control characters have no place in a message; newline, carriage return and tab stay."""


def clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text  # as most are
    return text.translate(_REMOVED).encode("utf-8", "replace").decode()


def text_or_nothing(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def integer(value: Any) -> int:
    """Give a whole number of 64 bits.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number is needed, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise ValueError("the number is beyond 64 bits")
    return value


def mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def covered(text: str, entity: Json) -> str:
    """Cut an entity out; its offsets count UTF-16 code units."""
    start, length = integer(entity.get("offset")), integer(entity.get("length"))
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")


def verbatim(update: Json) -> str:
    try:
        return orjson.dumps(update).decode()
    except orjson.JSONEncodeError:  # a number beyond 64 bits, half a surrogate pair
        return _verbatim_slowly(update)


def _verbatim_slowly(update: Json) -> str:
    try:
        return json.dumps(update)
    except RecursionError:
        return ""
