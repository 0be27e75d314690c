"""Clears away what is over, and notices what is stuck."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from minibot.app.agenda.agenda import Agenda
from minibot.app.event_bus import EventBus
from minibot.core.events import TroubleNoticed
from minibot.core.ports import Clock, SettingsSource
from minibot.core.tasks import Task, TaskState, untold

log = logging.getLogger(__name__)

JOBS_KEPT = timedelta(days=30)
"""Of jobs that are over, so that people can look back."""


class Upkeep:
    """Work on the agenda itself, to be done from time to time."""

    def __init__(
        self, agenda: Agenda, *, bus: EventBus, settings: SettingsSource, clock: Clock
    ) -> None:
        self._agenda = agenda
        self._bus = bus
        self._settings = settings
        self._clock = clock

    async def tidy(self) -> None:
        """Forget tasks and jobs that were over long ago, and give their room back."""
        now = self._clock.now()
        expiry = timedelta(days=self._settings.current.tasks.result_expiry_days)
        old = [
            job.id for job in self._agenda.jobs() if job.over and now - job.updated_at > JOBS_KEPT
        ]
        tasks = self._agenda.tasks()
        needed = _needed(tasks)
        old += [
            task.id
            for task in tasks
            if task.over
            and now - task.updated_at > expiry
            and task.id not in needed
            and not (task.held and untold(task))
        ]
        if old:
            await self._agenda.forget(old)
            log.info("entries that were over are forgotten", extra={"count": len(old)})
        await self._agenda.compact()

    async def find_stuck(self) -> None:
        """Tell the owner of tasks that run and show no sign of progress."""
        for task in stuck_tasks(self._agenda, self._settings, self._clock):
            minutes = int((self._clock.now() - task.updated_at).total_seconds() // 60)
            self._bus.publish(
                TroubleNoticed(
                    topic=f"stuck {task.id}",
                    text=f"The task {task.id} of {task.owner} has been at work for {minutes} "
                    "minutes without a sign of progress. /tasks stuck lists all of them.",
                )
            )


def _needed(tasks: Sequence[Task]) -> set[str]:
    """Name what others that are not over will ask for: parents, and the rest of a batch."""
    at_work = [task for task in tasks if not task.over]
    batches = {task.batch for task in at_work if task.batch}
    parents = {parent for task in at_work for parent in task.parents}
    return parents | {task.id for task in tasks if task.batch in batches}


def stuck_tasks(agenda: Agenda, settings: SettingsSource, clock: Clock) -> list[Task]:
    limit = timedelta(seconds=settings.current.tasks.stuck_after_seconds)
    now = clock.now()
    running = agenda.tasks(states={TaskState.RUNNING})
    return [task for task in running if now - task.updated_at > limit]
