"""Stopping an answer, and what can be done with one that was stopped."""

import re
from dataclasses import replace

from minibot.app.handlers.presses import refused
from minibot.app.long_turns import LongTurns
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.running_turns import RunningTurns
from minibot.app.wording import Wording, in_own_language
from minibot.core.approvals import Refusal
from minibot.core.inbox import InboxState
from minibot.core.messages import STOP_PRESS, Arrival, Button, IncomingMessage, Part, Press
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Outcomes, Receive
from minibot.core.stop_words import is_stop_word
from minibot.core.texts import Texts

PRESS = "stopped"
CONTINUE, RETRY = "on", "again"
ACCOUNT = "minibot"
"""Whose delivery it is when a button says something for its person."""

GO_ON = "Go on exactly where you were stopped."

_DATA = re.compile(r"(?P<choice>on|again):(?P<item>[0-9]{1,18})")


class HeedStopWord:
    """Middleware: takes a word such as "stop" for /stop while there is something to stop."""

    def __init__(
        self,
        running: RunningTurns,
        long_turns: LongTurns,
        wording: Wording = in_own_language,
    ) -> None:
        self._running = running
        self._long_turns = long_turns
        self._wording = wording

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        message, conversation = context.message, context.item.conversation
        if message.foreign or not is_stop_word(message.text):
            return await call_next(context)
        if self._running.stop(conversation) or self._long_turns.stop_aside(conversation):
            return Answer(markdown=self._wording(message).stopped)
        return await call_next(context)


class StopButton:
    """Stops the answer that is shown as a draft: the button is the client's own."""

    kind = STOP_PRESS

    def __init__(self, long_turns: LongTurns) -> None:
        self._long_turns = long_turns

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        item = int(data) if data.isdecimal() and len(data) < 19 else 0
        refusal = self._long_turns.stop(item, context.message.sender.id)
        if refusal is None:
            return "", Answer()
        return "", Answer(state=InboxState.IGNORED, problem=refusal.value)


class StoppedButton:
    """Goes on with an answer that was stopped, or tries again."""

    kind = PRESS

    def __init__(
        self,
        outcomes: Outcomes,
        receive: Receive,
        clock: Clock,
        wording: Wording = in_own_language,
    ) -> None:
        self._outcomes = outcomes
        self._receive = receive
        self._clock = clock
        self._wording = wording

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        asked = _DATA.fullmatch(data)
        question = await self._outcomes.contents(int(asked["item"])) if asked else None
        if asked is None or question is None:
            return refused(Refusal.EXPIRED if asked else Refusal.UNKNOWN)
        if question.sender.id != context.message.sender.id:
            return refused(Refusal.NOT_YOURS)
        texts = self._wording(context.message)
        said = replace(question, reaction="", edited=False)
        if asked["choice"] == CONTINUE:
            said, told = replace(said, text=GO_ON), texts.going_on
        else:
            said, told = replace(said, redoes=int(asked["item"])), texts.trying_again
        await self._receive([self._arrival(said, data)])
        bare = Draft(
            key=f"{PRESS}:{asked['item']}:buttons",
            chat=context.message.chat,
            part=Part(text=""),
            edits=press.message_id,
        )
        return told, Answer(drafts=(bare,))

    def _arrival(self, message: IncomingMessage, data: str) -> Arrival:
        """Say it for the person; once, however often the button is pressed."""
        return Arrival(
            account=ACCOUNT,
            key=f"{PRESS}:{data}",
            chat=message.chat,
            raw="",
            message=replace(message, sent_at=self._clock.now()),
        )


def stopped_buttons(inbox_id: int, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    """Give what stands under an answer that was stopped."""
    go_on = Button(label=texts.go_on, data=f"{PRESS}:{CONTINUE}:{inbox_id}")
    again = Button(label=texts.try_again, data=f"{PRESS}:{RETRY}:{inbox_id}")
    return ((go_on, again),)
