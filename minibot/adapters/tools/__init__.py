"""Tools: what the model may do."""

from minibot.adapters.tools.family import Supplies
from minibot.adapters.tools.registry import TOOL_NAMES, TOOLS, build_toolbox, check_tool_names
from minibot.adapters.tools.toolbox import Toolbox

__all__ = ["TOOLS", "TOOL_NAMES", "Supplies", "Toolbox", "build_toolbox", "check_tool_names"]
