"""Commands and buttons about jobs and tasks, in front of a real planner."""

from dataclasses import dataclass, replace
from typing import Any

from minibot.app.handlers import presses
from minibot.app.handlers.agenda.actions import AgendaActions
from minibot.app.handlers.agenda.buttons import (
    BoardButton,
    CardEditor,
    EntryButton,
    ReminderButton,
)
from minibot.app.handlers.agenda.reminder_commands import ReminderCommands, WishButton
from minibot.app.handlers.agenda.reminder_wishes import ReminderWishes
from minibot.app.handlers.agenda.task_commands import TaskCommands
from minibot.app.handlers.commands import Commands
from minibot.app.pipeline import Answer, Handler, TurnContext, compose
from minibot.core.jobs import Job
from minibot.core.messages import Button, Press
from minibot.core.ports import Entry
from tests.app.agenda.planning import Planning, make_asker
from tests.app.rig import Rig, in_background
from tests.app.turn_context import make_context

OTHER = "43"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What came of a press."""

    said: str
    """To whoever pressed."""
    answer: Answer

    @property
    def text(self) -> str:
        """What the message says now."""
        (draft,) = self.answer.drafts
        return draft.part.text

    @property
    def buttons(self) -> list[Button]:
        (draft,) = self.answer.drafts
        return [button for row in draft.part.buttons for button in row]


class AgendaDesk:
    """The chat of a person; another one on the same planning is what a restart leaves."""

    def __init__(self, planning: Planning | None = None) -> None:
        self.planning = planning or Planning()
        self.clock = self.planning.clock
        self._rig = Rig()
        self._items = 0
        actions = AgendaActions(self.planning.planner, self.clock)
        wishes = ReminderWishes(self.planning.preferences, self.clock)
        editor = CardEditor(self._rig.channels)
        reminders = ReminderCommands(
            planner=self.planning.planner,
            actions=actions,
            wishes=wishes,
            channels=self._rig.channels,
            clock=self.clock,
        )
        tasks = TaskCommands(
            planner=self.planning.planner,
            actions=actions,
            agenda=self.planning.agenda,
            clock=self.clock,
        )
        buttons: dict[str, presses.Button] = {
            ReminderButton.kind: ReminderButton(actions, editor),
            EntryButton.kind: EntryButton(actions, editor, self.clock),
            BoardButton.kind: BoardButton(actions, editor, self.clock),
            WishButton.kind: WishButton(
                self.planning.planner, actions, wishes, editor=editor, clock=self.clock
            ),
        }
        self.handle: Handler = compose(
            _fail,
            [
                presses.Presses(buttons, self._rig.channels),
                Commands(reminders.commands() | tasks.commands()),
            ],
        )

    def context(self, text: str = "", **fields: Any) -> TurnContext:
        """Give the context of something new; `item_id` has it be something from before."""
        self._items += 1
        fields = {"item_id": self._items, **fields}
        context = make_context(text, settings=self.planning.live.current, **fields)
        return replace(context, item=replace(context.item, received_at=self.clock.now()))

    async def answer(self, text: str, **fields: Any) -> Answer:
        return await self.handle(self.context(text, **fields))

    async def say(self, text: str, **fields: Any) -> str:
        return (await self.answer(text, **fields)).markdown

    async def press(self, button: Button | str, **fields: Any) -> Pressed:
        """Press a button under message m9."""
        before = len(self._rig.channel.acknowledged)
        async with in_background(self._rig.channels.run):
            answer = await self.turn_of_press(button, **fields)
        ((_, said),) = self._rig.channel.acknowledged[before:]
        return Pressed(said=said, answer=answer)

    async def turn_of_press(self, button: Button | str, **fields: Any) -> Answer:
        """Press a button without listening to what is said to whoever presses."""
        data = button.data if isinstance(button, Button) else button
        press = Press(id="p1", data=data, message_id="m9")
        return await self.handle(self.context(press=press, **fields))

    async def keep(self, *entries: Entry) -> None:
        await self.planning.agenda.add(*entries)

    def job(self, job_id: str) -> Job:
        job = self.planning.agenda.job(job_id)
        assert job is not None
        return job

    def jobs(self) -> list[Job]:
        return self.planning.agenda.jobs()

    async def live_in(self, zone: str) -> None:
        await self.planning.planner.keep_zone(make_asker(), zone)


def buttons_of(answer: Answer) -> list[Button]:
    return [button for row in answer.buttons for button in row]


def labelled(buttons: list[Button], label: str) -> Button:
    """Find the button whose label holds this word."""
    (found,) = (button for button in buttons if label in button.label)
    return found


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError
