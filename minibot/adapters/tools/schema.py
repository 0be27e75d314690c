"""What a tool takes, read from the signature and the docstring of its function."""

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationInfo,
    create_model,
    field_validator,
)

from minibot.core.tools import ToolContext, ToolResult

ToolFunction = Callable[..., Awaitable[ToolResult | str]]

OWNER_NAMES = frozenset({"owner", "owner_id", "person", "person_id", "user_id"})
"""Parameters that no tool may have: whose data is used is not for a model to say."""

_KEYWORDS = (
    "type",
    "description",
    "enum",
    "properties",
    "required",
    "items",
    "minimum",
    "maximum",
    "additionalProperties",
)
"""The part of JSON Schema that every provider takes."""

_SECTION = re.compile(r"^(Args|Raises|Returns|Yields):\s*$", re.MULTILINE)
_ARGUMENT = re.compile(r"^ {4}(\w+): *", re.MULTILINE)


class Arguments(BaseModel):
    """Base of every tool's arguments: lax where the meaning is plain, strict where it is not."""

    model_config = ConfigDict(
        extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False, protected_namespaces=()
    )

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: object, info: ValidationInfo) -> object:
        kind = _needed(cls.model_fields[info.field_name or ""].annotation)
        if isinstance(value, bool) and kind in (int, float):
            raise ValueError("must be a number, not true or false")
        if isinstance(value, str) and get_origin(kind) in (list, tuple, dict):
            return _unwrapped(value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A tool's name, words and arguments."""

    name: str
    description: str
    schema: str
    """JSON Schema text of the arguments' object."""
    arguments: type[Arguments]
    usage: str
    """The arguments in one line, for who got them wrong."""


def read_signature(function: ToolFunction) -> Signature:
    """Read a function whose first parameter is the context.

    Raises:
        TypeError: it cannot be a tool; the text says why.
    """
    name = function.__name__
    description, described = _read_docstring(function)
    parameters = _parameters(function)
    unknown = sorted(set(described) - set(parameters))
    if unknown:
        raise TypeError(f"the docstring of {name} describes parameters it lacks: {unknown}")
    arguments: type[Arguments] = create_model(name, __base__=Arguments, **_fields(function))  # type: ignore[call-overload]
    schema = _portable(arguments.model_json_schema(), described)
    return Signature(
        name=name,
        description=description,
        schema=json.dumps(schema, ensure_ascii=False, separators=(",", ":")),
        arguments=arguments,
        usage=f"{name} takes {_usage(schema)}.",
    )


def _parameters(function: ToolFunction) -> dict[str, inspect.Parameter]:
    context, *rest = inspect.signature(function).parameters.values() or (None,)
    if context is None or get_type_hints(function).get(context.name) is not ToolContext:
        raise TypeError(f"the first parameter of {function.__name__} must be a ToolContext")
    names = {parameter.name for parameter in rest}
    if names & OWNER_NAMES:
        raise TypeError(f"{function.__name__} must not let a model say whose data it uses")
    return {parameter.name: parameter for parameter in rest}


def _fields(function: ToolFunction) -> dict[str, object]:
    hints = get_type_hints(function, include_extras=True)
    return {
        name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
        for name, parameter in _parameters(function).items()
    }


def _read_docstring(function: ToolFunction) -> tuple[str, dict[str, str]]:
    """Give the words before the first section, and those about each argument."""
    pieces = _SECTION.split(inspect.getdoc(function) or "")
    description = " ".join(pieces[0].split())
    if not description:
        raise TypeError(f"{function.__name__} has no docstring to tell a model what it does")
    sections = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    words = _ARGUMENT.split(sections.get("Args", ""))
    return description, {
        name: " ".join(text.split()).removesuffix(".")
        for name, text in zip(words[1::2], words[2::2], strict=True)
    }


def _portable(schema: Mapping[str, Any], described: Mapping[str, str]) -> dict[str, Any]:
    """Keep of a schema what every provider takes, with the descriptions written into it."""
    return {
        "type": "object",
        "properties": {
            name: _slim(kind) | ({"description": described[name]} if described.get(name) else {})
            for name, kind in schema["properties"].items()
        },
        **({"required": schema["required"]} if schema.get("required") else {}),
        "additionalProperties": False,
    }


def _slim(schema: Mapping[str, Any]) -> dict[str, Any]:
    choices = schema.get("anyOf")
    if choices:
        kinds = [choice for choice in choices if choice != {"type": "null"}]
        if len(kinds) != 1:
            raise TypeError(f"not every provider takes a choice of types: {choices}")
        return _slim({**schema, **kinds[0], "anyOf": None})
    if "$ref" in schema:
        raise TypeError("not every provider takes a reference to another schema")
    kept = {word: schema[word] for word in _KEYWORDS if word in schema}
    if "const" in schema:
        kept["enum"] = [schema["const"]]
    for word in ("items", "additionalProperties"):
        if isinstance(kept.get(word), dict):
            kept[word] = _slim(kept[word])
    return kept


def _usage(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    arguments = (
        f"{name} ({kind.get('type', 'any')}{'' if name in required else ', optional'})"
        for name, kind in schema["properties"].items()
    )
    return ", ".join(arguments) or "no arguments"


def _needed(annotation: object) -> object:
    """Give what a type is when it is not None."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    is_optional = NoneType in get_args(annotation) and len(kinds) == 1
    return kinds[0] if is_optional else annotation


def _unwrapped(text: str) -> object:
    """Read a list or an object that was written as text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
