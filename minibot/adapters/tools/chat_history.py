"""The conversation itself, looked at from outside."""

import json
from typing import Annotated

from pydantic import Field

from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.wording import one_line
from minibot.core.errors import ToolFailed
from minibot.core.llm import Role
from minibot.core.personal import Excerpt
from minibot.core.ports import History
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits, UndoAction

TAKE_BACK = "chat_history_take_back"

MOST_FOUND = 8
SHOWN_EXCERPT = 400
"""Characters."""

_SPEAKERS = {Role.USER: "person", Role.ASSISTANT: "you", Role.TOOL: "tool"}


class ChatHistoryTools:
    """Looks into the conversation the turn is part of, and into no other."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.tools = (
            function_tool(self.chat_history_info),
            function_tool(
                self.chat_history_trim,
                traits=ToolTraits(effect=Effect.WRITE),
                scope=lambda keep: "the conversation",
            ),
            function_tool(self.chat_history_search),
        )
        self.undo = {TAKE_BACK: self._take_back}

    async def chat_history_info(self, context: ToolContext) -> str:
        """Tell how long this conversation is and since when it goes on."""
        info = await self._history.info(context.conversation)
        since = f", since {info.since:%Y-%m-%d %H:%M} UTC" if info.since else ""
        return (
            f"{info.exchanges} exchanges ({info.entries} entries){since}. "
            f"{info.put_away} older entries are put away: only searching finds them."
        )

    async def chat_history_trim(
        self, context: ToolContext, keep: Annotated[int, Field(ge=0, le=1000)]
    ) -> ToolResult:
        """Put the older part of this conversation away, when the person asks to forget it.

        Args:
            keep: how many of the newest exchanges to keep.
        """
        before = await self._history.info(context.conversation)
        number = await self._history.put_away(context.conversation, keep=keep)
        if not number:
            return ToolResult(text="Nothing was put away: the conversation is no longer than that.")
        return ToolResult(
            text=f"Put {number} entries away. The newest {keep} exchanges are kept.",
            receipt=f"✂️ Put {_entries(number)} of this conversation away",
            undo=UndoAction(
                kind=TAKE_BACK,
                payload=json.dumps(
                    {"conversation": context.conversation, "put_away": before.put_away + number}
                ),
            ),
        )

    async def chat_history_search(
        self, context: ToolContext, query: Annotated[str, Field(max_length=200)]
    ) -> ToolResult:
        """Search all of this conversation, with what you are not shown any more. Use it when the
        person refers to something said earlier.

        Args:
            query: words that were said.
        """
        found = await self._history.search(context.conversation, query, MOST_FOUND)
        if not found:
            return ToolResult(text="Nothing was found. Try fewer or other words.")
        return ToolResult(
            text="\n".join(_line(excerpt) for excerpt in found),
            untrusted=any(excerpt.untrusted for excerpt in found),
        )

    async def _take_back(self, payload: str, owner: str) -> str:
        fields = json.loads(payload)
        conversation = fields["conversation"]
        # Only the last time can be taken back, and that may be somebody's fresh start.
        if (await self._history.info(conversation)).put_away != fields["put_away"]:
            raise ToolFailed("more was put away or brought back since, and is left as it is now")
        number = await self._history.take_back(conversation)
        return f"{_entries(number)} of this conversation are back"


def _line(excerpt: Excerpt) -> str:
    speaker = _SPEAKERS[excerpt.role]
    said = one_line(excerpt.text, SHOWN_EXCERPT)
    return f"{excerpt.written_at:%Y-%m-%d %H:%M} UTC, {speaker}: {said}"


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"
