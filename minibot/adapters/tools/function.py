"""Tools made of functions."""

import json
from collections.abc import Callable

from pydantic import ValidationError

from minibot.adapters.tools.mending import read_object
from minibot.adapters.tools.schema import Arguments, Signature, ToolFunction, read_signature
from minibot.core.errors import StorageUnavailable, ToolArgumentsInvalid, ToolFailed
from minibot.core.llm import ToolSpec
from minibot.core.ports import Tool
from minibot.core.tools import ToolContext, ToolResult, ToolTraits

MAX_PROBLEMS = 5
"""Mistakes that are told at once."""

MAX_QUOTED = 60
"""Characters of a wrong value that are quoted back."""

NO_TRAITS = ToolTraits()


def function_tool(
    function: ToolFunction,
    *,
    traits: ToolTraits = NO_TRAITS,
    scope: Callable[..., str] | None = None,
) -> Tool:
    """Make a tool of a coroutine function or a bound method.

    Its name is the function's. The first parameter is the `ToolContext`; the others are what the
    model gives, by their types. The docstring is what the model reads: the text before ``Args:``
    describes the tool, the entries of ``Args:`` its arguments.

    Args:
        function: does it, and gives a `ToolResult` or just its text.
        traits: what has to be known to run it safely.
        scope: gives what a lasting permission covers, from the arguments by keyword; the
            arguments themselves when left out.

    Raises:
        TypeError: the function cannot be a tool.
    """
    return FunctionTool(function, read_signature(function), traits=traits, scope=scope)


class FunctionTool:
    """A function the model may call."""

    def __init__(
        self,
        function: ToolFunction,
        signature: Signature,
        *,
        traits: ToolTraits,
        scope: Callable[..., str] | None,
    ) -> None:
        self._function = function
        self._signature = signature
        self._traits = traits
        self._scope = scope
        self._spec = ToolSpec(
            name=signature.name, description=signature.description, parameters=signature.schema
        )
        fields = signature.arguments.model_fields
        self._optional = {name for name, field in fields.items() if not field.is_required()}

    @property
    def spec(self) -> ToolSpec:
        return self._spec

    @property
    def traits(self) -> ToolTraits:
        return self._traits

    def check(self, arguments: str) -> str:
        """Mend and validate; see the port."""
        values = self._validated(arguments).model_dump(mode="json", exclude_defaults=True)
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def scope(self, arguments: str) -> str:
        if self._scope is None:
            return arguments
        return self._scope(**self._values(arguments)) or arguments

    async def run(self, arguments: str, context: ToolContext) -> ToolResult:
        values = self._values(arguments)
        try:
            result = await self._function(context, **values)
        except StorageUnavailable as error:
            raise ToolFailed(str(error), transient=True) from error
        return ToolResult(text=result) if isinstance(result, str) else result

    def _values(self, arguments: str) -> dict[str, object]:
        validated = self._validated(arguments)
        return {name: getattr(validated, name) for name in self._signature.arguments.model_fields}

    def _validated(self, arguments: str) -> Arguments:
        given = read_object(arguments, guess=self._traits.repeatable)
        # many models write null for what they leave out
        meant = {
            name: value
            for name, value in given.items()
            if value is not None or name not in self._optional
        }
        try:
            return self._signature.arguments.model_validate(meant)
        except ValidationError as error:
            raise ToolArgumentsInvalid(self._complaint(error)) from None

    def _complaint(self, error: ValidationError) -> str:
        found = error.errors(include_url=False, include_context=False)
        problems = [
            f'"{_shortened(".".join(map(str, each["loc"])))}": '
            + _problem(each["type"], each["msg"], each["input"])
            for each in found[:MAX_PROBLEMS]
        ]
        return f"{'; '.join(problems)}. {self._signature.usage}"


def _problem(kind: str, message: str, value: object) -> str:
    if kind == "extra_forbidden":
        return "there is no such argument"
    if kind == "missing":
        return "is missing"
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    return f"{said}, got {_shortened(json.dumps(value, ensure_ascii=False, default=str))}"


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"
