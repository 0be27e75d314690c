"""How work in the background gets on, in one line of plain text."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from minibot.app.agenda.reports import ICONS
from minibot.core.tasks import Task, TaskState

LONGEST_TITLE = 80
LONGEST_PROGRESS = 80


def progress_of(tasks: Sequence[Task], now: datetime) -> str:
    """Say how far tasks are: one of its own, or all of a batch."""
    line = f"⏳ {_whose(tasks[0])}"
    running = sorted(
        (task for task in tasks if task.state is TaskState.RUNNING),
        key=lambda task: (task.started_at or now, task.id),
    )
    if len(tasks) == 1:
        return line + (_doing(running[0], now) if running else f"{_title(tasks[0])}: tried again")
    line += _count(tasks)
    failed = sum(task.over and task.state is not TaskState.SUCCEEDED for task in tasks)
    if failed:
        line += f", {failed} not"
    if running:
        line += f" · now: {_doing(running[0], now)}"
    if len(running) > 1:
        line += f" and {len(running) - 1} more"
    return line


def end_of(tasks: Sequence[Task]) -> str:
    """Say how tasks ended that are over."""
    states = {task.state for task in tasks}
    first = tasks[0]
    if len(tasks) > 1:
        icon = ICONS[states.pop() if len(states) == 1 else TaskState.FAILED]
        return f"{icon} {_whose(first)}{_count(tasks)}"
    took = ""
    if first.state is TaskState.SUCCEEDED and first.started_at and first.finished_at:
        took = f" ({_clock(first.finished_at - first.started_at)})"
    return f"{ICONS[first.state]} {_whose(first)}{_title(first)}{took}"


def _count(tasks: Sequence[Task]) -> str:
    done = sum(task.state is TaskState.SUCCEEDED for task in tasks)
    return f"{done} of {len(tasks)} done"


def _doing(task: Task, now: datetime) -> str:
    doing = f": {_cut(task.progress, LONGEST_PROGRESS)}" if task.progress else ""
    return f"{_title(task)}{doing} ({_clock(now - (task.started_at or now))})"


def _whose(task: Task) -> str:
    """Name the person where others read along."""
    return "" if task.private or not task.person.name else f"{task.person.name}: "


def _title(task: Task) -> str:
    return _cut(task.description, LONGEST_TITLE)


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _clock(time: timedelta) -> str:
    """Write how long something takes: ``0:42``, ``1:02:03``."""
    minutes, seconds = divmod(max(int(time.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
