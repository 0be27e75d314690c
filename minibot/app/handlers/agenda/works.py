"""Does work whose time has come: says reminders, does tasks."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.digests import digest
from minibot.app.agenda.held import Hold, tell_at_once
from minibot.app.agenda.reports import joined_report, report_of
from minibot.app.agenda.runs import Runs
from minibot.app.agenda.strategies import Done, Strategy
from minibot.app.handlers.agenda.cards import reminder_card
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.errors import (
    IllegalTransition,
    ModelError,
    ModelUnavailable,
    StorageUnavailable,
    ToolFailed,
    UnknownEntry,
)
from minibot.core.inbox import InboxState
from minibot.core.jobs import Notify
from minibot.core.messages import Work, WorkKind
from minibot.core.planning import Asker
from minibot.core.ports import Clock
from minibot.core.tasks import Task, TaskState, retry_at, untold

log = logging.getLogger(__name__)

LATE = timedelta(seconds=60)
"""From here on a reminder says when it was due."""

STORAGE_PAUSE_SECONDS = 1.0

ZoneOf = Callable[[Asker], str]
"""Gives the zone of a person; empty when it is not known."""


class Works:
    """Middleware that does what nobody wrote, and passes everything else on."""

    def __init__(
        self,
        agenda: Agenda,
        runs: Runs,
        strategies: Mapping[str, Strategy],
        *,
        zone_of: ZoneOf,
        clock: Clock,
        hold: Hold = tell_at_once,
    ) -> None:
        self._agenda = agenda
        self._runs = runs
        self._strategies = strategies
        self._zone_of = zone_of
        self._clock = clock
        self._hold = hold

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        work = context.message.work
        if work is None:
            return await call_next(context)
        self._runs.note(context.item.id, work)
        match work.kind:
            case WorkKind.REMINDER:
                return self._remind(work)
            case WorkKind.REPORT:
                return await self._report_batch(work)
            case WorkKind.TASK:
                return await self._do(work, context)

    def _remind(self, work: Work) -> Answer:
        job = self._agenda.job(work.id)
        if job is None or job.in_hand != work.due:
            return Answer(state=InboxState.IGNORED, problem="it was cancelled meanwhile")
        if job.notify is Notify.NEVER:
            return Answer()
        late = work.due if self._clock.now() - work.due > LATE else None
        asker = Asker(owner=job.owner, person=job.person, chat=job.chat, private=job.private)
        zone = self._zone_of(asker) or job.recurrence.zone
        card = reminder_card(job, late_since=late, zone=zone)
        return Answer(markdown=card.markdown, buttons=card.buttons)

    async def _do(self, work: Work, context: TurnContext) -> Answer:
        task = self._agenda.task(work.id)
        if task is None or task.reported or task.started_at != work.due:
            return Answer(state=InboxState.IGNORED, problem="there is nothing to do any more")
        if task.state in (TaskState.SUCCEEDED, TaskState.FAILED):  # before a crash, and not said
            return await self._report(task, Done(text=task.result))
        if task.state is not TaskState.RUNNING:
            return Answer(state=InboxState.IGNORED, problem=f"the task is {task.state.value}")
        try:
            return await self._finish(task, await self._strategy(task)(task, context))
        except ModelUnavailable as error:
            return Answer(state=InboxState.WAITING, problem=str(error))
        except (ModelError, ToolFailed) as error:
            return await self._after_failure(task, str(error), error.transient, context)

    def _strategy(self, task: Task) -> Strategy:
        strategy = self._strategies.get(task.kind)
        if strategy is None:
            raise ToolFailed(f"This version does not know tasks of the kind {task.kind!r}.")
        return strategy

    async def _finish(self, task: Task, done: Done) -> Answer:
        """Record what came of it before it is said: who runs this again says the same."""
        now = self._clock.now()
        try:
            ended = await self._change(
                task, lambda each: each.succeeded(done.text, now, untrusted=done.untrusted)
            )
        except (IllegalTransition, UnknownEntry) as error:
            return Answer(state=InboxState.IGNORED, problem=str(error))
        return await self._report(ended, done)

    async def _after_failure(
        self, task: Task, problem: str, transient: bool, context: TurnContext
    ) -> Answer:
        now = self._clock.now()
        again = transient and task.attempts <= context.settings.tasks.retry_limit
        log.warning("a task failed", extra={"task_id": task.id, "problem": problem, "again": again})

        def change(each: Task) -> Task:
            if again:
                return each.retried(retry_at(each.attempts, now), problem, now)
            return each.failed(problem, now)

        try:
            ended = await self._change(task, change)
        except (IllegalTransition, UnknownEntry) as error:
            return Answer(state=InboxState.IGNORED, problem=str(error))
        if again:
            return Answer(state=InboxState.IGNORED, problem=problem)
        return await self._report(ended, Done(text=""))

    async def _change(self, task: Task, change: Callable[[Task], Task]) -> Task:
        """Record what came of a task, however often the storage fails: it is not done anew."""
        while True:
            try:
                return await self._agenda.change_task(task.id, change)
            except StorageUnavailable:
                log.exception("storage failed; what came of a task is kept and offered again")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)

    async def _report(self, task: Task, done: Done) -> Answer:
        if len(self._agenda.batch(task.batch)) > 1:
            # Told with the others, when all are over.
            return Answer(entries=done.entries, files=done.files)
        if task.state is TaskState.SUCCEEDED and self._is_old_news(task):
            return Answer()
        text = report_of(task)
        if not text:
            return Answer()
        if await self._hold([task], done.files):
            return Answer(entries=done.entries)
        return Answer(
            markdown=text,
            entries=done.entries,
            account=done.account,
            buttons=done.buttons,
            files=done.files,
        )

    async def _report_batch(self, work: Work) -> Answer:
        batch = self._agenda.batch(work.id)
        if not batch or not all(task.over for task in batch):
            return Answer(state=InboxState.IGNORED, problem="some of it runs again")
        due = [task for task in batch if untold(task)]
        if not due:  # held before a crash, and told with others
            return Answer(state=InboxState.IGNORED, problem="it was told already")
        if await self._hold(due):
            return Answer()
        return Answer(markdown=joined_report(batch))

    def _is_old_news(self, task: Task) -> bool:
        job = self._agenda.job(task.job)
        return (
            job is not None
            and job.notify is Notify.ON_CHANGE
            and job.last_result == digest(task.result)
        )
