"""All that is planned for one person: to take along, or to erase."""

from minibot.app.agenda.agenda import Agenda
from minibot.app.running_turns import RunningTurns, work_name
from minibot.core.ports import Entry


class OwnPlans:
    """Finds jobs and tasks by their person, wherever they were asked for."""

    def __init__(self, agenda: Agenda, running: RunningTurns) -> None:
        self._agenda = agenda
        self._running = running

    def of(self, owner: str) -> list[Entry]:
        return [*self._agenda.jobs(owner), *self._agenda.tasks(owner)]

    async def erase(self, owner: str) -> int:
        """Stop and forget all of it, with what is left of it on the disk; gives the number."""
        ids = [entry.id for entry in self.of(owner)]
        if not ids:
            return 0
        for entry_id in ids:
            self._running.stop(work_name(entry_id))
        await self._agenda.forget(ids)
        await self._agenda.compact()
        return len(ids)
