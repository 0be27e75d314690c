"""What is not told while a person wants quiet: kept, and told in one message when that is over."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.digest_words import digest_of
from minibot.app.agenda.quiet import QuietHours
from minibot.app.channels import ChannelSet
from minibot.core.errors import StorageUnavailable
from minibot.core.messages import ChatRef, OutgoingFile
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Tell
from minibot.core.tasks import Task, gathered, held_back, untold

log = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
"""The longest until a clock that was set, or hours that were changed, are noticed."""

STORAGE_PAUSE_SECONDS = 1.0

EndTold = Callable[[Task], Awaitable[None]]
"""Notes that a task was told, and ends the run it belongs to."""


class Hold(Protocol):
    """Keeps what came of tasks for later, when that is wanted."""

    async def __call__(
        self, tasks: Sequence[Task], files: tuple[OutgoingFile, ...] = (), /
    ) -> bool:
        """Say whether these, which would be told now, are kept; that is durable then.

        Args:
            tasks: of one person, over and not told.
            files: to be sent with them.
        """


async def tell_at_once(_tasks: Sequence[Task], _files: tuple[OutgoingFile, ...] = ()) -> bool:
    """Keep nothing: the `Hold` of those who know no quiet hours."""
    return False


class HoldBack:
    """Implements `Hold` for the quiet hours of people.

    It is asked where something is about to be told, and nowhere else: what is said already is
    never kept, and what was kept once stays so for whoever runs the same turn again.
    """

    def __init__(self, agenda: Agenda, quiet: QuietHours, clock: Clock) -> None:
        self._agenda = agenda
        self._quiet = quiet
        self._clock = clock

    async def __call__(self, tasks: Sequence[Task], files: tuple[OutgoingFile, ...] = ()) -> bool:
        while True:
            due = [task for task in self._as_they_stand(tasks) if untold(task)]
            loose = [task for task in due if not task.held]
            if not loose:
                return bool(due)
            if self._quiet.end(loose[0].owner) is None:
                return False
            now = self._clock.now()
            try:
                if await self._agenda.replace(*(held_back(task, now, files) for task in loose)):
                    log.info("a report waits for the end of quiet hours", extra=_named(loose))
                    return True
            except StorageUnavailable:
                log.exception("storage failed; a report is kept and offered again")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)

    def _as_they_stand(self, tasks: Sequence[Task]) -> list[Task]:
        return [task for each in tasks if (task := self._agenda.task(each.id)) is not None]


class Digests:
    """Tells what was kept, in one message a person and chat, once their quiet hours are over.

    Which tasks a message tells of is recorded before it is queued, and that it is queued before
    they count as told. Whoever dies between finds the same tasks for the same message, whose key
    the outbox knows: it is said once, and nothing is left out.
    """

    def __init__(
        self,
        agenda: Agenda,
        quiet: QuietHours,
        *,
        channels: ChannelSet,
        tell: Tell,
        end: EndTold,
        clock: Clock,
    ) -> None:
        self._agenda = agenda
        self._quiet = quiet
        self._channels = channels
        self._tell = tell
        self._end = end
        self._clock = clock

    async def run(self) -> None:
        while True:
            try:
                await self.tell()
                pause = self._pause()
            except StorageUnavailable:
                log.exception("storage failed; what was held back waits")
                pause = STORAGE_PAUSE_SECONDS
            await self._clock.sleep(pause)

    async def tell(self) -> None:
        """Tell what is kept for those for whom it is not quiet any more."""
        now = self._clock.now()
        for tasks in _grouped(task for task in self._ready() if not task.digest):
            name = f"{tasks[0].id}.{tasks[0].version}"
            await self._agenda.replace(*(gathered(task, name, now) for task in tasks))
        for tasks in _grouped(task for task in self._ready() if task.digest):
            await self._tell(self._drafts(tasks))
            for task in tasks:
                await self._end(task)
            log.info("what was held back is told", extra=_named(tasks))

    def _held(self) -> list[Task]:
        return [task for task in self._agenda.tasks() if task.held and untold(task)]

    def _ready(self) -> list[Task]:
        return [task for task in self._held() if self._quiet.end(task.owner) is None]

    def _pause(self) -> float:
        now = self._clock.now()
        ends = (self._quiet.end(owner) for owner in {task.owner for task in self._held()})
        left = [(end - now).total_seconds() for end in ends if end is not None]
        return max(min([LOOK_SECONDS, *left]), 0.0)

    def _drafts(self, tasks: Sequence[Task]) -> list[Draft]:
        chat = tasks[0].chat
        parts = list(self._channels.render(chat.channel, digest_of(self._with_kin(tasks))))
        for file in (file for task in tasks for file in task.held_files):
            parts += self._channels.with_caption(chat.channel, file)
        name = tasks[0].digest
        return [
            Draft(key=f"digest:{name}:{n}", chat=chat, part=part) for n, part in enumerate(parts)
        ]

    def _with_kin(self, tasks: Sequence[Task]) -> list[Task]:
        """Add those of a batch that had nothing to tell themselves: cancelled, or never begun."""
        told: dict[str, Task] = {}
        for task in tasks:
            batch = self._agenda.batch(task.batch)
            kin = [each for each in batch if each.over and not untold(each) and not each.reported]
            told |= {each.id: each for each in (task, *kin)}
        return list(told.values())


def _grouped(tasks: Iterable[Task]) -> list[list[Task]]:
    """Sort by the message that tells of them: one a person and chat of what is in none yet."""
    groups: dict[tuple[str, str, ChatRef], list[Task]] = {}
    for task in tasks:
        groups.setdefault((task.digest, task.owner, task.chat), []).append(task)
    return list(groups.values())


def _named(tasks: Sequence[Task]) -> dict[str, object]:
    return {"task_ids": [task.id for task in tasks]}
