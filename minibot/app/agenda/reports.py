"""What people read of tasks that came to their end."""

from collections.abc import Sequence

from minibot.app.markdown import literal
from minibot.core.tasks import Task, TaskState

LONGEST_SHARE = 1_500
"""Characters of one result in a report of several."""

ICONS = {
    TaskState.SUCCEEDED: "✅",
    TaskState.FAILED: "⚠️",
    TaskState.CANCELLED: "✖️",
    TaskState.BLOCKED: "🚫",
    TaskState.RUNNING: "⏳",
    TaskState.QUEUED: "🕓",
    TaskState.WAITING: "🔗",
}


def report_of(task: Task) -> str:
    """Say what came of a task of its own."""
    if task.state is not TaskState.SUCCEEDED:
        times = f" after {task.attempts} tries" if task.attempts > 1 else ""
        return f"⚠️ I could not do this{times}: **{literal(task.description)}**\n\n{task.problem}"
    if task.quiet:
        return ""
    if task.job:
        return task.result
    return f"✅ **{literal(task.description)}**\n\n{task.result}".rstrip()


def joined_report(batch: Sequence[Task]) -> str:
    """Say what came of tasks that were asked for together."""
    ordered = sorted(batch, key=lambda task: (task.created_at, task.id))
    done = sum(task.state is TaskState.SUCCEEDED for task in ordered)
    heading = f"📋 All {len(ordered)} tasks are over, {done} of them done."
    return "\n\n".join([heading, *map(_share, ordered)])


def _share(task: Task) -> str:
    said = task.result if task.state is TaskState.SUCCEEDED else task.problem
    if len(said) > LONGEST_SHARE:
        said = f"{said[:LONGEST_SHARE]} …"
    return f"{ICONS[task.state]} **{literal(task.description)}**\n{said}".rstrip()
