"""What every tool of the registry has to be, whoever wrote it."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minibot.adapters.tools import TOOL_NAMES, TOOLS, build_toolbox
from minibot.core.errors import ToolArgumentsInvalid, ToolError
from minibot.core.ports import Tool
from minibot.core.tools import ToolResult
from tests.adapters.tools.rig import make_context, make_rig, schema_of
from tests.fakes import make_settings

MOST_SCHEMA_BYTES = 9 * 1024
"""Of all tools together: they go with every question."""

MOST_DESCRIPTION = 600

PORTABLE = {
    "type",
    "description",
    "enum",
    "properties",
    "required",
    "items",
    "minimum",
    "maximum",
    "additionalProperties",
}
CHANGING = {
    "note_save",
    "note_delete",
    "chat_history_trim",
    "file_write",
    "send_file",
    "schedule",
    "update_job",
    "cancel_job",
    "create_task",
    "create_tasks",
    "cancel_task",
}
TYPES = {"string", "integer", "number", "boolean", "array", "object"}

NOWHERE = "http://127.0.0.1:1"
"""Where nobody listens."""

NO_FOLDER = Path("nowhere")
"""Not written to before a tool is called."""

SETTINGS = make_settings(
    tools={"web_search": {"enabled": True, "base_url": NOWHERE}, "http_client": {"enabled": True}}
)


def all_tools() -> list[Tool]:
    return list(build_toolbox(make_rig(NO_FOLDER).supplies).enabled(SETTINGS).values())


def by_name(tool: Tool) -> str:
    return tool.spec.name


every_tool = pytest.mark.parametrize("tool", all_tools(), ids=by_name)


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a schema and those inside it."""
    yield schema
    for inner in (*schema.get("properties", {}).values(), schema.get("items")):
        if inner is not None:
            yield from parts(inner)


@pytest.mark.parametrize("family", TOOLS)
async def test_family_has_the_tools_the_registry_says(family: str) -> None:
    async with AsyncExitStack() as closing:
        made = TOOLS[family].make(make_rig(NO_FOLDER).supplies, closing)
        assert tuple(tool.spec.name for tool in made.tools) == TOOLS[family].names


def test_there_is_no_tool_beside_the_registry() -> None:
    assert {tool.spec.name for tool in all_tools()} == TOOL_NAMES


@every_tool
def test_schema_is_a_strict_and_portable_object(tool: Tool) -> None:
    schema = schema_of(tool.spec)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema.get("required", ())) <= set(schema["properties"])
    for part in parts(schema):
        assert set(part) <= PORTABLE
        assert part["type"] in TYPES


@every_tool
def test_words_are_there_and_few(tool: Tool) -> None:
    assert 20 < len(tool.spec.description) < MOST_DESCRIPTION
    for argument in schema_of(tool.spec)["properties"].values():
        assert len(argument.get("description", "")) < MOST_DESCRIPTION


@every_tool
@pytest.mark.parametrize("name", ["owner", "owner_id", "person_id", "conversation", "chat_id"])
def test_no_model_says_whose_data_is_used(tool: Tool, name: str) -> None:
    assert name not in schema_of(tool.spec)["properties"]
    with pytest.raises(ToolArgumentsInvalid, match=f'"{name}": there is no such argument'):
        tool.check(json.dumps({**_fitting(tool), name: "telegram:7"}))


@every_tool
def test_changing_anything_is_not_repeated_unasked(tool: Tool) -> None:
    assert tool.traits.repeatable is (tool.spec.name not in CHANGING)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@every_tool
@settings(
    max_examples=30,
    deadline=None,
    # what is in the folder does not matter
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_any_arguments_are_refused_or_give_text(
    tool: Tool, tmp_path: Path, data: st.DataObject
) -> None:
    names = [*schema_of(tool.spec)["properties"], "owner"]
    given_arguments = data.draw(
        st.dictionaries(st.sampled_from(names), values, max_size=4)
        | st.fixed_dictionaries({name: st.text() for name in names[:-1]})
        | values
    )
    fresh = build_toolbox(make_rig(tmp_path).supplies)
    try:
        own = fresh.enabled(SETTINGS)[tool.spec.name]
        checked = own.check(json.dumps(given_arguments))
        assert own.check(checked) == checked
        assert own.scope(checked)
        result = await own.run(checked, make_context(settings=SETTINGS))
    except ToolError as error:
        result = ToolResult(text=str(error))
    finally:
        await fresh.close()
    assert result.text
    assert "\n" not in result.receipt


def test_all_schemas_together_are_small() -> None:
    sizes = {
        tool.spec.name: len(
            json.dumps(
                {
                    "name": tool.spec.name,
                    "description": tool.spec.description,
                    "parameters": schema_of(tool.spec),
                },
                ensure_ascii=False,
                separators=(",", ":"),
            ).encode()
        )
        for tool in all_tools()
    }
    assert sum(sizes.values()) <= MOST_SCHEMA_BYTES, sizes


def _fitting(tool: Tool) -> dict[str, object]:
    """Give arguments of the right types."""
    examples = {
        "string": "x",
        "integer": 1,
        "number": 1.5,
        "boolean": True,
        "array": [],
        "object": {},
    }
    schema = schema_of(tool.spec)
    return {
        name: schema["properties"][name].get(
            "enum", [examples[schema["properties"][name]["type"]]]
        )[0]
        for name in schema.get("required", ())
    }
