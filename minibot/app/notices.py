"""Tells the owner about trouble, once each time it begins."""

import logging

from minibot.app.delivery import Delivery
from minibot.app.event_bus import EventBus, WhenFull
from minibot.core.access import TELEGRAM
from minibot.core.errors import StorageUnavailable
from minibot.core.events import (
    ComponentFailed,
    Event,
    PartDead,
    SettingsChanged,
    SettingsRejected,
    TroubleNoticed,
)
from minibot.core.messages import ChatRef, Part
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Outbox, SettingsSource

log = logging.getLogger(__name__)

CAPACITY = 256
SAME_TOPIC_PAUSE_SECONDS = 3600.0

LONGEST_NOTICE = 2_000
"""Characters, so that a notice is always one part; the log has it whole."""


class OwnerNotices:
    """Writes to the owners' private chats. The log has it all in any case."""

    def __init__(
        self,
        outbox: Outbox,
        delivery: Delivery,
        *,
        bus: EventBus,
        settings: SettingsSource,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._delivery = delivery
        self._bus = bus
        self._settings = settings
        self._clock = clock
        self._told: dict[str, tuple[str, float]] = {}

    async def run(self) -> None:
        with self._bus.subscribe(
            "owner notices",
            TroubleNoticed,
            SettingsChanged,
            SettingsRejected,
            ComponentFailed,
            PartDead,
            capacity=CAPACITY,
            when_full=WhenFull.DROP_OLDEST,
        ) as events:
            async for event in events:
                await self._on_event(event)

    async def _on_event(self, event: Event) -> None:
        match event:
            case TroubleNoticed(topic=topic, text=text):
                await self._tell(topic, text)
            case SettingsChanged(restart_keys=keys):
                self._told.pop("settings", None)
                if keys:
                    names = ", ".join(keys)
                    await self._tell(
                        "restart keys", f"config.toml: {names} will take effect at the next start."
                    )
            case SettingsRejected(problems=problems):
                await self._tell("settings", _rejection(problems))
            case ComponentFailed(component=component, problem=problem):
                await self._tell(
                    f"component {component}", f"{component} failed and is restarting: {problem}"
                )
            case PartDead(conversation=conversation, problem=problem):
                if not self._is_owners(conversation):
                    await self._tell(
                        f"undeliverable {conversation}",
                        f"A message to {conversation} could not be delivered: {problem}",
                    )

    async def _tell(self, topic: str, text: str) -> None:
        now = self._clock.monotonic()
        told, when = self._told.get(topic, ("", 0.0))
        if told == text and now - when < SAME_TOPIC_PAUSE_SECONDS:
            return
        stamp = int(self._clock.now().timestamp() * 1_000_000)
        text = text if len(text) <= LONGEST_NOTICE else f"{text[:LONGEST_NOTICE]} …"
        drafts = [
            Draft(key=f"notice:{topic}:{chat.chat_id}:{stamp}", chat=chat, part=Part(text=text))
            for chat in self._owner_chats()
        ]
        try:
            self._delivery.hand_over(await self._outbox.enqueue(drafts))
        except StorageUnavailable:
            log.exception("storage failed; the owner was not told", extra={"topic": topic})
            return
        self._told[topic] = (text, now)

    def _owner_chats(self) -> list[ChatRef]:
        telegram = self._settings.current.channels.telegram
        if not telegram.enabled:
            return []
        return [ChatRef(channel=TELEGRAM, chat_id=str(owner)) for owner in telegram.owners]

    def _is_owners(self, conversation: str) -> bool:
        return conversation in {chat.key for chat in self._owner_chats()}


def _rejection(problems: tuple[str, ...]) -> str:
    listed = "\n".join(f"• {problem}" for problem in problems[:10])
    more = f"\n… and {len(problems) - 10} more" if len(problems) > 10 else ""
    heading = "The edit of config.toml was refused; the settings before it stay in force."
    return f"{heading}\n{listed}{more}"
