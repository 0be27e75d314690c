"""The command that says when a person wants quiet."""

from dataclasses import dataclass

from minibot.app.agenda.asker import asker_of
from minibot.app.agenda.quiet import QuietHours
from minibot.app.handlers.command import Command
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.errors import ScheduleInvalid
from minibot.core.planning import Asker
from minibot.core.ports import Planner
from minibot.core.quiet import Hours

EXAMPLE = "`/quiet 22:00-7:00`"
WHAT_IT_MEANS = (
    "What I have to say of my own accord then comes in one message at their end. Reminders come "
    "on time all the same, and answers do too."
)
NONE_SET = f"You have no quiet hours. {EXAMPLE} sets them.\n\n{WHAT_IT_MEANS}"
TURNED_OFF = "You have no quiet hours any more."
ASK_ZONE = (
    "Which time zone are you in? Send `/timezone Berlin` (or any other city), and then "
    "`/quiet {hours}` once more."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietCommands:
    """Setting, showing and ending the quiet hours of whoever writes."""

    planner: Planner
    quiet: QuietHours

    def commands(self) -> dict[str, Command]:
        return {"quiet": Command(run=self._quiet, help="show or set your quiet hours")}

    async def _quiet(self, context: TurnContext, rest: str) -> Answer:
        asker = asker_of(context)
        if not rest:
            return Answer(markdown=self._shown(asker))
        if rest.lower() == "off":
            had_some = self.quiet.of(asker.owner) is not None
            await self.quiet.keep(asker.owner, None)
            return Answer(markdown=TURNED_OFF if had_some else NONE_SET)
        try:
            hours = Hours.parse(rest)
        except ScheduleInvalid as error:
            return Answer(
                markdown=f"That did not work: {literal(str(error))}. {EXAMPLE} sets quiet hours, "
                "`/quiet off` ends them."
            )
        if not self.planner.zone_of(asker):
            return Answer(markdown=ASK_ZONE.format(hours=hours))
        await self.quiet.keep(asker.owner, hours)
        return Answer(markdown=self._shown(asker))

    def _shown(self, asker: Asker) -> str:
        hours = self.quiet.of(asker.owner)
        if hours is None:
            return NONE_SET
        zone = literal(self.planner.zone_of(asker) or "UTC")
        now = "It is quiet now. " if self.quiet.end(asker.owner) else ""
        return (
            f"🌙 Quiet from **{hours.begin:%H:%M}** to **{hours.end:%H:%M}** ({zone}). {now}"
            f"{WHAT_IT_MEANS}\n\n`/quiet off` ends them."
        )
