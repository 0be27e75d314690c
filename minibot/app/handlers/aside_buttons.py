"""The buttons under the question whether a long answer shall be written in the background."""

import re

from minibot.app.handlers.presses import refused
from minibot.app.long_turns import GO, PRESS, LongTurns, closed_card, set_aside_card
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.wording import Wording, in_own_language
from minibot.core.approvals import Refusal
from minibot.core.inbox import InboxState
from minibot.core.messages import Press

_DATA = re.compile(r"(?P<choice>go|stop):(?P<item>[0-9]{1,18})")


class AsideButton:
    """Lets a turn go on in the background, or stops it."""

    kind = PRESS

    def __init__(self, long_turns: LongTurns, wording: Wording = in_own_language) -> None:
        self._long_turns = long_turns
        self._wording = wording

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        asked = _DATA.fullmatch(data)
        if asked is None:
            return refused(Refusal.UNKNOWN)
        item, person, chat = int(asked["item"]), context.message.sender.id, context.message.chat
        texts = self._wording(context.message)
        if asked["choice"] == GO:
            said = texts.aside_going
            refusal = await self._long_turns.set_aside(item, person)
            card = set_aside_card(item, chat, press.message_id, texts)
        else:
            said = texts.stopped
            refusal = self._long_turns.stop(item, person)
            card = closed_card(item, texts.aside_stopped, chat, press.message_id)
        if refusal is Refusal.DECIDED:
            return texts.aside_over, Answer(state=InboxState.IGNORED, problem="the turn is over")
        if refusal is not None:
            return refused(refusal)
        return said, Answer(drafts=(card,))
