"""People who keep writing, whether minibot runs or not."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from minibot.app.crash_points import NAMES, OF_THE_AGENDA
from tests.e2e.process import Installation

OF_MESSAGES = tuple(name for name in NAMES if name not in OF_THE_AGENDA)

CHATS = tuple(range(1001, 1021))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message somebody wrote."""

    chat_id: int
    number: int
    """Its place in its chat."""
    token: str
    errand: str = ""
    """What the model is made to do before it answers; empty for nothing."""


Write = Callable[[Installation, random.Random, int, int], Sent]
"""Lets a person write into a chat for the n-th time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What people write, and what it demands of minibot."""

    write: Write
    per_second: float
    longest_life: float
    """Seconds from the first poll of a process to its end at the most."""
    crash_points: tuple[str, ...]
    """Those that such messages lead to, in the order in which processes end there."""
    answered_within: float = 90.0
    """Seconds in which the last process answers all that is left: longer than any message rests
    after crashes, and more where answers take long, as those that crashed before run alone."""


def _write_plainly(installation: Installation, _: random.Random, chat_id: int, number: int) -> Sent:
    token = installation.say(chat_id, f"Message {number}")
    return Sent(chat_id=chat_id, number=number, token=token)


TALK = Load(
    write=_write_plainly,
    per_second=40.0,
    longest_life=0.4,
    crash_points=tuple(name for name in OF_MESSAGES if name != "P4"),  # that one is passed by tools
)
"""Messages that are answered at once."""


@asynccontextmanager
async def people_writing(
    installation: Installation, load: Load, rng: random.Random
) -> AsyncIterator[list[Sent]]:
    """Give the list of what has been written; it grows while inside."""
    sent: list[Sent] = []
    writing = asyncio.create_task(_write(installation, load, rng, sent), name="people")
    try:
        yield sent
    finally:
        writing.cancel()
        await asyncio.wait((writing,))


async def _write(
    installation: Installation, load: Load, rng: random.Random, sent: list[Sent]
) -> None:
    """Write at a steady pace in the long run, however late the loop is."""
    numbers = dict.fromkeys(CHATS, 0)
    due = time.monotonic()
    while True:
        chat_id = rng.choice(CHATS)
        numbers[chat_id] += 1
        sent.append(load.write(installation, rng, chat_id, numbers[chat_id]))
        due += rng.expovariate(load.per_second)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
