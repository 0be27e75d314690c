"""Work whose time has come, as what a channel hands over: it goes through the same inbox."""

import logging
from collections.abc import Sequence
from datetime import datetime

from minibot.core.errors import StorageUnavailable
from minibot.core.jobs import Job, occurrence_key
from minibot.core.messages import Arrival, IncomingMessage, Work, WorkKind
from minibot.core.ports import Clock, Entry, Receive
from minibot.core.tasks import Task

log = logging.getLogger(__name__)

ACCOUNT = "agenda"
"""Stands where a delivery names the bot: these were delivered by nobody."""

STORAGE_PAUSE_SECONDS = 1.0


async def hand_over(receive: Receive, arrivals: Sequence[Arrival], clock: Clock) -> None:
    """Put work into the inbox, however often the storage fails."""
    while True:
        try:
            await receive(arrivals)
        except StorageUnavailable:
            log.exception("storage failed; what is to be done is handed over again")
            await clock.sleep(STORAGE_PAUSE_SECONDS)
        else:
            return


def reminder_arrival(job: Job, due: datetime) -> Arrival:
    """Make the item that says a reminder, one for each moment however often it is made."""
    work = Work(kind=WorkKind.REMINDER, id=job.id, due=due)
    return _arrival(job, reminder_key(job, due), job.text, work)


def task_arrival(task: Task, job: Job | None) -> Arrival:
    """Make the item that does a task, one for each try however often it is made.

    Args:
        job: the one that made it.
    """
    work = Work(
        kind=WorkKind.TASK,
        id=task.id,
        due=task.started_at or task.created_at,
        repeats=job is not None and job.recurrence.repeats and not job.over,
    )
    return _arrival(task, task_key(task), task.description, work)


def report_arrival(batch: Sequence[Task]) -> Arrival:
    """Make the item that tells of a batch that is over, one however often it is made."""
    first = batch[0]
    work = Work(kind=WorkKind.REPORT, id=first.batch, due=_ended_at(batch))
    return _arrival(first, report_key(batch), first.description, work)


def reminder_key(job: Job, due: datetime) -> str:
    return occurrence_key(job.id, due)


def task_key(task: Task) -> str:
    # By the moment and not by the number of the try, which begins anew with one by hand.
    return occurrence_key(task.id, task.started_at or task.created_at)


def report_key(batch: Sequence[Task]) -> str:
    return occurrence_key(batch[0].batch, _ended_at(batch))


def _ended_at(batch: Sequence[Task]) -> datetime:
    return max(task.finished_at or task.updated_at for task in batch)


def _arrival(entry: Entry, key: str, text: str, work: Work) -> Arrival:
    return Arrival(
        account=ACCOUNT,
        key=key,
        chat=entry.chat,
        raw="",
        message=IncomingMessage(
            id="",
            chat=entry.chat,
            sender=entry.person,
            text=text,
            sent_at=work.due,
            private=entry.private,
            addressed=True,
            work=work,
        ),
        urgent=True,  # whatever is being answered in the chat does not hold it up
    )
