"""Reading JSON that somebody else wrote: every function takes anything and never raises."""

import json
from collections.abc import Iterator, Mapping

import orjson

Object = Mapping[str, object]


def parse(data: bytes) -> object:
    """Read JSON; None when it is none.

    orjson is strict and fast; what it refuses (half a surrogate pair, NaN, broken UTF-8) is read
    again with the lenient standard library, because a model's answer is worth more than its form.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def dump(value: object) -> bytes:
    """Write JSON; half a surrogate pair, which UTF-8 cannot hold, becomes a question mark."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        text = json.dumps(value, ensure_ascii=False, default=_unfold)
        return text.encode("utf-8", "replace")


def _unfold(value: object) -> object:
    """Read again what was written before."""
    if isinstance(value, orjson.Fragment):
        return orjson.loads(orjson.dumps(value))
    raise TypeError(f"cannot be written as JSON: {type(value)}")


def as_object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def as_objects(value: object) -> Iterator[Object]:
    """Give the objects of a list, skipping what is none."""
    return (
        (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
    )


def as_text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def as_count(value: object) -> int:
    """Read a number of tokens; 0 when it is none or none that can be."""
    return value if type(value) is int and 0 < value < 2**53 else 0


def as_json_text(value: object) -> str:
    """Give the arguments of a tool call as JSON text, whichever way the server sent them."""
    if isinstance(value, str):
        return as_text(value)
    return "" if value is None else dump(value).decode()


def arguments_object(text: str) -> Object:
    """Read the arguments of a past tool call; empty when the model wrote no JSON object."""
    return as_object(parse(text.encode("utf-8", "replace")))
