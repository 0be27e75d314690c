"""What people and the model can ask for to happen later."""

from collections.abc import Collection
from datetime import datetime

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.job_planner import JobPlanner
from minibot.app.agenda.occasions import SHOWN, Occasions
from minibot.app.agenda.task_planner import TaskPlanner
from minibot.core.jobs import Recurrence
from minibot.core.planning import Asker
from minibot.core.ports import Calendar, Clock, Preferences, SettingsSource

TIMEZONE = "timezone"
"""Name of the preference; kept under a person's own name, which is the key of the private chat."""


class AgendaPlanner(JobPlanner, TaskPlanner):
    """Implements `minibot.core.ports.Planner` on the agenda."""

    def __init__(
        self,
        agenda: Agenda,
        calendar: Calendar,
        preferences: Preferences,
        *,
        kinds: Collection[str],
        settings: SettingsSource,
        clock: Clock,
    ) -> None:
        """Store what it works with.

        Args:
            kinds: of the tasks that can be done.
        """
        occasions = Occasions(calendar, clock)
        JobPlanner.__init__(self, agenda, occasions, settings=settings, clock=clock)
        TaskPlanner.__init__(self, agenda, kinds=kinds, settings=settings, clock=clock)
        self._calendar = calendar
        self._preferences = preferences

    def zone_of(self, asker: Asker) -> str:
        return self._preferences.get(asker.owner, TIMEZONE)

    async def keep_zone(self, asker: Asker, name: str) -> str:
        zone = self._calendar.zone(name)
        if zone != self.zone_of(asker):
            await self._preferences.set(asker.owner, TIMEZONE, zone)
        return zone

    def preview(self, recurrence: Recurrence, count: int = SHOWN) -> tuple[datetime, ...]:
        return self._occasions.ahead(self._occasions.sound(recurrence), count)
