"""Commands about what minibot remembers, and what it may do by itself."""

import json
from dataclasses import dataclass
from textwrap import shorten

from minibot.app.agent.receipts import undo_button
from minibot.app.agent.tool_context import tool_context, undoable_of
from minibot.app.handlers.command import Command, notice
from minibot.app.handlers.own_data import OwnData
from minibot.app.incognito import Incognito
from minibot.app.markdown import counted, literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.recall import CachedNotes
from minibot.app.wording import Wording, in_own_language
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.notes import MAX_DATA, NotePage
from minibot.core.owners import owner_of
from minibot.core.ports import Approvals, Clock, Toolbox, UndoLog
from minibot.core.tools import ToolResult

PAGE = 15
SHOWN_CHARACTERS = 200
LONGEST_NUMBER = 6
TITLE_CHARACTERS = 60
"""Of a note that is made of something that was said."""
MOST_COLONS = 5
"""In a title that is edited."""

MEMORY_HELP = (
    "`/memory 2` turns the page, `/memory find coffee` searches, `/memory show Title` shows all "
    "of a note, `/memory edit Title: new text` changes it and `/memory delete Title` deletes it."
)
SWITCHED_OFF = "Notes are switched off here."


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCommands:
    """Looking at memory, changing it, doing without it, erasing it."""

    notes: CachedNotes
    toolbox: Toolbox
    undo_log: UndoLog
    approvals: Approvals
    incognito: Incognito
    own_data: OwnData
    clock: Clock
    wording: Wording = in_own_language

    def commands(self) -> dict[str, Command]:
        return {
            "memory": Command(run=self._memory, help="show and edit what I remember about you"),
            "incognito": Command(
                run=self._incognito, help="talk without anything being remembered; again to end"
            ),
            "forget": Command(run=self._forget, help="erase all I have about you: /forget me"),
            "export": Command(
                run=self._export, help="get all I have about you as a file", in_groups=False
            ),
            "permissions": Command(
                run=self._permissions,
                help="show what you allowed for good, and revoke it",
                in_groups=False,
            ),
        }

    async def _memory(self, context: TurnContext, rest: str) -> Answer:
        if self.incognito.is_on(context.item.conversation):
            return Answer(markdown="This conversation is incognito: /incognito ends that.")
        word, _, argument = rest.partition(" ")
        argument = argument.strip()
        match word.lower():
            case "delete" if argument:
                return await self._change(context, "note_delete", title=argument)
            case "edit" if ":" in argument:
                title, data = await self._title_and_text(context, argument)
                return await self._change(context, "note_save", title=title, data=data)
            case "show" if argument:
                return await self._show(context, argument)
            case "find" if argument:
                return await self._list(context, query=argument)
            case number if number.isdecimal() and len(number) <= LONGEST_NUMBER:
                return await self._list(context, page=max(int(number), 1))
            case "":
                return await self._list(context)
        return notice(MEMORY_HELP)

    async def _list(self, context: TurnContext, *, query: str = "", page: int = 1) -> Answer:
        owner = owner_of(context.message, context.settings)
        found = await self.notes.search(owner, query, limit=PAGE, offset=(page - 1) * PAGE)
        if not found.notes:
            if page > 1:
                return Answer(markdown=f"There is no page {page}.")
            where = "" if context.message.private else " in this group"
            what = f"about “{literal(query)}”" if query else "about you"
            return Answer(markdown=f"I remember nothing {what}{where}.")
        return Answer(markdown=_listed(found, page))

    async def _show(self, context: TurnContext, title: str) -> Answer:
        note = await self.notes.get(owner_of(context.message, context.settings), title)
        if note is None:
            return notice("There is no such note. /memory lists them.")
        changed = f"{note.updated_at:%Y-%m-%d %H:%M} UTC"
        return Answer(markdown=f"**{literal(note.title)}** ({changed})\n\n{literal(note.data)}")

    async def _title_and_text(self, context: TurnContext, argument: str) -> tuple[str, str]:
        """Cut at the first colon, unless a note has a title that reaches to a later one."""
        owner = owner_of(context.message, context.settings)
        pieces = argument.split(":")
        for end in range(min(len(pieces) - 1, MOST_COLONS), 1, -1):
            title = " ".join(":".join(pieces[:end]).split())
            note = await self.notes.get(owner, title)
            if note is not None and note.title.casefold() == title.casefold():
                return title, ":".join(pieces[end:]).strip()
        return pieces[0].strip(), ":".join(pieces[1:]).strip()

    async def _change(self, context: TurnContext, name: str, **arguments: str) -> Answer:
        """Change a note as the model would, so that it can be taken back as well."""
        tool = self.toolbox.enabled(context.settings).get(name)
        if tool is None:
            return Answer(markdown=SWITCHED_OFF)
        try:
            result = await tool.run(
                tool.check(json.dumps(arguments)), tool_context(context, self.clock.now())
            )
        except (ToolArgumentsInvalid, ToolFailed) as error:
            return notice(f"That did not work: {literal(str(error))}")
        return await self._with_undo(context, result)

    async def keep(self, context: TurnContext, text: str) -> Answer:
        """Make a note of something that was said."""
        line = " ".join(text.split())
        title = shorten(line, TITLE_CHARACTERS, placeholder="…") or line[:TITLE_CHARACTERS]
        return await self._change(context, "note_save", title=title, data=text.strip()[:MAX_DATA])

    async def _with_undo(self, context: TurnContext, result: ToolResult) -> Answer:
        undoable = undoable_of(result, context, self.clock.now())
        if undoable is None:
            return Answer(markdown=result.receipt or literal(result.text))
        await self.undo_log.add(undoable)
        button = undo_button(undoable.token, self.wording(context.message), alone=True)
        return Answer(markdown=result.receipt, buttons=((button,),))

    async def _incognito(self, context: TurnContext, rest: str) -> Answer:
        conversation = context.item.conversation
        on = not self.incognito.is_on(conversation)
        if rest.lower() in ("on", "off"):
            on = rest.lower() == "on"
        await self.incognito.switch(conversation, on=on)
        if on:
            return Answer(
                markdown="🕶 Incognito: from now on I remember nothing of this conversation, and "
                "know nothing from before. /incognito again ends it."
            )
        return Answer(markdown="Incognito is over; I forgot what was said in it.")

    async def _forget(self, context: TurnContext, rest: str) -> Answer:
        if rest.lower() != "me":
            return Answer(
                markdown="`/forget me` erases all I have about you at once and for good: your "
                "notes, your files, your reminders and tasks, and what we said. `/export` gives "
                "you a copy before."
            )
        erased = await self.own_data.erase(context)
        return Answer(
            markdown=f"Erased for good: {counted(erased.notes, 'note')}, "
            f"{counted(erased.files, 'file')}, "
            f"{counted(erased.plans, 'reminder or task', 'reminders and tasks')}, "
            f"and {counted(erased.entries, 'entry', 'entries')} of what was said."
        )

    async def _export(self, context: TurnContext, _rest: str) -> Answer:
        if not context.message.private:
            return notice("Ask me that in private, so that nobody else gets the file.")
        try:
            packed = await self.own_data.export(context)
        except ToolFailed as error:
            return Answer(markdown=f"That did not work: {literal(str(error))}")
        return Answer(markdown="Here is all I have about you.", files=(packed,))

    async def _permissions(self, context: TurnContext, rest: str) -> Answer:
        person = context.message.sender.id
        word, _, number = rest.partition(" ")
        if word.lower() == "revoke" and number.isdecimal() and len(number) <= LONGEST_NUMBER:
            revoked = await self.approvals.revoke(person, int(number))
            said = "Revoked; I will ask again." if revoked else "There is no such permission."
            return Answer(markdown=said)
        if not context.message.private:
            return notice("Ask me that in private: it tells of what we do there.")
        grants = await self.approvals.grants(person)
        if not grants:
            return Answer(markdown="You allowed nothing for good.")
        lines = [f"{grant.id}. `{grant.tool}` for {literal(grant.scope)}" for grant in grants]
        lines.append("\n`/permissions revoke 1` takes one back.")
        return Answer(markdown="You allowed for good:\n\n" + "\n".join(lines))


def _listed(found: NotePage, page: int) -> str:
    lines = []
    for note in found.notes:
        data = " ".join(note.data.split())
        data = data if len(data) <= SHOWN_CHARACTERS else f"{data[: SHOWN_CHARACTERS - 1]}…"
        lines.append(f"- **{literal(note.title)}**: {literal(data)}")
    last = -(-found.total // PAGE)
    heading = f"I remember {counted(found.total, 'thing')}"
    pages = f" (page {page} of {last})" if last > 1 else ""
    return "\n".join((f"{heading}{pages}:", "", *lines, "", MEMORY_HELP))
