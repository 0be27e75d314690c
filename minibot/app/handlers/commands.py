"""Words that minibot itself understands, without asking the model."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from minibot.app.event_bus import EventBus
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.running_turns import RunningTurns
from minibot.app.status import Status
from minibot.core.access import CONSOLE
from minibot.core.errors import ConfigurationError
from minibot.core.inbox import InboxState
from minibot.core.ports import Inbox, Outbox

SHOWN_DEAD = 20

LONGEST_NUMBER = 18
"""Digits that are sure to fit a database's 64 bits."""

Reload = Callable[[], Awaitable[tuple[str, ...]]]
"""Reads the settings again and names what changed. Raises `ConfigurationError`."""

Run = Callable[[TurnContext, str], Awaitable[Answer]]
"""Given the context and what stands behind the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    run: Run
    help: str
    owner_only: bool = False


class Commands:
    """Middleware that answers commands and passes everything else on."""

    def __init__(
        self,
        running: RunningTurns,
        inbox: Inbox,
        *,
        outbox: Outbox,
        status: Status,
        bus: EventBus,
        reload: Reload,
    ) -> None:
        self._running = running
        self._inbox = inbox
        self._outbox = outbox
        self._status = status
        self._bus = bus
        self._reload = reload
        self._commands: dict[str, Command] = {
            "start": Command(run=self._start, help="say hello"),
            "help": Command(run=self._help, help="show this list"),
            "new": Command(run=self._new, help="begin a fresh conversation, forgetting this one"),
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

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        name, _, rest = context.message.text.partition(" ")
        if not name.startswith("/") or not name[1:].isalnum():
            return await call_next(context)
        command = self._commands.get(name[1:].lower())
        if command is None or (command.owner_only and not is_owner(context)):
            if not context.message.private:
                return Answer(state=InboxState.IGNORED, problem="a command of some other bot")
            return Answer(markdown=f"I do not know `{name}`. /help lists what I understand.")
        return await command.run(context, rest.strip())

    async def _start(self, context: TurnContext, _rest: str) -> Answer:
        name = context.message.sender.name
        greeting = f"Hello {name}!" if name else "Hello!"
        return Answer(
            markdown=f"{greeting} Write me anything and I will answer. /help shows the rest."
        )

    async def _help(self, context: TurnContext, _rest: str) -> Answer:
        shown = [
            f"/{name} – {command.help}"
            for name, command in self._commands.items()
            if not command.owner_only or is_owner(context)
        ]
        return Answer(
            markdown="Write me anything and I will answer. I also understand:\n\n"
            + "\n".join(shown)
        )

    async def _new(self, _context: TurnContext, _rest: str) -> Answer:
        return Answer(markdown="A fresh start: I forgot our conversation.", forget_history=True)

    async def _stop(self, context: TurnContext, _rest: str) -> Answer:
        stopped = self._running.stop(context.item.conversation)
        return Answer(markdown="Stopped." if stopped else "Nothing is running.")

    async def _whoami(self, context: TurnContext, _rest: str) -> Answer:
        message = context.message
        return Answer(
            markdown=f"You are `{message.sender.id}`, this chat is `{message.chat.chat_id}`."
        )

    async def _show_status(self, context: TurnContext, _rest: str) -> Answer:
        dead = len(await self._inbox.dead()), len(await self._outbox.dead())
        return Answer(markdown=self._status.describe(context.settings, dead=dead))

    async def _reload_settings(self, _context: TurnContext, _rest: str) -> Answer:
        try:
            changed = await self._reload()
        except ConfigurationError as error:
            problems = "\n".join(f"- {line}" for line in error.lines())
            return Answer(markdown=f"Refused, so nothing changed:\n\n{problems}")
        if not changed:
            return Answer(markdown="Read again; nothing is different.")
        return Answer(markdown=f"In force now: {', '.join(f'`{key}`' for key in changed)}")

    async def _dead(self, _context: TurnContext, _rest: str) -> Answer:
        items, parts = await self._inbox.dead(SHOWN_DEAD), await self._outbox.dead(SHOWN_DEAD)
        if not items and not parts:
            return Answer(markdown="There is none: I gave up on nothing.")
        lines = [f"`m{item.id}` from {item.conversation}: {item.problem}" for item in items]
        lines += [f"an answer to {part.conversation}: {part.problem}" for part in parts]
        return Answer(markdown="\n".join(lines))

    async def _revive(self, _context: TurnContext, rest: str) -> Answer:
        number = rest.removeprefix("m")
        if not number.isdecimal() or len(number) > LONGEST_NUMBER:
            return Answer(markdown="Which one? Write `/revive m12`; /dead lists them.")
        found = await self._inbox.revive(int(number))
        if found is None:
            return Answer(markdown=f"There is no `m{number}` among those I gave up on.")
        self._bus.publish(found)
        return Answer(markdown=f"`m{number}` is in line again.")


def is_owner(context: TurnContext) -> bool:
    """Say whether the person who wrote runs this minibot; never true in a group."""
    message = context.message
    if message.chat.channel == CONSOLE:
        return True
    owners = (str(owner) for owner in context.settings.channels.telegram.owners)
    return message.private and message.sender.id in owners
