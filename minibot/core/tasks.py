"""Tasks: work in the background that a person was promised.

A task may wait for others, its parents; it is ready when all of them succeeded. Tasks that were
made together are a batch: what came of all of them is told in one report.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from minibot.core.errors import IllegalTransition, TaskCycle
from minibot.core.messages import ChatRef, OutgoingFile, Person


class TaskState(StrEnum):
    """Where a task stands. `TRANSITIONS` says where it may go."""

    WAITING = "waiting"
    """For its parents."""
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    """Never to run, because a parent did not succeed."""


TRANSITIONS: dict[TaskState, frozenset[TaskState]] = {
    TaskState.WAITING: frozenset({TaskState.QUEUED, TaskState.BLOCKED, TaskState.CANCELLED}),
    TaskState.QUEUED: frozenset({TaskState.RUNNING, TaskState.BLOCKED, TaskState.CANCELLED}),
    TaskState.RUNNING: frozenset(
        {
            TaskState.QUEUED,  # to be tried again
            TaskState.SUCCEEDED,
            TaskState.FAILED,
            TaskState.CANCELLED,
        }
    ),
    TaskState.FAILED: frozenset({TaskState.QUEUED}),  # run once more by hand
    TaskState.BLOCKED: frozenset({TaskState.WAITING, TaskState.CANCELLED}),
    TaskState.SUCCEEDED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}

OVER = frozenset({TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED, TaskState.BLOCKED})

DEFAULT_PRIORITY = 5
"""Of 0 to 9; what is more goes first."""

AGING = timedelta(minutes=5)
"""Time in line that counts as much as one step of priority: nobody waits for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A unit of work in the background, and whose it is.

    Every change gives a new value with the next `version`; the store refuses one that is not
    the next.
    """

    id: str
    owner: str
    """Who may see and change it: a person as `minibot.core.owners.person_of` names them."""
    person: Person
    chat: ChatRef
    """Where its result is told."""
    private: bool
    kind: str
    """Name of the strategy that does it."""
    description: str
    payload: str = "{}"
    """What the strategy has to know, as JSON text of an object."""
    parents: tuple[str, ...] = ()
    job: str = ""
    """The job that made it; empty for one that was asked for."""
    quiet: bool = False
    """True when nobody is told what came of it, unless it fails."""
    batch: str = ""
    """Tasks with the same one are reported together; empty for a task of its own."""
    priority: int = DEFAULT_PRIORITY
    state: TaskState
    not_before: datetime | None = None
    """When it is tried again after a failure."""
    attempts: int = 0
    result: str = ""
    untrusted: bool = False
    """True when strangers may have written the result, or led to it."""
    problem: str = ""
    progress: str = ""
    """What it is doing, in a few words."""
    reported: bool = False
    """True once the person was told what came of it."""
    held: bool = False
    """True when that is told at the end of the person's quiet hours, and not at once."""
    held_files: tuple[OutgoingFile, ...] = ()
    """What is sent with it then."""
    digest: str = ""
    """Name of the message with which it is told then, once that is begun."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime
    version: int = 1

    @property
    def over(self) -> bool:
        return self.state in OVER

    def ready(self, now: datetime) -> "Task":
        """Its parents have succeeded."""
        _expect(self, TaskState.WAITING)
        return self._next(now, state=self._moved_to(TaskState.QUEUED))

    def started(self, now: datetime) -> "Task":
        state = self._moved_to(TaskState.RUNNING)
        return self._next(now, state=state, started_at=now, attempts=self.attempts + 1, problem="")

    def progressed(self, progress: str, now: datetime) -> "Task":
        _expect(self, TaskState.RUNNING)
        return self._next(now, progress=progress)

    def succeeded(self, result: str, now: datetime, *, untrusted: bool = False) -> "Task":
        state = self._moved_to(TaskState.SUCCEEDED)
        return self._next(
            now, state=state, result=result, untrusted=untrusted, progress="", finished_at=now
        )

    def retried(self, at: datetime, problem: str, now: datetime) -> "Task":
        """Note that a run failed and is tried again."""
        _expect(self, TaskState.RUNNING)
        state = self._moved_to(TaskState.QUEUED)
        return self._next(now, state=state, not_before=at, problem=problem, progress="")

    def failed(self, problem: str, now: datetime) -> "Task":
        state = self._moved_to(TaskState.FAILED)
        return self._next(now, state=state, problem=problem, progress="", finished_at=now)

    def blocked(self, problem: str, now: datetime) -> "Task":
        state = self._moved_to(TaskState.BLOCKED)
        return self._next(now, state=state, problem=problem, finished_at=now)

    def cancelled(self, now: datetime) -> "Task":
        state = self._moved_to(TaskState.CANCELLED)
        return self._next(now, state=state, progress="", finished_at=now)

    def again(self, now: datetime) -> "Task":
        """Run one that failed, or was blocked, once more."""
        _expect(self, TaskState.FAILED, TaskState.BLOCKED)
        wanted = TaskState.WAITING if self.state is TaskState.BLOCKED else TaskState.QUEUED
        return self._next(
            now, state=self._moved_to(wanted), attempts=0, problem="", not_before=None,
            finished_at=None, reported=False, held=False, held_files=(), digest="",
        )  # fmt: skip

    def told(self, now: datetime) -> "Task":
        """Note that its report is queued for delivery."""
        return self._next(now, reported=True)

    def moved(self, chat: ChatRef, now: datetime) -> "Task":
        """Follow a chat to its new id."""
        return self._next(now, chat=chat)

    def rank(self, now: datetime) -> float:
        """Say how urgent it is: the least goes first."""
        return -self.priority - (now - self.created_at) / AGING

    def _moved_to(self, state: TaskState) -> TaskState:
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransition(
                f"task {self.id} cannot become {state.value}: it is {self.state.value}"
            )
        return state

    def _next(self, now: datetime, **changes: object) -> "Task":
        return replace(self, **changes, updated_at=now, version=self.version + 1)  # type: ignore[arg-type]  # checked where each is written


def _expect(task: Task, *states: TaskState) -> None:
    if task.state not in states:
        wanted = " or ".join(state.value for state in states)
        raise IllegalTransition(f"task {task.id} is not {wanted}: it is {task.state.value}")


def untold(task: Task) -> bool:
    """Say whether a task came to an end of which the person was not told yet."""
    return task.state in (TaskState.SUCCEEDED, TaskState.FAILED) and not task.reported


def held_back(task: Task, now: datetime, files: tuple[OutgoingFile, ...] = ()) -> Task:
    """Note that the person wants quiet: what came of a task is told with others, later."""
    if not untold(task):
        raise IllegalTransition(f"there is nothing to tell of task {task.id}")
    return task._next(now, held=True, held_files=files)


def gathered(task: Task, digest: str, now: datetime) -> Task:
    """Note which message tells of a task that was held back: that one, and no other."""
    if not task.held:
        raise IllegalTransition(f"task {task.id} was not held back")
    return task._next(now, digest=digest)


def refuse_cycles(parents: Mapping[str, Iterable[str]]) -> None:
    """Look at tasks that are to be made together, each with the ids it waits for.

    Ids that are no key belong to tasks there are already, which wait for none of these.

    Raises:
        TaskCycle: some of them would wait for each other for ever.
    """
    left = {task: {each for each in above if each in parents} for task, above in parents.items()}
    free = deque(task for task, above in left.items() if not above)
    while free:
        done = free.popleft()
        del left[done]
        for task, above in left.items():
            if done in above:
                above.discard(done)
                if not above:
                    free.append(task)
    if left:
        raise TaskCycle(f"these tasks wait for each other: {', '.join(sorted(left))}")


def retry_at(attempts: int, now: datetime) -> datetime:
    """Give the moment of the next try after so many that failed: 10, 20, 40 … 600 s on."""
    return now + timedelta(seconds=min(10.0 * 2.0 ** min(max(attempts - 1, 0), 16), 600.0))


def consequences(changed: Task, tasks: Iterable[Task], now: datetime) -> list[Task]:
    """Say what the end of a task does to those that wait for it, and for these in turn.

    Args:
        changed: the task as it is now.
        tasks: all there are, among which it may still stand as it was.

    Returns:
        The tasks that change: ready when all their parents succeeded, blocked when one did not.
    """
    known = {task.id: task for task in tasks} | {changed.id: changed}
    after: dict[str, Task] = {}
    pending = deque([changed])
    while pending:
        ended = pending.popleft()
        for task in list(known.values()):
            if task.state is not TaskState.WAITING or ended.id not in task.parents:
                continue
            if ended.state is TaskState.SUCCEEDED:
                parents = (known.get(parent) for parent in task.parents)
                if all(each is None or each.state is TaskState.SUCCEEDED for each in parents):
                    after[task.id] = known[task.id] = task.ready(now)
            elif ended.over:
                problem = f"it needed {ended.description!r}, which {_fate(ended)}"
                after[task.id] = known[task.id] = task.blocked(problem, now)
                pending.append(after[task.id])
    return list(after.values())


def _fate(task: Task) -> str:
    if task.state is TaskState.BLOCKED:
        return "could not begin"
    return "was cancelled" if task.state is TaskState.CANCELLED else "failed"
