import json
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.mending import MAX_ARGUMENTS, MAX_DEPTH, MAX_MENDED
from minibot.adapters.tools.schema import ToolFunction
from minibot.core.errors import StorageUnavailable, ToolArgumentsInvalid, ToolFailed
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits
from tests.adapters.tools.rig import call, make_context, schema_of

Headers = dict[str, str]


async def order(
    context: ToolContext,
    dish: str,
    count: Annotated[int, Field(ge=1, le=9)] = 1,
    size: Literal["small", "large"] = "small",
    price: float | None = None,
    extras: list[str] | None = None,
    notes: Headers | None = None,
) -> str:
    """Order something to eat.

    Use it when the person
    is hungry.

    Args:
        dish: what to eat,
            from the menu.
        count: how many.

    Raises:
        ToolFailed: sold out.
    """
    return f"{context.owner} {count} {dish} {size} {price} {extras} {notes}"


ORDER = function_tool(order)
WRITING = function_tool(order, traits=ToolTraits(effect=Effect.WRITE))


def checked(arguments: str) -> object:
    return json.loads(ORDER.check(arguments))


def refusal(arguments: str) -> str:
    with pytest.raises(ToolArgumentsInvalid) as caught:
        ORDER.check(arguments)
    return str(caught.value)


def test_spec_comes_from_name_docstring_and_signature() -> None:
    assert ORDER.spec.name == "order"
    assert ORDER.spec.description == ("Order something to eat. Use it when the person is hungry.")
    assert schema_of(ORDER.spec) == {
        "type": "object",
        "properties": {
            "dish": {"type": "string", "description": "what to eat, from the menu"},
            "count": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how many"},
            "size": {"type": "string", "enum": ["small", "large"]},
            "price": {"type": "number"},
            "extras": {"type": "array", "items": {"type": "string"}},
            "notes": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["dish"],
        "additionalProperties": False,
    }


def test_choice_of_one_is_written_as_a_list() -> None:
    async def act(context: ToolContext, way: Literal["up"]) -> str:
        """Act."""
        return way

    assert schema_of(function_tool(act).spec)["properties"] == {
        "way": {"type": "string", "enum": ["up"]}
    }


@pytest.mark.parametrize(
    ("arguments", "canonical"),
    [
        ('{ "dish" : "soup" }', '{"dish":"soup"}'),
        ('{"price": 2, "dish": "суп"}', '{"dish":"суп","price":2.0}'),
        ('{"dish": "soup", "count": "5"}', '{"count":5,"dish":"soup"}'),
        ('{"dish": 7}', '{"dish":"7"}'),
        ('{"dish": "soup", "price": null, "count": null}', '{"dish":"soup"}'),
        ('{"dish": "soup", "count": 1, "size": "small"}', '{"dish":"soup"}'),
        ('{"dish": "soup", "extras": "[\\"salt\\"]"}', '{"dish":"soup","extras":["salt"]}'),
        ('{"dish": "soup", "notes": "{\\"a\\": 1}"}', '{"dish":"soup","notes":{"a":"1"}}'),
        ('"{\\"dish\\": \\"soup\\"}"', '{"dish":"soup"}'),
        ('{"dish": "a\\ud800b\\u0000"}', '{"dish":"a?b"}'),
        ("{'dish': 'soup',}", '{"dish":"soup"}'),
        ('```json\n{"dish": "soup"}\n```', '{"dish":"soup"}'),
        ('{"dish": "soup"', '{"dish":"soup"}'),
    ],
)
def test_arguments_are_mended_and_written_in_one_form(arguments: str, canonical: str) -> None:
    assert ORDER.check(arguments) == canonical
    assert ORDER.check(canonical) == canonical


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", '"dish": is missing'),
        ("null", '"dish": is missing'),
        ('{"dish": null}', '"dish": should be a valid string, got null'),
        ('{"dish": "a", "count": true}', '"count": must be a number, not true or false'),
        ('{"dish": "a", "price": false}', '"price": must be a number, not true or false'),
        ('{"dish": "a", "count": "many"}', 'got "many"'),
        ('{"dish": "a", "count": 10}', "less than or equal to 9, got 10"),
        ('{"dish": "a", "size": "huge"}', "should be 'small' or 'large', got \"huge\""),
        ('{"dish": "a", "extras": "salt"}', '"extras": should be a valid list, got "salt"'),
        ('{"dish": "a", "extras": ["b", {}]}', '"extras.1": should be a valid string'),
        ('{"dish": "a", "owner_id": "telegram:7"}', '"owner_id": there is no such argument'),
        ('{"dish": "a", "dsh": null}', '"dsh": there is no such argument'),
        ('["soup"]', "must be one JSON object"),
        ("7", "must be one JSON object"),
        ('{"dish": "a", "price": NaN}', "NaN is no number"),
        ('{"dish": "a", "price": 1e999}', '"price": should be a finite number'),
        ('{"dish": "a", "count": ' + "9" * 5000 + "}", "cannot be read"),
        ("soup, please", "no valid JSON"),
    ],
)
def test_what_is_wrong_is_said_so_that_a_model_can_mend_it(arguments: str, said: str) -> None:
    assert said in refusal(arguments)


