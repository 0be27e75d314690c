"""The door: what a channel brings is stored, and only then may the channel confirm it."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from minibot.app.crash_points import CrashPoints
from minibot.app.event_bus import EventBus
from minibot.app.middleware import apology
from minibot.core.messages import Arrival, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Inbox

Tell = Callable[[Sequence[Draft]], Awaitable[None]]
"""Queues drafts whose keys are new, and delivers them."""

log = logging.getLogger(__name__)


class Intake:
    """Implements `minibot.core.ports.Receive` for every channel."""

    def __init__(
        self, inbox: Inbox, bus: EventBus, *, tell: Tell, crash_points: CrashPoints
    ) -> None:
        self._inbox = inbox
        self._bus = bus
        self._tell = tell
        self._crash_points = crash_points

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        self._crash_points.reach("P0")
        accepted = await self._inbox.admit(arrivals)
        self._crash_points.reach("P1")
        for event in accepted:
            self._bus.publish(event)
        unreadable = [arrival for arrival in arrivals if arrival.message is None]
        if unreadable:
            await self._tell([_excuse(arrival) for arrival in unreadable])


def _excuse(arrival: Arrival) -> Draft:
    reference = f"{arrival.account}-{arrival.key}"
    log.error(
        "a message could not be read and was set aside",
        extra={
            "request_id": reference,
            "conversation": arrival.chat.key,
            "problem": arrival.problem,
        },
    )
    text = apology("I received something from you that I cannot read.", reference)
    return Draft(key=f"unreadable:{reference}", chat=arrival.chat, part=Part(text=text))
