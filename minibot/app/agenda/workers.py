"""Begins tasks: the most urgent first, a few at a time."""

import logging
from datetime import datetime

from minibot.app.agenda.admission import hand_over, task_arrival
from minibot.app.agenda.agenda import Agenda
from minibot.app.first_of import first_of
from minibot.app.running_turns import RunningTurns, work_name
from minibot.core.errors import StorageUnavailable
from minibot.core.ports import Clock, Receive, SettingsSource
from minibot.core.tasks import Task, TaskState

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""The longest until the line is looked at again, whatever happens."""

STORAGE_PAUSE_SECONDS = 1.0


class Workers:
    """Hands tasks over to be done, as many at a time as the settings say.

    What a task does is done as the turn of an inbox item, so that a crash, a model that is away
    and a question for permission are what they are in every turn.
    """

    def __init__(
        self,
        agenda: Agenda,
        *,
        receive: Receive,
        running: RunningTurns,
        settings: SettingsSource,
        clock: Clock,
    ) -> None:
        self._agenda = agenda
        self._receive = receive
        self._running = running
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        while True:
            self._agenda.tasks_changed.clear()
            try:
                self._stop_cancelled()
                await self._begin_ready()
            except StorageUnavailable:
                log.exception("storage failed; tasks wait")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)
            await self._rest()

    async def _rest(self) -> None:
        await first_of(self._clock.sleep(self._pause()), self._agenda.tasks_changed.wait())

    def _pause(self) -> float:
        now = self._clock.now()
        moments = [
            (task.not_before - now).total_seconds()
            for task in self._agenda.tasks(states={TaskState.QUEUED})
            if task.not_before is not None and task.not_before > now
        ]
        return max(min([LOOK_SECONDS, *moments]), 0.0)

    async def _begin_ready(self) -> None:
        now = self._clock.now()
        ready = [task for task in self._agenda.tasks(states={TaskState.QUEUED}) if _may(task, now)]
        ready.sort(key=lambda task: task.rank(now))
        for task in ready[: max(self._free(), 0)]:
            started = task.started(now)
            if await self._agenda.replace(started):
                log.info("a task begins", extra={"task_id": task.id, "attempts": started.attempts})
                await hand_over(
                    self._receive,
                    [task_arrival(started, self._agenda.job(started.job))],
                    self._clock,
                )

    def _free(self) -> int:
        running = len(self._agenda.tasks(states={TaskState.RUNNING}))
        return self._settings.current.tasks.workers - running

    def _stop_cancelled(self) -> None:
        for task in self._agenda.tasks(states={TaskState.CANCELLED}):
            if self._running.stop(work_name(task.id)):
                log.info("a task was cancelled while it ran", extra={"task_id": task.id})


def _may(task: Task, now: datetime) -> bool:
    return task.not_before is None or task.not_before <= now
