"""Commands that plan reminders, and what their card's buttons do."""

from dataclasses import dataclass, replace

from minibot.app.agenda.asker import asker_of
from minibot.app.agenda.moments import spoken
from minibot.app.channels import ChannelSet
from minibot.app.handlers.agenda.actions import AgendaActions
from minibot.app.handlers.agenda.buttons import CardEditor, failed
from minibot.app.handlers.agenda.cards import Card, dropped_card, saved_card, title, wish_card
from minibot.app.handlers.agenda.presses import WISH, WishAct, WishPress
from minibot.app.handlers.agenda.reminder_wishes import ReminderWish, ReminderWishes
from minibot.app.handlers.agenda.reminder_words import is_relative, read
from minibot.app.handlers.command import Command, notice
from minibot.app.handlers.presses import refused
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.approvals import Refusal
from minibot.core.errors import ScheduleInvalid, StorageError
from minibot.core.jobs import JobKind
from minibot.core.messages import Press
from minibot.core.outbox import Draft
from minibot.core.planning import Asker, JobWish
from minibot.core.ports import Clock, Planner
from minibot.core.when import Spoken

EXAMPLES = """\
- `/remind in 10m water the plants`
- `/remind tomorrow 9:00 call Ann`
- `/remind every mon 10:00 put the bins out`"""

REMIND_HELP = f"Tell me when, and then what:\n\n{EXAMPLES}\n\n/tasks shows what is planned."

ASK_ZONE = (
    "Which time zone are you in? Send `/timezone Berlin` (or any other city), and I go on with "
    "“{words}”."
)
NO_ZONE = "I do not know where you live. `/timezone Berlin` tells me, with any city or zone."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderCommands:
    """Planning a reminder in a few words, and saying where one lives."""

    planner: Planner
    actions: AgendaActions
    wishes: ReminderWishes
    channels: ChannelSet
    clock: Clock

    def commands(self) -> dict[str, Command]:
        return {
            "remind": Command(run=self._remind, help="be reminded: /remind tomorrow 9:00 call Ann"),
            "timezone": Command(run=self._timezone, help="show or set where you live"),
        }

    async def _remind(self, context: TurnContext, rest: str) -> Answer:
        if not rest:
            return notice(REMIND_HELP)
        asker = asker_of(context)
        # Of when it arrived: a turn that is run again means the same moment.
        wish = ReminderWish(
            token=str(context.item.id),
            words=rest,
            asked_at=context.item.received_at,
            zone=self.planner.zone_of(asker),
            chat=asker.chat,
        )
        try:
            return await self._heed(context, asker, wish)
        except ScheduleInvalid as error:
            return notice(f"That did not work: {literal(str(error))}")

    async def _heed(self, context: TurnContext, asker: Asker, wish: ReminderWish) -> Answer:
        said = understood(wish)
        if said is None:
            return notice(f"I did not understand when.\n\n{REMIND_HELP}")
        if not said.text.strip():
            return notice(f"And what shall I say then?\n\n{REMIND_HELP}")
        relative = is_relative(wish.words, wish.asked_at)
        if not relative and not wish.zone:
            await self.wishes.keep(context.message, wish)
            return Answer(markdown=ASK_ZONE.format(words=title(wish.words)))
        if relative and not said.recurrence.repeats:  # nothing to be misunderstood
            card = await self._save(asker, said)
        else:
            card = self._ask(asker, wish, said)
            await self.wishes.keep(context.message, replace(wish, zone=wish.zone or "UTC"))
        return Answer(markdown=card.markdown, buttons=card.buttons)

    def _ask(self, asker: Asker, wish: ReminderWish, said: Spoken) -> Card:
        return wish_card(
            said.text,
            said.recurrence,
            self.planner.preview(said.recurrence),
            now=self.clock.now(),
            token=wish.token,
            person_id=asker.person.id,
        )

    async def _save(self, asker: Asker, said: Spoken) -> Card:
        planned = await self.actions.schedule(asker, job_wish(said))
        return saved_card(planned, zone=self.planner.zone_of(asker), now=self.clock.now())

    async def _timezone(self, context: TurnContext, rest: str) -> Answer:
        asker = asker_of(context)
        if not rest:
            zone = self.planner.zone_of(asker)
            return Answer(markdown=f"You live in {self._there(zone)}." if zone else NO_ZONE)
        try:
            zone = await self.planner.keep_zone(asker, rest)
        except ScheduleInvalid as error:
            return notice(f"That did not work: {literal(str(error))}")
        drafts = await self._go_on(context, asker, zone)
        return Answer(markdown=f"You live in {self._there(zone)}.", drafts=drafts)

    def _there(self, zone: str) -> str:
        now = self.clock.now()
        return f"**{literal(zone)}**, where it is {spoken(now, zone, now)}"

    async def _go_on(self, context: TurnContext, asker: Asker, zone: str) -> tuple[Draft, ...]:
        """Ask about the reminders that waited for the zone, each where it was asked for."""
        drafts: list[Draft] = []
        for wish in self.wishes.of(context.message):
            if wish.zone:
                continue
            wish = replace(wish, zone=zone)
            try:
                said = understood(wish)
                card = self._ask(asker, wish, said) if said else dropped_card(wish.words)
                await self.wishes.keep(context.message, wish)
            except ScheduleInvalid as error:
                await self.wishes.drop(context.message, wish.token)
                card = Card(f"{dropped_card(wish.words).markdown} ({literal(str(error))})")
            drafts += self._drafts(context, wish, card)
        return tuple(drafts)

    def _drafts(self, context: TurnContext, wish: ReminderWish, card: Card) -> list[Draft]:
        part = self.channels.render(wish.chat.channel, card.markdown)[0]
        return [
            Draft(
                key=f"inbox:{context.item.id}:wish:{wish.token}",
                chat=wish.chat,
                part=replace(part, buttons=card.buttons),
                inbox_id=context.item.id,
            )
        ]


class WishButton:
    """Saves what somebody asked for, or drops it."""

    kind = WISH

    def __init__(
        self, planner: Planner, actions: AgendaActions, wishes: ReminderWishes, *,
        editor: CardEditor, clock: Clock,
    ) -> None:  # fmt: skip
        self._planner = planner
        self._actions = actions
        self._wishes = wishes
        self._editor = editor
        self._clock = clock

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        try:
            pressed = WishPress.parse(data)
        except ValueError:
            return refused(Refusal.UNKNOWN)
        if pressed.person_id != context.message.sender.id:
            return refused(Refusal.NOT_YOURS)
        wish = self._wishes.find(context.message, pressed.token)
        said = understood(wish) if wish else None
        if wish is None or said is None:
            return refused(Refusal.DECIDED)
        if pressed.act is WishAct.DROP:
            told, card = "Not saved.", dropped_card(said.text)
        else:
            asker = asker_of(context)
            try:
                planned = await self._actions.schedule(asker, job_wish(said))
            except (ScheduleInvalid, StorageError) as error:
                return failed(error)
            zone = self._planner.zone_of(asker)
            told, card = "Saved.", saved_card(planned, zone=zone, now=self._clock.now())
        # Behind saving: what was saved already is not saved twice, and what is dropped is lost.
        await self._wishes.drop(context.message, pressed.token)
        return told, self._editor.show(card, context, press)


def understood(wish: ReminderWish) -> Spoken | None:
    """Read what somebody asked for. Raises `ScheduleInvalid`."""
    return read(wish.words, now=wish.asked_at, zone=wish.zone)


def job_wish(said: Spoken) -> JobWish:
    return JobWish(text=said.text, kind=JobKind.REMINDER, recurrence=said.recurrence)
