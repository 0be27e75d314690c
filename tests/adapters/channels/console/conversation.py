"""A person at a pipe: writes lines, and reads what is printed."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from minibot.adapters.channels.console.channel import CHAT, ConsoleChannel
from minibot.core.messages import Arrival, IncomingMessage, Part
from minibot.core.outbox import OutboxState, OutgoingPart
from tests.contracts.storages import START, ManualClock


class Conversation:
    """Implements `minibot.core.ports.Receive`, and plays the person."""

    def __init__(self, channel: ConsoleChannel, target: io.StringIO, keyboard: int) -> None:
        self.channel = channel
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self._target = target
        self._keyboard = keyboard

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            await self.arrivals.put(arrival)

    @property
    def printed(self) -> str:
        return self._target.getvalue()

    async def type(self, line: str) -> tuple[Arrival, IncomingMessage]:
        """Type a line and give what arrives of it."""
        os.write(self._keyboard, f"{line}\n".encode())
        arrival = await asyncio.wait_for(self.arrivals.get(), timeout=5)
        assert arrival.message is not None
        return arrival, arrival.message


def outgoing(part: Part, *, edits: str = "") -> OutgoingPart:
    """A part as the outbox hands it over."""
    return OutgoingPart(
        id=1,
        key="k",
        chat=CHAT,
        part=part,
        reply_to="",
        state=OutboxState.SENDING,
        attempts=1,
        created_at=START,
        not_before=START,
        inbox_id=1,
        edits=edits,
    )


@asynccontextmanager
async def conversation() -> AsyncIterator[Conversation]:
    reading, keyboard = os.pipe()
    with os.fdopen(reading, "rb") as source:
        target = io.StringIO()
        channel = ConsoleChannel(ManualClock(), source=source, target=target, greeting="Welcome")
        talk = Conversation(channel, target, keyboard)
        task = asyncio.create_task(channel.run(talk.receive))
        try:
            yield talk
        finally:
            os.close(keyboard)
            await asyncio.wait_for(task, timeout=5)
