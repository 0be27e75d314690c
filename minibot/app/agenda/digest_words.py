"""What people read when their quiet hours are over."""

from collections.abc import Sequence

from minibot.app.agenda.reports import ICONS
from minibot.app.markdown import closed, literal
from minibot.core.tasks import Task, TaskState

LONGEST = 2_400
"""Characters of all results together, so that it is one message: of 4,096 UTF-16 units in
Telegram (Bot API, sendMessage)."""

LONGEST_SHARE = 1_500
SHORTEST_SHARE = 100
LONGEST_TITLE = 80
MOST = 12
"""Results that are told; the rest is counted."""


def digest_of(tasks: Sequence[Task]) -> str:
    """Say what came of tasks meanwhile, in Markdown."""
    first = tasks[0]
    whose = "" if first.private or not first.person.name else f"{literal(first.person.name)}, "
    told = tasks[:MOST]
    room = max(min(LONGEST // len(told), LONGEST_SHARE), SHORTEST_SHARE)
    shares = [_share(task, room) for task in told]
    if len(tasks) > MOST:
        shares.append(f"… and {len(tasks) - MOST} more: `/tasks done` lists them.")
    heading = f"🌙 {whose}{'while' if whose else 'While'} it was quiet:"
    return "\n\n".join([heading, *shares])


def _share(task: Task, room: int) -> str:
    heading = f"{ICONS[task.state]} **{_title(task.description)}**"
    said = task.result if task.state is TaskState.SUCCEEDED else literal(task.problem)
    if len(said) > room:
        begun = said[:room].rstrip("\\")  # no half of an escape
        said = f"{closed(begun)}\n… `/tasks show {task.id}` shows the rest."
    return f"{heading}\n{said}".rstrip()


def _title(text: str) -> str:
    line = " ".join(text.split())
    return literal(line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…")
