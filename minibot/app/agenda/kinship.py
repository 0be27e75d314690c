"""Who may see an entry, and what belongs together among tasks."""

from collections.abc import Iterable
from datetime import datetime

from minibot.core.planning import Asker
from minibot.core.ports import Entry
from minibot.core.tasks import Task, TaskState


def is_open_to(asker: Asker, entry: Entry) -> bool:
    """Say whether somebody may see and change an entry where they are.

    In a group they see what they asked for there, so that nothing said in private comes up
    before others.
    """
    if entry.owner != asker.owner:
        return False
    return asker.private or entry.chat.chat_key == asker.chat.chat_key


def ended(tasks: Iterable[Task], known: Iterable[Task], now: datetime) -> list[Task]:
    """Cancel tasks, and with them those that wait for them.

    Args:
        known: all there are.

    Raises:
        IllegalTransition: one of them is over.
    """
    ending = {task.id: task.cancelled(now) for task in tasks}
    waiting = [task for task in known if task.state is TaskState.WAITING]
    while found := [
        task
        for task in waiting
        if task.id not in ending and not ending.keys().isdisjoint(task.parents)
    ]:
        ending |= {task.id: task.cancelled(now) for task in found}
    return list(ending.values())


def revived(task: Task, known: Iterable[Task], now: datetime) -> list[Task]:
    """Run a task once more, and have those wait again that could not begin because of it.

    Raises:
        IllegalTransition: it is not to be run again.
    """
    again = {task.id: task.again(now)}
    standing = {each.id: each for each in known}
    blocked = [each for each in standing.values() if each.state is TaskState.BLOCKED]

    def may_come(parent: str) -> bool:
        found = again.get(parent) or standing.get(parent)
        return found is None or found.state is TaskState.SUCCEEDED or not found.over

    while found := [
        each
        for each in blocked
        if each.id not in again
        and not again.keys().isdisjoint(each.parents)
        and all(may_come(parent) for parent in each.parents)
    ]:
        again |= {each.id: each.again(now) for each in found}
    return list(again.values())
