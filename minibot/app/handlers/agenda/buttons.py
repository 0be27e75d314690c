"""Answers presses of buttons about jobs and tasks."""

from dataclasses import replace

from minibot.app.agenda.asker import asker_of
from minibot.app.channels import ChannelSet
from minibot.app.handlers.agenda.actions import AgendaActions
from minibot.app.handlers.agenda.board import board_card
from minibot.app.handlers.agenda.cards import (
    Card,
    Shown,
    answered_reminder,
    detail_card,
    edit_help,
    reasons,
)
from minibot.app.handlers.agenda.presses import (
    BOARD,
    ENTRY,
    REMINDER,
    Act,
    BoardPress,
    EntryPress,
    Place,
    ReminderPress,
)
from minibot.app.handlers.presses import refused
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.approvals import Refusal
from minibot.core.errors import ScheduleInvalid, StorageError, UnknownEntry
from minibot.core.messages import Press
from minibot.core.outbox import Draft
from minibot.core.planning import Asker
from minibot.core.ports import Clock


def failed(error: Exception) -> tuple[str, Answer]:
    return f"That did not work: {error}", Answer(problem=str(error))


class CardEditor:
    """Puts another card in the place of the one whose button was pressed."""

    def __init__(self, channels: ChannelSet) -> None:
        self._channels = channels

    def show(self, card: Card, context: TurnContext, press: Press) -> Answer:
        chat = context.message.chat
        part = self._channels.render(chat.channel, card.markdown)[0]
        draft = Draft(
            key=f"inbox:{context.item.id}:card",
            chat=chat,
            part=replace(part, buttons=card.buttons),
            inbox_id=context.item.id,
            edits=press.message_id,
        )
        return Answer(drafts=(draft,))


class ReminderButton:
    """Takes the answer to a reminder: snoozed or done."""

    kind = REMINDER

    def __init__(self, actions: AgendaActions, editor: CardEditor) -> None:
        self._actions = actions
        self._editor = editor

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        try:
            pressed = ReminderPress.parse(data)
        except ValueError:
            return refused(Refusal.UNKNOWN)
        if pressed.person_id != context.message.sender.id:
            return refused(Refusal.NOT_YOURS)
        asker = asker_of(context)
        try:
            said, job = await self._actions.answer_reminder(
                asker, pressed.act, pressed.job_id, due=pressed.due
            )
        except UnknownEntry:
            return refused(Refusal.UNKNOWN)
        except (ScheduleInvalid, StorageError) as error:
            return failed(error)
        return said, self._editor.show(answered_reminder(job, said), context, press)


class EntryButton:
    """Does what a button on a detail card says, and shows how the entry stands then."""

    kind = ENTRY

    def __init__(self, actions: AgendaActions, editor: CardEditor, clock: Clock) -> None:
        self._actions = actions
        self._editor = editor
        self._clock = clock

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        try:
            pressed = EntryPress.parse(data)
        except ValueError:
            return refused(Refusal.UNKNOWN)
        if pressed.person_id != context.message.sender.id:
            return refused(Refusal.NOT_YOURS)
        asker = asker_of(context)
        try:
            said = await self._change(asker, pressed)
            shown = self._actions.find(asker, pressed.entry_id)
        except UnknownEntry:
            return refused(Refusal.UNKNOWN)
        card = self._card(asker, shown, pressed)
        return said, self._editor.show(card, context, press)

    async def _change(self, asker: Asker, pressed: EntryPress) -> str:
        if pressed.act in (Act.EDIT, Act.WHY):
            return ""
        try:
            return await self._actions.change(
                asker, pressed.act, pressed.entry_id, version=pressed.version
            )
        except (ScheduleInvalid, StorageError) as error:
            return f"That did not work: {error}"

    def _card(self, asker: Asker, shown: Shown, pressed: EntryPress) -> Card:
        zone, now, note = self._actions.zone(asker), self._clock.now(), ""
        if pressed.act is Act.EDIT:
            note = edit_help(shown)
        elif pressed.act is Act.WHY:
            note = reasons(shown, zone=zone, now=now)
        return detail_card(shown, zone=zone, now=now, place=pressed.place, note=note)


class BoardButton:
    """Turns the pages of a board, and opens what is on it."""

    kind = BOARD

    def __init__(self, actions: AgendaActions, editor: CardEditor, clock: Clock) -> None:
        self._actions = actions
        self._editor = editor
        self._clock = clock

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        try:
            pressed = BoardPress.parse(data)
        except ValueError:
            return refused(Refusal.UNKNOWN)
        if pressed.person_id != context.message.sender.id:
            return refused(Refusal.NOT_YOURS)
        asker, said = asker_of(context), ""
        try:
            card = self._card(asker, pressed.place, pressed.entry_id)
        except UnknownEntry:
            said, card = "It is not there any more.", self._card(asker, pressed.place)
        return said, self._editor.show(card, context, press)

    def _card(self, asker: Asker, place: Place, entry_id: str = "") -> Card:
        zone, now = self._actions.zone(asker), self._clock.now()
        if entry_id:
            shown = self._actions.find(asker, entry_id)
            return detail_card(shown, zone=zone, now=now, place=place)
        entries = self._actions.entries(asker, place.view)
        return board_card(entries, place, person_id=asker.person.id, zone=zone, now=now)
