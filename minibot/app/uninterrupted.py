"""Finish a record even when the one who writes it is cancelled."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; a cancellation meanwhile is raised only afterwards."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait((task,))
        # Not the error alone: whoever retries after it would never learn of the cancellation.
        raise cancelled from (None if task.cancelled() else task.exception())
