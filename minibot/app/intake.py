"""The door: what a channel brings is stored, and only then may the channel confirm it.

Work on it begins as soon as it would survive the death of the process; the channel waits until
it would survive a power cut.
"""

import logging
from collections.abc import Callable, Sequence

from minibot.app.crash_points import CrashPoints
from minibot.app.dispatcher import Dispatcher
from minibot.app.event_bus import EventBus
from minibot.app.gathering import OnBusy
from minibot.app.uninterrupted import uninterrupted
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxItem
from minibot.core.messages import Arrival, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Inbox, Tell
from minibot.core.texts import Texts

log = logging.getLogger(__name__)


class Intake:
    """Implements `minibot.core.ports.Receive` for every channel."""

    def __init__(
        self,
        inbox: Inbox,
        bus: EventBus,
        *,
        dispatcher: Dispatcher,
        tell: Tell,
        crash_points: CrashPoints,
        on_busy: OnBusy,
        chat_texts: Callable[[str], Texts],
    ) -> None:
        """`chat_texts` gives what is said in a conversation to nobody in particular."""
        self._inbox = inbox
        self._bus = bus
        self._dispatcher = dispatcher
        self._tell = tell
        self._on_busy = on_busy
        self._crash_points = crash_points
        self._chat_texts = chat_texts

    async def receive(self, arrivals: Sequence[Arrival]) -> None:
        # What is stored and not announced is known when it comes again, and announced never.
        await uninterrupted(self._receive(arrivals))

    async def _receive(self, arrivals: Sequence[Arrival]) -> None:
        self._crash_points.reach("P0")
        waiting = set()
        for event in await self._admit(arrivals):
            if event.item is None:
                self._bus.publish(event)
                waiting.add(event.conversation)
        for arrival in arrivals:
            if arrival.chat.key in waiting and (message := arrival.message) is not None:
                self._on_busy(arrival.chat.key, message)
        await self._inbox.secure()
        unreadable = [arrival for arrival in arrivals if arrival.message is None]
        if unreadable:
            await self._tell(
                [_excuse(arrival, self._chat_texts(arrival.chat.key)) for arrival in unreadable]
            )

    async def _admit(self, arrivals: Sequence[Arrival]) -> list[MessageAccepted]:
        """Store, and have idle lanes begin at once with what is stored for them."""
        ordinary = (arrival for arrival in arrivals if arrival.message and not arrival.urgent)
        reserved = self._dispatcher.reserve(arrival.chat.key for arrival in ordinary)
        items: list[InboxItem] = []
        try:
            accepted = await self._inbox.admit(arrivals, claim=reserved.keys())
            self._crash_points.reach("P1")
            items = [event.item for event in accepted if event.item is not None]
            return accepted
        finally:
            self._dispatcher.begin(reserved, items)


def _excuse(arrival: Arrival, texts: Texts) -> Draft:
    reference = f"{arrival.account}-{arrival.key}"
    log.error(
        "a message could not be read and was set aside",
        extra={
            "request_id": reference,
            "conversation": arrival.chat.key,
            "problem": arrival.problem,
        },
    )
    text = texts.apology.format(reason=texts.unreadable, reference=reference)
    return Draft(key=f"unreadable:{reference}", chat=arrival.chat, part=Part(text=text))
