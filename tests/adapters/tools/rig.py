"""What the tools are tested with."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minibot.adapters.calendar import SystemCalendar
from minibot.adapters.files.folders import FolderFiles
from minibot.adapters.storage import Storage, in_memory_storage
from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.adapters.tools import Supplies
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.planner import AgendaPlanner
from minibot.app.agenda.strategies import KINDS
from minibot.core.llm import ToolSpec
from minibot.core.messages import ChatRef, Person
from minibot.core.ports import Tool
from minibot.core.settings import Settings
from minibot.core.tools import ToolContext, ToolResult
from tests.fakes import START, FakeClock, make_chat, make_settings

OWNER = "telegram:42"


def make_context(
    *,
    owner: str = OWNER,
    chat: ChatRef | None = None,
    settings: Settings | None = None,
) -> ToolContext:
    place = chat or make_chat()
    return ToolContext(
        person=Person(id="42", name="Ann"),
        owner=owner,
        chat=place,
        conversation=place.key,
        now=START,
        settings=settings or make_settings(),
    )


async def call(tool: Tool, context: ToolContext | None = None, **arguments: Any) -> ToolResult:
    """Call a tool as a model would: checked first."""
    checked = tool.check(json.dumps(arguments))
    return await tool.run(checked, context or make_context())


def schema_of(spec: ToolSpec) -> dict[str, Any]:
    schema = json.loads(spec.parameters)
    assert isinstance(schema, dict)
    return schema


@dataclass(slots=True)
class Rig:
    """Supplies whose storage lives in memory, and whose files lie in a folder."""

    clock: FakeClock
    storage: Storage
    agenda: Agenda
    supplies: Supplies


def make_rig(folder: Path) -> Rig:
    clock = FakeClock()
    storage = in_memory_storage(clock)
    agenda = Agenda(InMemoryAgenda(AgendaRows()), clock)
    supplies = Supplies(
        history=storage.history,
        notes=storage.notes,
        files=FolderFiles(folder, FixedSettings(make_settings())),
        planner=make_planner(agenda, storage, clock),
        clock=clock,
    )
    return Rig(clock=clock, storage=storage, agenda=agenda, supplies=supplies)


def make_planner(agenda: Agenda, storage: Storage, clock: FakeClock) -> AgendaPlanner:
    return AgendaPlanner(
        agenda,
        SystemCalendar(),
        storage.preferences,
        kinds=KINDS,
        settings=FixedSettings(make_settings()),
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class FixedSettings:
    """Settings that nobody changes."""

    current: Settings
