"""People who keep writing, whether minibot runs or not."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.e2e.process import Installation

CHATS = tuple(range(1001, 1021))
PER_SECOND = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message somebody wrote."""

    chat_id: int
    number: int
    """Its place in its chat."""
    token: str


@asynccontextmanager
async def people_writing(
    installation: Installation, rng: random.Random
) -> AsyncIterator[list[Sent]]:
    """Give the list of what has been written; it grows while inside."""
    sent: list[Sent] = []
    writing = asyncio.create_task(_write(installation, rng, sent), name="people")
    try:
        yield sent
    finally:
        writing.cancel()
        await asyncio.wait((writing,))


async def _write(installation: Installation, rng: random.Random, sent: list[Sent]) -> None:
    """Write at a steady pace in the long run, however late the loop is."""
    numbers = dict.fromkeys(CHATS, 0)
    due = time.monotonic()
    while True:
        chat_id = rng.choice(CHATS)
        numbers[chat_id] += 1
        token = installation.say(chat_id, f"Message {numbers[chat_id]}")
        sent.append(Sent(chat_id=chat_id, number=numbers[chat_id], token=token))
        due += rng.expovariate(PER_SECOND)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
