"""The command that shows and changes jobs and tasks."""

from dataclasses import dataclass, replace
from datetime import timedelta

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.asker import asker_of
from minibot.app.handlers.agenda.actions import AgendaActions
from minibot.app.handlers.agenda.board import board_card
from minibot.app.handlers.agenda.cards import (
    LONGEST_TEXT,
    Shown,
    detail_card,
    edit_help,
    reasons,
)
from minibot.app.handlers.agenda.presses import Act, Place, View
from minibot.app.handlers.agenda.reminder_commands import NO_ZONE
from minibot.app.handlers.agenda.reminder_words import is_relative, read
from minibot.app.handlers.agenda.statistics import statistics, stuck
from minibot.app.handlers.command import Command, is_owner, notice
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.errors import ScheduleInvalid, StorageError, UnknownEntry
from minibot.core.planning import Asker, Planned
from minibot.core.ports import Clock, Entry, Planner
from minibot.core.tasks import Task

TASKS_HELP = (
    "`/tasks` shows what is open, `/tasks done` and `/tasks failed` what is over, "
    "`/tasks stats` and `/tasks stuck` how it goes. With the id of an entry: `/tasks show j2abc`, "
    "and likewise `why`, `edit`, `pause`, `resume`, `run`, `snooze`, `done` and `cancel`."
)

LONGEST_NUMBER = 6
LONGEST_ID = 20

VIEWS = {
    "": View.ALL,
    "all": View.ALL,
    "reminders": View.REMINDERS,
    "tasks": View.TASKS,
    "done": View.DONE,
    "failed": View.FAILED,
}

ACTS = {
    "cancel": Act.CANCEL,
    "pause": Act.PAUSE,
    "resume": Act.RESUME,
    "run": Act.RUN,
    "snooze": Act.SNOOZE,
    "done": Act.DONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCommands:
    """Looking at what is planned and worked on, and changing it."""

    planner: Planner
    actions: AgendaActions
    agenda: Agenda
    """Asked only for what the owner may know of everybody."""
    clock: Clock

    def commands(self) -> dict[str, Command]:
        return {
            "tasks": Command(run=self._tasks, help="show what is planned and worked on"),
        }

    async def _tasks(self, context: TurnContext, rest: str) -> Answer:
        word, _, argument = rest.partition(" ")
        word, argument = word.lower(), argument.strip()
        try:
            if not argument:
                return self._look(context, word)
            return await self._handle(context, word, argument)
        except UnknownEntry:
            return notice("There is no such entry here. /tasks lists those there are.")
        except (ScheduleInvalid, StorageError) as error:
            return notice(f"That did not work: {literal(str(error))}")

    def _look(self, context: TurnContext, word: str) -> Answer:
        if word in VIEWS:
            return self._board(context, Place(view=VIEWS[word]))
        if word.isdecimal() and len(word) <= LONGEST_NUMBER:
            return self._board(context, Place(page=max(int(word), 1)))
        if word == "stats":
            return self._stats(context)
        if word == "stuck":
            return self._stuck(context)
        return notice(TASKS_HELP)

    async def _handle(self, context: TurnContext, word: str, argument: str) -> Answer:
        asker = asker_of(context)
        entry_id, _, change = argument.partition(" ")
        entry_id = entry_id.strip("`").lower()[:LONGEST_ID]
        if word == "edit":
            return await self._edit(asker, entry_id, change.strip())
        if change or (word not in ACTS and word not in ("show", "why")):
            return notice(TASKS_HELP)
        note = ""
        if word in ACTS:
            note = literal(await self.actions.change(asker, ACTS[word], entry_id))
        shown = self.actions.find(asker, entry_id)
        if word == "show" and isinstance(shown, Task) and len(shown.result) > LONGEST_TEXT:
            # A card is one message; behind it comes all that it has no room for.
            card = self._details(asker, shown)
            return replace(card, markdown=f"{card.markdown}\n\n{shown.result}")
        if word == "why":
            note = reasons(shown, zone=self.actions.zone(asker), now=self.clock.now())
        return self._details(asker, shown, note)

    async def _edit(self, asker: Asker, entry_id: str, change: str) -> Answer:
        """Change when something is said, what is said, or both, as far as a time is found."""
        shown = self.actions.find(asker, entry_id)
        if not change or not isinstance(shown, Planned):
            return self._details(asker, shown, edit_help(shown))
        now, zone = self.clock.now(), self.planner.zone_of(asker)
        said = read(change, now=now, zone=zone)
        if said is None:
            edited = await self.planner.edit(asker, entry_id, text=change)
        elif not zone and not is_relative(change, now):
            return Answer(markdown=NO_ZONE)
        else:
            edited = await self.planner.edit(
                asker, entry_id, text=said.text, recurrence=said.recurrence
            )
        return self._details(asker, edited, "Changed.")

    def _board(self, context: TurnContext, place: Place) -> Answer:
        asker = asker_of(context)
        entries = self.actions.entries(asker, place.view)
        zone, now = self.actions.zone(asker), self.clock.now()
        card = board_card(entries, place, person_id=asker.person.id, zone=zone, now=now)
        return Answer(markdown=card.markdown, buttons=card.buttons)

    def _details(self, asker: Asker, shown: Shown, note: str = "") -> Answer:
        zone, now = self.actions.zone(asker), self.clock.now()
        card = detail_card(shown, zone=zone, now=now, place=Place(), note=note)
        return Answer(markdown=card.markdown, buttons=card.buttons)

    def _stats(self, context: TurnContext) -> Answer:
        asker, now = asker_of(context), self.clock.now()
        zone, owner = self.actions.zone(asker), asker.owner
        told = statistics(self._own(asker), owner=owner, zone=zone, now=now)
        if not is_owner(context):
            return Answer(markdown=told)
        everything = statistics(self._everything(), owner=owner, zone=zone, now=now)
        return Answer(markdown=f"**Yours**\n\n{told}\n\n**Everybody's**\n\n{everything}")

    def _stuck(self, context: TurnContext) -> Answer:
        asker = asker_of(context)
        after = timedelta(seconds=context.settings.tasks.stuck_after_seconds)
        entries = self._everything() if is_owner(context) else self._own(asker)
        told = stuck(entries, owner=asker.owner, after=after, now=self.clock.now())
        return Answer(markdown=told)

    def _own(self, asker: Asker) -> list[Entry]:
        return [
            *(planned.job for planned in self.planner.jobs(asker)),
            *self.planner.tasks(asker),
        ]

    def _everything(self) -> list[Entry]:
        return [*self.agenda.jobs(), *self.agenda.tasks()]
