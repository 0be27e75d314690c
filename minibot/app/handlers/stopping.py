"""Stopping an answer, and what can be done with one that was stopped."""

import re
from dataclasses import replace

from minibot.app.handlers.presses import refused
from minibot.app.long_turns import LongTurns
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.running_turns import RunningTurns
from minibot.core.approvals import Refusal
from minibot.core.inbox import InboxState
from minibot.core.messages import STOP_PRESS, Arrival, Button, IncomingMessage, Part, Press
from minibot.core.outbox import Draft
from minibot.core.ports import Clock, Outcomes, Receive
from minibot.core.stop_words import is_stop_word

PRESS = "stopped"
CONTINUE, RETRY = "on", "again"
ACCOUNT = "minibot"
"""Whose delivery it is when a button says something for its person."""

GO_ON = "Go on exactly where you were stopped."
SAID = {CONTINUE: "I go on.", RETRY: "I try again."}

_DATA = re.compile(r"(?P<choice>on|again):(?P<item>[0-9]{1,18})")


class HeedStopWord:
    """Middleware: takes a word such as "stop" for /stop while there is something to stop."""

    def __init__(self, running: RunningTurns, long_turns: LongTurns) -> None:
        self._running = running
        self._long_turns = long_turns

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        message, conversation = context.message, context.item.conversation
        if message.foreign or not is_stop_word(message.text):
            return await call_next(context)
        if self._running.stop(conversation) or self._long_turns.stop_aside(conversation):
            return Answer(markdown="Stopped.")
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

    def __init__(self, outcomes: Outcomes, receive: Receive, clock: Clock) -> None:
        self._outcomes = outcomes
        self._receive = receive
        self._clock = clock

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        asked = _DATA.fullmatch(data)
        question = await self._outcomes.contents(int(asked["item"])) if asked else None
        if asked is None or question is None:
            return refused(Refusal.EXPIRED if asked else Refusal.UNKNOWN)
        if question.sender.id != context.message.sender.id:
            return refused(Refusal.NOT_YOURS)
        choice = asked["choice"]
        said = replace(question, reaction="", edited=False)
        if choice == CONTINUE:
            said = replace(said, text=GO_ON)
        else:
            said = replace(said, redoes=int(asked["item"]))
        await self._receive([self._arrival(said, data)])
        bare = Draft(
            key=f"{PRESS}:{asked['item']}:buttons",
            chat=context.message.chat,
            part=Part(text=""),
            edits=press.message_id,
        )
        return SAID[choice], Answer(drafts=(bare,))

    def _arrival(self, message: IncomingMessage, data: str) -> Arrival:
        """Say it for the person; once, however often the button is pressed."""
        return Arrival(
            account=ACCOUNT,
            key=f"{PRESS}:{data}",
            chat=message.chat,
            raw="",
            message=replace(message, sent_at=self._clock.now()),
        )


def stopped_buttons(inbox_id: int) -> tuple[tuple[Button, ...], ...]:
    """Give what stands under an answer that was stopped."""
    go_on = Button(label="▶️ Continue", data=f"{PRESS}:{CONTINUE}:{inbox_id}")
    again = Button(label="🔁 Retry", data=f"{PRESS}:{RETRY}:{inbox_id}")
    return ((go_on, again),)
