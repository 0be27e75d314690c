"""Commands that steer minibot itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from minibot.app.event_bus import EventBus
from minibot.app.handlers.command import Command, notice
from minibot.app.incognito import Incognito
from minibot.app.long_turns import LongTurns
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.running_turns import RunningTurns
from minibot.app.status import Status
from minibot.app.wording import Wording, in_own_language
from minibot.core.errors import ConfigurationError
from minibot.core.ports import DeadLetters, Inbox, Outbox

SHOWN_DEAD = 20

LONGEST_NUMBER = 18
"""Digits that are sure to fit a database's 64 bits."""

Reload = Callable[[], Awaitable[tuple[str, ...]]]
"""Reads the settings again and names what changed. Raises `ConfigurationError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlCommands:
    """Fresh start, stopping, looking, reloading."""

    running: RunningTurns
    long_turns: LongTurns
    inbox: Inbox
    dead_letters: DeadLetters
    outbox: Outbox
    status: Status
    bus: EventBus
    reload: Reload
    incognito: Incognito
    wording: Wording = in_own_language

    def commands(self) -> dict[str, Command]:
        return {
            "new": Command(run=self._new, help="begin a fresh conversation, putting this one away"),
            "stop": Command(run=self._stop, help="stop the answer that is being written"),
            "whoami": Command(run=self._whoami, help="show your id and this chat's"),
            "status": Command(run=self._show_status, help="show how I am doing", owner_only=True),
            "reload": Command(
                run=self._reload_settings, help="read config.toml and .env again", owner_only=True
            ),
            "dead": Command(run=self._dead, help="list messages I gave up on", owner_only=True),
            "revive": Command(
                run=self._revive, help="try one of them again: /revive m12", owner_only=True
            ),
        }

    async def _new(self, context: TurnContext, _rest: str) -> Answer:
        conversation = context.item.conversation
        if self.incognito.is_on(conversation):
            self.incognito.forget(conversation)
            return Answer(markdown="A fresh start: I forgot what was said incognito.")
        return Answer(
            markdown="A fresh start. What was said is put away; /forget erases it.",
            forget_history=True,
        )

    async def _stop(self, context: TurnContext, _rest: str) -> Answer:
        conversation = context.item.conversation
        stopped = self.running.stop(conversation) or bool(self.long_turns.stop_aside(conversation))
        dropped = await self.inbox.cancel_waiting(conversation)
        texts = self.wording(context.message)
        if dropped:
            return Answer(markdown=texts.stopped_waiting)
        return Answer(markdown=texts.stopped if stopped else texts.nothing_runs)

    async def _whoami(self, context: TurnContext, _rest: str) -> Answer:
        message = context.message
        return notice(f"You are `{message.sender.id}`, this chat is `{message.chat.chat_id}`.")

    async def _show_status(self, _context: TurnContext, _rest: str) -> Answer:
        dead = len(await self.dead_letters.dead()), len(await self.outbox.dead())
        return Answer(markdown=self.status.describe(dead=dead))

    async def _reload_settings(self, _context: TurnContext, _rest: str) -> Answer:
        try:
            changed = await self.reload()
        except ConfigurationError as error:
            problems = "\n".join(f"- {line}" for line in error.lines())
            return Answer(markdown=f"Refused, so nothing changed:\n\n{problems}")
        if not changed:
            return Answer(markdown="Read again; nothing is different.")
        return Answer(markdown=f"In force now: {', '.join(f'`{key}`' for key in changed)}")

    async def _dead(self, _context: TurnContext, _rest: str) -> Answer:
        items, parts = await self.dead_letters.dead(SHOWN_DEAD), await self.outbox.dead(SHOWN_DEAD)
        if not items and not parts:
            return Answer(markdown="There is none: I gave up on nothing.")
        lines = [
            f"`m{item.id}` from {item.conversation}: {literal(item.problem)}" for item in items
        ]
        lines += [f"an answer to {part.conversation}: {literal(part.problem)}" for part in parts]
        return Answer(markdown="\n".join(lines))

    async def _revive(self, _context: TurnContext, rest: str) -> Answer:
        number = rest.removeprefix("m")
        if not number.isdecimal() or len(number) > LONGEST_NUMBER:
            return Answer(markdown="Which one? Write `/revive m12`; /dead lists them.")
        found = await self.dead_letters.revive(int(number))
        if found is None:
            return Answer(markdown=f"There is no `m{number}` among those I gave up on.")
        self.bus.publish(found)
        return Answer(markdown=f"`m{number}` is in line again.")
