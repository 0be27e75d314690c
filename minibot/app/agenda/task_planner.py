"""Making and ending tasks for one person at a time."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from functools import partial

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.kinship import ended, is_open_to, revived
from minibot.app.agenda.occasions import refuse_when_off
from minibot.app.agenda.task_wishes import Draft, drafts_of
from minibot.core.errors import IllegalTransition, ScheduleInvalid, UnknownEntry
from minibot.core.planning import Asker, Made, TaskWish
from minibot.core.ports import Clock, SettingsSource
from minibot.core.tasks import Task, TaskState, consequences

_STEP = timedelta(microseconds=1)


class TaskPlanner:
    """The part of `minibot.core.ports.Planner` that is about tasks."""

    def __init__(
        self, agenda: Agenda, *, kinds: Collection[str], settings: SettingsSource, clock: Clock
    ) -> None:
        self._agenda = agenda
        self._kinds = frozenset(kinds)
        self._settings = settings
        self._clock = clock

    async def create(self, asker: Asker, wishes: Sequence[TaskWish]) -> Made:
        refuse_when_off(self._settings.current)
        drafts = drafts_of(wishes, kinds=self._kinds, new_id=partial(self._agenda.new_id, "t"))
        own = {draft.id for draft in drafts}
        parents = self._parents(asker, drafts, own)
        self._make_sure_of_room_for(len(drafts), asker)
        batch = self._agenda.new_id("b") if len(drafts) > 1 else ""
        unfinished = own | {task.id for task in parents if task.state is not TaskState.SUCCEEDED}
        tasks = [
            self._made(asker, draft, place, batch, waits=not unfinished.isdisjoint(draft.parents))
            for place, draft in enumerate(drafts)
        ]
        await self._agenda.add(*tasks)
        await self._catch_up(own)
        return Made(tasks=tuple(self._agenda.task(task.id) or task for task in tasks), batch=batch)

    def tasks(self, asker: Asker, *, states: Collection[TaskState] = ()) -> list[Task]:
        found = self._agenda.tasks(asker.owner, states=states)
        return [task for task in found if is_open_to(asker, task)]

    def task(self, asker: Asker, task_id: str) -> Task:
        task = self._agenda.task(task_id)
        if task is None or not is_open_to(asker, task):
            raise UnknownEntry(f"there is no task {task_id[:20]!r}")
        return task

    async def cancel_task(self, asker: Asker, task_id: str) -> list[Task]:
        while True:
            task = self.task(asker, task_id)
            ending = ended([task], self._agenda.tasks(), self._clock.now())
            if await self._agenda.replace(*ending):
                return ending

    async def run_again(self, asker: Asker, task_id: str) -> Task:
        while True:
            task = self.task(asker, task_id)
            self._refuse_hopeless(task)
            again = revived(task, self._agenda.tasks(), self._clock.now())
            if await self._agenda.replace(*again):
                break
        await self._catch_up({each.id for each in again})
        return self._agenda.task(task_id) or again[0]

    def _parents(self, asker: Asker, drafts: Iterable[Draft], own: Collection[str]) -> list[Task]:
        """Find the tasks there are that others are to wait for."""
        ids = {parent for draft in drafts for parent in draft.parents if parent not in own}
        return [self._parent(asker, task_id) for task_id in sorted(ids)]

    def _parent(self, asker: Asker, task_id: str) -> Task:
        try:
            task = self.task(asker, task_id)
        except UnknownEntry as error:
            raise ScheduleInvalid(f"{error} to wait for") from None
        if task.over and task.state is not TaskState.SUCCEEDED:
            raise ScheduleInvalid(
                f"nothing can wait for task {task.id}, because it is {task.state.value}"
            )
        return task

    def _make_sure_of_room_for(self, number: int, asker: Asker) -> None:
        most = self._settings.current.tasks.max_open_per_person
        there = sum(not task.over for task in self._agenda.tasks(asker.owner))
        if there + number > most:
            raise ScheduleInvalid(
                f"there are {there} open tasks already, and no more than {most} are possible: "
                "wait until some are done, or cancel some"
            )

    def _refuse_hopeless(self, task: Task) -> None:
        if task.state is not TaskState.BLOCKED:
            return
        for parent in map(self._agenda.task, task.parents):
            if parent is not None and parent.over and parent.state is not TaskState.SUCCEEDED:
                raise IllegalTransition(
                    f"task {task.id} needs task {parent.id}, which is {parent.state.value}: "
                    "that has to run again first"
                )

    def _made(self, asker: Asker, draft: Draft, place: int, batch: str, *, waits: bool) -> Task:
        # A moment apart, so that they are told in the order in which they were asked for.
        now = self._clock.now() + place * _STEP
        return Task(
            id=draft.id,
            owner=asker.owner,
            person=asker.person,
            chat=asker.chat,
            private=asker.private,
            kind=draft.wish.kind,
            description=draft.wish.description,
            payload=draft.wish.payload,
            parents=draft.parents,
            batch=batch,
            priority=draft.wish.priority,
            state=TaskState.WAITING if waits else TaskState.QUEUED,
            created_at=now,
            updated_at=now,
        )

    async def _catch_up(self, ids: Collection[str]) -> None:
        """Tell tasks what became of their parents before they were there to be told."""
        while changes := self._missed(ids):
            if await self._agenda.replace(*changes):
                return

    def _missed(self, ids: Collection[str]) -> list[Task]:
        now, known = self._clock.now(), self._agenda.tasks()
        changes: dict[str, Task] = {}
        for task in known:
            if task.id not in ids or task.state is not TaskState.WAITING:
                continue
            parents = [each for each in map(self._agenda.task, task.parents) if each is not None]
            if not parents:  # they are forgotten
                changes[task.id] = task.ready(now)
            for parent in parents:
                if parent.over:
                    changes |= {each.id: each for each in consequences(parent, known, now)}
        return list(changes.values())
