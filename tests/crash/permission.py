"""People who allow what they are asked to allow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.e2e.process import Installation

SIGN = "🔐"
"""How a question for permission begins."""
YES = "✅ Once"
LOOKS_EVERY = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Somebody was asked to allow something."""

    chat_id: int
    text: str


@asynccontextmanager
async def people_agreeing(installation: Installation) -> AsyncIterator[list[Question]]:
    """Give the list of what people were asked; it grows while inside, and they say yes."""
    asked: list[Question] = []
    agreeing = asyncio.create_task(_agree(installation, asked), name="people agreeing")
    try:
        yield asked
    finally:
        agreeing.cancel()
        await asyncio.wait((agreeing,))
        if not agreeing.cancelled():
            agreeing.result()


async def _agree(installation: Installation, asked: list[Question]) -> None:
    events = installation.telegram.events
    seen = 0
    while True:
        for event in events[seen:]:
            seen += 1
            text = event.get("text") or ""
            if event["dir"] == "out" and event["method"] == "sendMessage" and SIGN in text:
                asked.append(Question(chat_id=event["chat_id"], text=text))
                installation.telegram.press(event["chat_id"], YES, message_id=event["message_id"])
        await asyncio.sleep(LOOKS_EVERY)
