"""How much there is on the agenda, in a line."""

from collections import Counter

from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.moments import spoken
from minibot.app.markdown import counted
from minibot.core.jobs import JobState
from minibot.core.ports import Clock
from minibot.core.tasks import TaskState

AT_WORK = (TaskState.RUNNING, TaskState.QUEUED, TaskState.WAITING)


class Overview:
    """Counts, without anybody's words."""

    def __init__(self, agenda: Agenda, clock: Clock) -> None:
        self._agenda = agenda
        self._clock = clock

    def describe(self) -> str:
        planned = len(self._agenda.jobs(states={JobState.SCHEDULED}))
        line = f"Planned: {counted(planned, 'job')}"
        if (due := self._agenda.next_due()) is not None:
            line += f", the next on {spoken(due, 'UTC', self._clock.now())} UTC"
        states = Counter(task.state for task in self._agenda.tasks(states=AT_WORK))
        tasks = ", ".join(f"{states[state]} {state.value}" for state in AT_WORK if states[state])
        return f"{line}; tasks: {tasks or 'none'}"
