"""The turns that run at this moment, so that they can be stopped."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from minibot.core.errors import MinibotError

T = TypeVar("T")


class TurnStopped(MinibotError):
    """The person stopped this turn."""


def aside_name(inbox_id: int) -> str:
    """Name a turn that was set aside, so that its conversation can have another one."""
    return f"aside:{inbox_id}"


def work_name(entry_id: str) -> str:
    """Name what minibot does of its own accord, where turns go by their conversation."""
    return f"work:{entry_id}"


class RunningTurns:
    """Runs turns by conversation; each has at most one that can be stopped."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._stopped: set[asyncio.Task[Any]] = set()
        self._renamed: dict[asyncio.Task[Any], str] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def run(self, conversation: str, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end. Raises `TurnStopped` when `stop` was called meanwhile."""
        task = asyncio.create_task(work, name=f"turn {conversation}")
        self._tasks[conversation] = task
        try:
            return await task
        except asyncio.CancelledError:
            if task in self._stopped and not _being_cancelled():
                raise TurnStopped from None
            raise
        finally:
            self._stopped.discard(task)
            name = self._renamed.pop(task, conversation)
            if self._tasks.get(name) is task:
                del self._tasks[name]

    def rename(self, conversation: str, name: str) -> None:
        """Have the running turn go by another name from now on."""
        if (task := self._tasks.pop(conversation, None)) is not None:
            self._tasks[name] = task
            self._renamed[task] = name

    def stop(self, conversation: str) -> bool:
        """Cancel the running turn; says whether there was one."""
        task = self._tasks.get(conversation)
        if task is None or task.done():
            return False
        self._stopped.add(task)
        task.cancel()
        return True


def _being_cancelled() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0
