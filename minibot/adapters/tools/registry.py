"""Families of tools by name.

The imports inside the factories are deliberate: the HTTP client takes 0.1 s and 30 MB to load,
which who switches its tools off should not pay.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from difflib import get_close_matches

from minibot.adapters.tools.agenda import AgendaTools
from minibot.adapters.tools.calculator import CalculatorTools
from minibot.adapters.tools.chat_history import ChatHistoryTools
from minibot.adapters.tools.family import Family, Supplies
from minibot.adapters.tools.files import FileTools
from minibot.adapters.tools.notes import NoteTools
from minibot.adapters.tools.time import TimeTools
from minibot.adapters.tools.toolbox import FamilyEntry, Toolbox
from minibot.core.settings import Settings


def build_toolbox(supplies: Supplies) -> Toolbox:
    """Build the toolbox with every family there is."""
    return Toolbox(TOOLS, supplies)


def check_tool_names(settings: Settings) -> list[str]:
    """Give one complaint for each name in tools.disabled that no tool has."""
    return [_complaint(name) for name in settings.tools.disabled if name not in TOOL_NAMES]


def _complaint(name: str) -> str:
    near = get_close_matches(name, TOOL_NAMES, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(sorted(TOOL_NAMES))}"
    return f'there is no tool "{name}"; {hint}'


def _time(supplies: Supplies, closing: AsyncExitStack) -> Family:
    return TimeTools(supplies.clock)


def _calculator(supplies: Supplies, closing: AsyncExitStack) -> Family:
    return CalculatorTools()


def _notes(supplies: Supplies, closing: AsyncExitStack) -> Family:
    return NoteTools(supplies.notes, supplies.clock)


def _chat_history(supplies: Supplies, closing: AsyncExitStack) -> Family:
    return ChatHistoryTools(supplies.history)


def _agenda(supplies: Supplies, closing: AsyncExitStack) -> Family:
    return AgendaTools(supplies.planner, supplies.clock)


def _files(supplies: Supplies, closing: AsyncExitStack) -> Family:
    return FileTools(supplies.files)


def _http(supplies: Supplies, closing: AsyncExitStack) -> Family:
    from minibot.adapters.tools.http.family import HttpTools

    tools = HttpTools()
    closing.push_async_callback(tools.close)
    return tools


def _web_search(supplies: Supplies, closing: AsyncExitStack) -> Family:
    from minibot.adapters.tools.web_search import WebSearchTools

    return WebSearchTools()


TOOLS: Mapping[str, FamilyEntry] = {
    "time": FamilyEntry(names=("current_time",), make=_time),
    "calculator": FamilyEntry(names=("calculate",), make=_calculator),
    "notes": FamilyEntry(
        names=("note_save", "note_get", "note_search", "note_delete"),
        make=_notes,
        is_on=lambda tools: tools.kv_memory.enabled,
    ),
    "chat_history": FamilyEntry(
        names=("chat_history_info", "chat_history_trim", "chat_history_search"),
        make=_chat_history,
    ),
    "agenda": FamilyEntry(
        names=(
            "schedule",
            "list_jobs",
            "update_job",
            "cancel_job",
            "create_task",
            "create_tasks",
            "list_tasks",
            "cancel_task",
        ),
        make=_agenda,
    ),
    "files": FamilyEntry(
        names=("file_write", "file_read", "file_list", "send_file"),
        make=_files,
        is_on=lambda tools: tools.files.enabled,
    ),
    "http": FamilyEntry(
        names=("http_fetch",),
        make=_http,
        is_on=lambda tools: tools.http_client.enabled,
    ),
    "web_search": FamilyEntry(
        names=("web_search",),
        make=_web_search,
        is_on=lambda tools: tools.web_search.enabled,
    ),
}

TOOL_NAMES = frozenset(name for entry in TOOLS.values() for name in entry.names)
