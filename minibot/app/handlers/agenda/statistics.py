"""How many jobs and tasks there are, which failed, and which hang. Of others no word is shown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from minibot.app.agenda.moments import spoken
from minibot.app.agenda.recurrence_words import lasting
from minibot.app.handlers.agenda.cards import title
from minibot.core.jobs import Job, JobState
from minibot.core.ports import Entry
from minibot.core.tasks import Task, TaskState

MOST_FAILURES = 10
MOST_STUCK = 20
LONGEST_LINE = 80


def statistics(entries: Sequence[Entry], *, owner: str, zone: str, now: datetime) -> str:
    """Count entries by their state, and name the last that failed.

    Args:
        owner: whose words may be shown.
    """
    jobs = [entry for entry in entries if isinstance(entry, Job)]
    tasks = [entry for entry in entries if isinstance(entry, Task)]
    lines = [
        f"Reminders and other jobs: {_counts(job.state.value for job in jobs)}",
        f"Tasks: {_counts(task.state.value for task in tasks)}",
    ]
    failures = sorted(filter(_failed, entries), key=lambda each: each.updated_at, reverse=True)
    if failures:
        lines += ["", "Failed of late:"]
    for entry in failures[:MOST_FAILURES]:
        about = _about(entry, owner)
        if entry.owner == owner and entry.problem:
            about = f"{about}: {title(entry.problem)}"
        lines.append(f"❌ {spoken(entry.updated_at, zone, now)} · `{entry.id}` {about}")
    return "\n".join(lines)


def stuck(
    entries: Iterable[Entry], *, owner: str, after: timedelta, now: datetime
) -> str:  # fmt: skip
    """Name what has been running for long without a sign of progress."""
    hanging = [
        entry for entry in entries if _is_running(entry) and now - entry.updated_at > after
    ]  # fmt: skip
    if not hanging:
        return f"Nothing has been running for more than {lasting(after)} without a sign of life."
    lines = ["Running without a sign of life:", ""]
    for entry in sorted(hanging, key=lambda each: each.updated_at)[:MOST_STUCK]:
        silent = lasting(now - entry.updated_at)
        lines.append(f"⚙️ `{entry.id}` {_about(entry, owner)} · silent for {silent}")
    lines += ["", f"`/tasks cancel {hanging[0].id}` ends one."]
    return "\n".join(lines)


def _counts(states: Iterable[str]) -> str:
    counts = Counter(states)
    return ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none"


def _about(entry: Entry, owner: str) -> str:
    kind = entry.kind.value if isinstance(entry, Job) else entry.kind
    if entry.owner != owner:
        return f"({title(kind)} of somebody else)"
    return title(entry.text if isinstance(entry, Job) else entry.description, LONGEST_LINE)


def _failed(entry: Entry) -> bool:
    """Say whether it failed; what repeats goes on, and still has its last problem."""
    if isinstance(entry, Task):
        return entry.state in (TaskState.FAILED, TaskState.BLOCKED)
    return entry.state is JobState.FAILED or (not entry.over and bool(entry.problem))


def _is_running(entry: Entry) -> bool:
    if isinstance(entry, Task):
        return entry.state is TaskState.RUNNING
    return entry.in_hand is not None
