"""The door: what a channel brings is stored, and only then may the channel confirm it."""

import logging
from collections.abc import Sequence

from minibot.app.crash_points import CrashPoints
from minibot.app.event_bus import EventBus
from minibot.core.messages import Arrival
from minibot.core.ports import Inbox

log = logging.getLogger(__name__)


class Intake:
    """Implements `minibot.core.ports.Receive` for every channel."""

    def __init__(self, inbox: Inbox, bus: EventBus, *, crash_points: CrashPoints) -> None:
        self._inbox = inbox
        self._bus = bus
        self._crash_points = crash_points

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        self._crash_points.reach("P0")
        accepted = await self._inbox.admit(arrivals)
        self._crash_points.reach("P1")
        for arrival in arrivals:
            if arrival.message is None:
                log.error(
                    "a message could not be read and was set aside",
                    extra={"conversation": arrival.chat.key, "problem": arrival.problem},
                )
        for event in accepted:
            self._bus.publish(event)
