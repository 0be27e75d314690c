"""Reading what a model wrote where JSON was wanted."""

import json
from typing import NoReturn

from minibot.core.errors import ToolArgumentsInvalid

MAX_ARGUMENTS = 256 * 1024
"""Characters."""

MAX_MENDED = 32 * 1024
"""Characters of broken JSON that are mended: the time that takes grows with their square."""

MAX_DEPTH = 32
"""Lists and objects inside each other."""


def read_object(text: str, *, guess: bool) -> dict[str, object]:
    """Read the JSON object that the text is or was meant to be; nothing at all is an empty one.

    Args:
        text: as the model wrote it.
        guess: True to complete a text that breaks off. What it would have gone on with nobody
            knows, so nothing may be changed by what comes of it.

    Raises:
        ToolArgumentsInvalid: it is too large, or no object can be made out in it.
    """
    if len(text) > MAX_ARGUMENTS:
        raise ToolArgumentsInvalid(
            f"The arguments have {len(text):,} characters, {MAX_ARGUMENTS:,} are allowed."
        )
    tree = _parse(text, guess=guess)
    if isinstance(tree, str):  # some models write the object as a JSON string
        tree = _parse(tree, guess=guess)
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ToolArgumentsInvalid(
            'The arguments must be one JSON object, such as {"name": "value"}.'
        )
    return {str(name): clean(value) for name, value in tree.items()}


def clean(value: object, depth: int = 1) -> object:
    """Give a value without what no storage takes: NUL characters and halves of surrogate pairs.

    Raises:
        ToolArgumentsInvalid: it is nested too deeply.
    """
    if depth > MAX_DEPTH:
        _refuse_depth()
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case dict():
            return {str(clean(key)): clean(each, depth + 1) for key, each in value.items()}
        case list():
            return [clean(each, depth + 1) for each in value]
    return value


def _parse(text: str, *, guess: bool) -> object:
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        problem = f"{error.msg}, line {error.lineno} column {error.colno}"
    except RecursionError:
        _refuse_depth()
    except ValueError as error:  # a number of thousands of digits, NaN
        raise ToolArgumentsInvalid(f"The arguments cannot be read: {error}.") from None
    if not guess and _breaks_off(text):
        raise ToolArgumentsInvalid(
            f"The arguments break off ({problem}). Send them again, whole, or in smaller pieces."
        )
    if len(text) > MAX_MENDED:
        raise ToolArgumentsInvalid(f"The arguments are no valid JSON: {problem}.")
    return _mend(text, problem)


def _mend(text: str, problem: str) -> object:
    import json_repair  # most models never need it, and it takes 58 ms to load

    _refuse_deep_brackets(text)
    try:
        mended = json_repair.loads(text, skip_json_loads=True)
    except (ValueError, RecursionError):
        mended = ""
    if not isinstance(mended, dict):
        raise ToolArgumentsInvalid(f"The arguments are no valid JSON: {problem}.")
    return mended


def _breaks_off(text: str) -> bool:
    """Say whether a text may be the beginning of a longer one."""
    body = text.strip().removesuffix("```").rstrip()
    quotes = body.replace("\\\\", "").replace('\\"', "").count('"')
    return not body.endswith("}") or quotes % 2 == 1


def _refuse_deep_brackets(text: str) -> None:
    depth = 0
    for char in text:
        if char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
        if depth > MAX_DEPTH:
            _refuse_depth()


def _refuse_depth() -> NoReturn:
    raise ToolArgumentsInvalid(f"The arguments are nested deeper than {MAX_DEPTH} levels.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
