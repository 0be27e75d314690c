"""The port `MediaReader`: a process of its own for each file, which ends with it.

What a library makes of a file that was built to break it stays in there: a crash, an endless
loop, or all the memory it gets. It has no secret in its environment and may write no file.
"""

import asyncio
import json
import logging
from base64 import b64decode
from pathlib import Path

from minibot.adapters.media.own_process import have_done
from minibot.adapters.media.sniffing import plain_picture
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract
from minibot.core.settings import Media

log = logging.getLogger(__name__)

WORKER = "minibot.adapters.media.worker"
SIDE_BY_SIDE = 2
"""Files that are read at the same time; the others wait."""


class ProcessReader:
    """Reads files in other processes."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def read(self, path: str, *, name: str, mime_type: str, limits: Media) -> Extract:
        try:
            picture = await asyncio.to_thread(plain_picture, Path(path))
        except OSError as error:
            raise MediaUnreadable("it is not kept any more: send it again") from error
        if picture:
            return Extract(mime_type=picture)
        order = {
            "path": path,
            "name": name,
            "mime_type": mime_type,
            "max_pages": limits.max_pages,
            "max_characters": limits.max_characters,
            "seconds": limits.read_seconds,
        }
        async with self._turns:
            answer = await _ask(json.dumps(order).encode(), limits.read_seconds)
        return _extract(answer)


async def _ask(order: bytes, seconds: float) -> bytes:
    """Have a process do the work. Raises `MediaUnreadable`."""
    try:
        ended = await have_done(WORKER, order, seconds=seconds)
    except TimeoutError:
        raise MediaUnreadable(f"reading it took longer than {seconds:g} seconds") from None
    except OSError as error:
        log.warning("no process to read a file in", extra={"problem": str(error)})
        raise MediaUnreadable("there is no room to read it just now: send it again") from error
    if ended.exit_code:
        log.warning("a file broke its reader", extra={"exit_code": ended.exit_code})
        raise MediaUnreadable("it is damaged, or too large to be read")
    return ended.output


def _extract(answer: bytes) -> Extract:
    try:
        said = json.loads(answer)
        problem, picture = str(said["problem"]), b64decode(said["picture"])
        text, scope, kind = str(said["text"]), str(said["scope"]), str(said["mime_type"])
    except (ValueError, KeyError, TypeError) as error:
        raise MediaUnreadable("it is damaged, or too large to be read") from error
    if problem:
        raise MediaUnreadable(problem)
    return Extract(text=text, scope=scope, picture=picture, mime_type=kind)
