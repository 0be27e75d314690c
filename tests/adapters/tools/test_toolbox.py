from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from minibot.adapters.tools import TOOL_NAMES, TOOLS, Toolbox, build_toolbox, check_tool_names
from minibot.adapters.tools.family import Family, Supplies, UndoFunction
from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.toolbox import FamilyEntry
from minibot.core.errors import StorageUnavailable, ToolFailed
from minibot.core.ports import Tool
from minibot.core.tools import ToolContext, UndoAction
from tests.adapters.tools.rig import OWNER, Rig, call, make_rig
from tests.fakes import make_settings

SEARCH = {"enabled": True, "provider": "searxng", "base_url": "http://127.0.0.1:1"}
ALL = {"web_search": SEARCH}
ALWAYS = {
    "calculate",
    "cancel_job",
    "cancel_task",
    "chat_history_info",
    "chat_history_search",
    "chat_history_trim",
    "create_task",
    "create_tasks",
    "current_time",
    "list_jobs",
    "list_tasks",
    "schedule",
    "update_job",
}


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return make_rig(tmp_path)


def test_everything_can_be_switched_on(rig: Rig) -> None:
    toolbox = build_toolbox(rig.supplies)
    assert set(toolbox.enabled(make_settings(tools=ALL))) == TOOL_NAMES


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("kv_memory", {"note_save", "note_get", "note_search", "note_delete"}),
        ("http_client", {"http_fetch"}),
        ("web_search", {"web_search"}),
        ("files", {"file_write", "file_read", "file_list", "send_file"}),
    ],
)
def test_section_switches_its_family_off(rig: Rig, section: str, names: set[str]) -> None:
    settings = make_settings(tools={**ALL, section: {"enabled": False}})
    assert set(build_toolbox(rig.supplies).enabled(settings)) == TOOL_NAMES - names


def test_what_has_no_switch_is_always_there(rig: Rig) -> None:
    sections = ("kv_memory", "http_client", "web_search", "files")
    settings = make_settings(tools={section: {"enabled": False} for section in sections})
    assert set(build_toolbox(rig.supplies).enabled(settings)) == ALWAYS


def test_tools_are_disabled_by_name(rig: Rig) -> None:
    settings = make_settings(tools={**ALL, "disabled": ["calculate", "note_delete"]})
    assert set(build_toolbox(rig.supplies).enabled(settings)) == TOOL_NAMES - {
        "calculate",
        "note_delete",
    }


def test_names_are_those_of_the_tools(rig: Rig) -> None:
    enabled = build_toolbox(rig.supplies).enabled(make_settings(tools=ALL))
    assert [tool.spec.name for tool in enabled.values()] == list(enabled)


def test_mapping_stays_while_the_section_does(rig: Rig) -> None:
    toolbox = build_toolbox(rig.supplies)
    settings = make_settings()
    other = settings.model_copy(update={"llm": settings.llm.model_copy()})
    first = toolbox.enabled(settings)
    assert toolbox.enabled(other) is first
    assert toolbox.enabled(make_settings(tools={"max_steps": 3})) is not first


async def test_tool_works_on_what_was_supplied(rig: Rig) -> None:
    toolbox = build_toolbox(rig.supplies)
    saved = await call(toolbox.enabled(make_settings())["note_save"], title="tea", data="green")
    assert saved.undo is not None
    await toolbox.undo(saved.undo, OWNER)
    assert await rig.storage.notes.get(OWNER, "tea") is None


async def test_undo_works_although_its_tool_was_switched_off(rig: Rig) -> None:
    tool = build_toolbox(rig.supplies).enabled(make_settings())["note_save"]
    saved = await call(tool, title="tea", data="green")
    after_restart = build_toolbox(rig.supplies)
    after_restart.enabled(make_settings(tools={"kv_memory": {"enabled": False}}))
    assert saved.undo is not None
    assert await after_restart.undo(saved.undo, OWNER) == "tea is forgotten again"


async def test_unknown_way_back_is_refused(rig: Rig) -> None:
    toolbox = build_toolbox(rig.supplies)
    with pytest.raises(ToolFailed, match="cannot be taken back"):
        await toolbox.undo(UndoAction(kind="unbake", payload="{}"), OWNER)
    await toolbox.close()


def test_every_kind_of_undoing_belongs_to_one_family(rig: Rig) -> None:
    stack = AsyncExitStack()
    kinds = [kind for entry in TOOLS.values() for kind in entry.make(rig.supplies, stack).undo]
    assert len(kinds) == len(set(kinds))


class Oven:
    """A family that has to be closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.tools: tuple[Tool, ...] = (function_tool(self.bake),)
        self.undo: dict[str, UndoFunction] = {"unbake": self._unbake}

    async def bake(self, context: ToolContext) -> str:
        """Bake."""
        return "bread"

    async def close(self) -> None:
        self.closed += 1

    async def _unbake(self, payload: str, owner: str) -> str:
        raise StorageUnavailable("the disk is full")


def kitchen(oven: Oven, rig: Rig) -> Toolbox:
    def make(supplies: Supplies, closing: AsyncExitStack) -> Family:
        closing.push_async_callback(oven.close)
        return oven

    entry = FamilyEntry(names=("bake",), make=make, is_on=lambda tools: tools.files.enabled)
    return Toolbox({"oven": entry}, rig.supplies)


async def test_families_are_closed_once_when_they_were_made(rig: Rig) -> None:
    oven, unused = Oven(), Oven()
    toolbox, idle = kitchen(oven, rig), kitchen(unused, rig)
    toolbox.enabled(make_settings())
    idle.enabled(make_settings(tools={"files": {"enabled": False}}))
    idle.enabled(make_settings(tools={"disabled": ["bake"]}))
    for each in (toolbox, idle, toolbox):
        await each.close()
    assert (oven.closed, unused.closed) == (1, 0)


async def test_undoing_that_the_storage_prevents_may_be_tried_again(rig: Rig) -> None:
    with pytest.raises(ToolFailed, match="the disk is full") as caught:
        await kitchen(Oven(), rig).undo(UndoAction(kind="unbake", payload=""), OWNER)
    assert caught.value.transient


def test_known_names_raise_no_complaint() -> None:
    assert check_tool_names(make_settings(tools={"disabled": sorted(TOOL_NAMES)})) == []


def test_unknown_names_are_told_with_the_nearest() -> None:
    complaints = check_tool_names(make_settings(tools={"disabled": ["calculat", "http", "zzz"]}))
    assert len(complaints) == 3
    assert complaints[0] == 'there is no tool "calculat"; did you mean "calculate"?'
    assert 'there is no tool "zzz"; known are: calculate, cancel_job' in complaints[2]
