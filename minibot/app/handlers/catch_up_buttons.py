"""The buttons under the question what to do with missed messages."""

import re

from minibot.app.catch_up import PRESS, SKIP, card_text
from minibot.app.event_bus import EventBus
from minibot.app.handlers.presses import refused
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.wording import Wording, in_own_language
from minibot.core.approvals import Refusal
from minibot.core.catch_up import Kept, MissedItem
from minibot.core.messages import Part, Press
from minibot.core.outbox import Draft
from minibot.core.ports import Missed

_DATA = re.compile(r"(?P<choice>answer|skip):(?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})")


class MissedButton:
    """Answers what was missed after all, or lets it be."""

    kind = PRESS

    def __init__(self, missed: Missed, bus: EventBus, wording: Wording = in_own_language) -> None:
        self._missed = missed
        self._bus = bus
        self._wording = wording

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        asked = _DATA.fullmatch(data)
        if asked is None:
            return refused(Refusal.UNKNOWN)
        items = await self._missed.offered(
            context.item.conversation, int(asked["first"]), int(asked["last"])
        )
        left = [item for item in items if item.message]
        refusal = _refusal(context, items, left)
        if refusal is not None:
            return refused(refusal)
        if not await self._decide(asked["choice"], left):
            return refused(Refusal.DECIDED)  # by somebody else in this moment
        texts = self._wording(context.message)
        outcome = texts.missed_skipped if asked["choice"] == SKIP else texts.missed_answered
        settled = Draft(
            key=f"{PRESS}:{asked['first']}-{asked['last']}:end",
            chat=context.message.chat,
            part=Part(text=f"{card_text(left, texts)}\n\n{outcome}"),
            edits=press.message_id,
        )
        return outcome, Answer(drafts=(settled,))

    async def _decide(self, choice: str, items: list[MissedItem]) -> bool:
        ids = [item.id for item in items]
        if choice == SKIP:
            return bool(await self._missed.mark(ids, Kept.SKIPPED))
        events = await self._missed.put_back(ids)
        for event in events:
            self._bus.publish(event)
        return bool(events)


def _refusal(
    context: TurnContext, items: list[MissedItem], left: list[MissedItem]
) -> Refusal | None:
    """Say why a press does nothing; None when it does something.

    Args:
        left: those that still have contents.
    """
    if not items:
        return Refusal.DECIDED
    if not left:
        return Refusal.EXPIRED
    presser = context.message.sender.id
    writers = {item.message.sender.id for item in left if item.message}
    owners = map(str, context.settings.channels.telegram.owners)
    return None if presser in {*writers, *owners} else Refusal.NOT_YOURS