def test_refusal_names_what_the_tool_takes() -> None:
    assert refusal('{"food": "soup"}').endswith(
        "order takes dish (string), count (integer, optional), size (string, optional), "
        "price (number, optional), extras (array, optional), "
        "notes (object, optional)."
    )


def test_a_long_wrong_value_is_quoted_in_short() -> None:
    assert len(refusal(json.dumps({"dish": "a", "count": "x" * 10_000}))) < 500


def test_arguments_beyond_the_limit_are_refused() -> None:
    assert "262,144 are allowed" in refusal('{"dish": "' + "a" * MAX_ARGUMENTS + '"}')


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000 // 5])
def test_deep_nesting_is_refused(opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    whole = '{"dish": ' + opening * depth + "1" + closing * depth + "}"
    assert "nested deeper" in refusal(whole)
    assert "nested deeper" in refusal('{"dish": ' + opening * min(depth, 6_000))


def test_long_broken_json_is_not_mended() -> None:
    assert "no valid JSON" in refusal('{"dish": "' + '" a ' * (MAX_MENDED // 4) + '"}')


@pytest.mark.parametrize(
    "beginning",
    ['{"dish": "half a na', '{"dish": "soup"', '{"dish": "soup",', '{"dish": "a {b}'],
)
def test_a_cut_call_changes_nothing(beginning: str) -> None:
    with pytest.raises(ToolArgumentsInvalid, match="break off"):
        WRITING.check(beginning)


def test_a_whole_call_that_is_badly_written_is_mended_for_a_writing_tool() -> None:
    assert WRITING.check("{'dish': 'soup',}") == '{"dish":"soup"}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
named = st.dictionaries(
    st.sampled_from(["dish", "count", "size", "price", "extras", "notes", "owner"]),
    json_values,
)


@given(json_values | named)
def test_any_json_is_taken_or_refused(value: object) -> None:
    try:
        canonical = ORDER.check(json.dumps(value))
    except ToolArgumentsInvalid:
        return
    assert ORDER.check(canonical) == canonical


@given(st.text() | st.text('{}[]":,\\ datishu0') | named.map(json.dumps).map(lambda s: s[:-1]))
def test_any_text_is_taken_or_refused(text: str) -> None:
    for tool in (ORDER, WRITING):
        try:
            result = tool.check(text)
        except ToolArgumentsInvalid as error:
            result = str(error)
        assert result


async def test_values_arrive_with_their_types() -> None:
    result = await call(ORDER, dish="soup", count="2", price=3, extras=["salt"], notes={"a": "b"})
    assert result == ToolResult(text="telegram:42 2 soup small 3.0 ['salt'] {'a': 'b'}")


async def test_a_result_is_passed_on_whole() -> None:
    given_back = ToolResult(text="done", receipt="📝 Done", untrusted=True)

    async def act(context: ToolContext) -> ToolResult:
        """Act."""
        return given_back

    assert await function_tool(act).run("{}", make_context()) is given_back


async def test_running_with_arguments_nobody_checked_is_refused() -> None:
    with pytest.raises(ToolArgumentsInvalid):
        await ORDER.run('{"dish": []}', make_context())


async def test_a_storage_that_fails_is_worth_another_try() -> None:
    async def act(context: ToolContext) -> str:
        """Act."""
        raise StorageUnavailable("the disk is full")

    with pytest.raises(ToolFailed, match="the disk is full") as caught:
        await function_tool(act).run("{}", make_context())
    assert caught.value.transient


def test_scope_is_the_arguments_or_what_the_tool_says() -> None:
    scoped = function_tool(order, scope=lambda dish, size, **_: f"{dish}/{size}")
    assert ORDER.scope('{"dish":"soup"}') == '{"dish":"soup"}'
    assert scoped.scope('{"count":2,"dish":"soup"}') == "soup/small"


def test_traits_are_those_given() -> None:
    assert ORDER.traits == ToolTraits()
    assert WRITING.traits.effect is Effect.WRITE


async def no_docstring(context: ToolContext) -> str:
    return ""


async def no_context(dish: str) -> str:
    """Eat."""
    return dish


async def nothing_at_all() -> str:
    """Eat."""
    return ""


async def says_whose(context: ToolContext, owner_id: str) -> str:
    """Eat."""
    return owner_id


async def describes_too_much(context: ToolContext) -> str:
    """Eat.

    Args:
        dish: what.
    """
    return ""


class Menu(BaseModel):
    dish: str


async def takes_a_model(context: ToolContext, menu: Menu) -> str:
    """Eat."""
    return menu.dish


async def takes_either(context: ToolContext, dish: int | str) -> str:
    """Eat."""
    return str(dish)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (no_docstring, "docstring"),
        (no_context, "ToolContext"),
        (nothing_at_all, "ToolContext"),
        (says_whose, "whose data"),
        (describes_too_much, "describes parameters"),
        (takes_either, "choice of types"),
        (takes_a_model, "reference"),
    ],
)
def test_function_that_is_no_tool_is_refused(function: ToolFunction, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        function_tool(function)
