"""The agenda: what is to happen later, and what is done in the background."""

from minibot.adapters.tools.jobs import JobTools
from minibot.adapters.tools.tasks import TaskTools
from minibot.core.ports import Clock, Planner


class AgendaTools:
    """The tools for jobs and for tasks."""

    def __init__(self, planner: Planner, clock: Clock) -> None:
        jobs, tasks = JobTools(planner, clock), TaskTools(planner)
        self.tools = (*jobs.tools, *tasks.tools)
        self.undo = {**jobs.undo, **tasks.undo}
