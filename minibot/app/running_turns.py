"""The turns that run at this moment, so that they can be stopped."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from minibot.core.errors import MinibotError
from minibot.core.messages import ChatRef

T = TypeVar("T")


class TurnStopped(MinibotError):
    """The person stopped this turn."""


class TurnBegunAnew(MinibotError):
    """More came that belongs to the message of this turn."""


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
        self._stopped: dict[asyncio.Task[Any], type[MinibotError]] = {}
        """What is raised in the place of those that were cancelled."""
        self._renamed: dict[asyncio.Task[Any], str] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def run(self, conversation: str, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end.

        Raises `TurnStopped` when `stop` was called meanwhile, `TurnBegunAnew` for `begin_anew`.
        """
        task = asyncio.create_task(work, name=f"turn {conversation}")
        self._tasks[conversation] = task
        try:
            return await task
        except asyncio.CancelledError:
            if (reason := self._stopped.get(task)) is not None and not _being_cancelled():
                raise reason from None
            raise
        finally:
            self._stopped.pop(task, None)
            name = self._renamed.pop(task, conversation)
            if self._tasks.get(name) is task:
                del self._tasks[name]

    def rename(self, conversation: str, name: str) -> None:
        """Have the running turn go by another name from now on."""
        if (task := self._tasks.pop(conversation, None)) is not None:
            self._tasks[name] = task
            self._renamed[task] = name

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Have the turns of a chat that got a new id go by that."""
        new = replace(old, chat_id=new_chat_id)
        for name in list(self._tasks):
            if f"{name}:".startswith(f"{old.chat_key}:"):
                self.rename(name, f"{new.chat_key}{name.removeprefix(old.chat_key)}")

    def stop(self, conversation: str) -> bool:
        """Cancel the running turn; says whether there was one."""
        return self._cancel(conversation, TurnStopped)

    def begin_anew(self, conversation: str) -> bool:
        """Cancel the running turn, to be run once more; says whether there was one."""
        return self._cancel(conversation, TurnBegunAnew)

    def _cancel(self, conversation: str, reason: type[MinibotError]) -> bool:
        task = self._tasks.get(conversation)
        if task is None or task.done():
            return False
        if self._stopped.get(task) is not TurnStopped:
            self._stopped[task] = reason
        task.cancel()
        return True


def _being_cancelled() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0
