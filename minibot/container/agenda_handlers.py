"""Wires commands, buttons and due work of the agenda."""

from collections.abc import Mapping
from dataclasses import dataclass

from minibot.app.channels import ChannelSet
from minibot.app.handlers.agenda.actions import AgendaActions
from minibot.app.handlers.agenda.buttons import (
    BoardButton,
    CardEditor,
    EntryButton,
    ReminderButton,
)
from minibot.app.handlers.agenda.quiet_commands import QuietCommands
from minibot.app.handlers.agenda.reminder_commands import ReminderCommands, WishButton
from minibot.app.handlers.agenda.reminder_wishes import ReminderWishes
from minibot.app.handlers.agenda.task_commands import TaskCommands
from minibot.app.handlers.command import Command
from minibot.app.handlers.presses import Button
from minibot.container.agenda import Planning
from minibot.core.ports import Clock, Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaHandlers:
    """What people do about jobs and tasks in the chat."""

    commands: Mapping[str, Command]
    buttons: Mapping[str, Button]


def agenda_handlers(
    planning: Planning, preferences: Preferences, channels: ChannelSet, clock: Clock
) -> AgendaHandlers:
    planner = planning.planner
    # One of each: the lock against double presses is in there.
    actions = AgendaActions(planner, clock)
    wishes = ReminderWishes(preferences, clock)
    editor = CardEditor(channels)
    reminders = ReminderCommands(
        planner=planner, actions=actions, wishes=wishes, channels=channels, clock=clock
    )
    tasks = TaskCommands(planner=planner, actions=actions, agenda=planning.agenda, clock=clock)
    quiet = QuietCommands(planner=planner, quiet=planning.quiet)
    return AgendaHandlers(
        commands=reminders.commands() | tasks.commands() | quiet.commands(),
        buttons={
            ReminderButton.kind: ReminderButton(actions, editor),
            EntryButton.kind: EntryButton(actions, editor, clock),
            BoardButton.kind: BoardButton(actions, editor, clock),
            WishButton.kind: WishButton(planner, actions, wishes, editor=editor, clock=clock),
        },
    )
