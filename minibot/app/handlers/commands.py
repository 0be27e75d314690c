"""Answers commands and passes everything else on."""

from collections.abc import Mapping

from minibot.app.handlers.command import Command, is_owner
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.inbox import InboxState
from minibot.core.messages import IncomingMessage

GREETING = "Write me anything and I will answer."
PASSED_ON = "That command was forwarded, so I did not follow it. Write it yourself if you mean it."


class Commands:
    """Middleware that answers commands."""

    def __init__(self, commands: Mapping[str, Command]) -> None:
        """Take commands by name, in the order in which /help shows them."""
        self._commands = {
            "start": Command(run=self._start, help="say hello"),
            "help": Command(run=self._help, help="show this list"),
            **commands,
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
        if _is_passed_on(context.message):
            return Answer(markdown=PASSED_ON)
        return await command.run(context, rest.strip())

    async def _start(self, context: TurnContext, _rest: str) -> Answer:
        name = context.message.sender.name
        hello = f"Hello {literal(name)}!" if name else "Hello!"
        return Answer(markdown=f"{hello} {GREETING} /help shows the rest.")

    async def _help(self, context: TurnContext, _rest: str) -> Answer:
        shown = [
            f"/{name} – {command.help}"
            for name, command in self._commands.items()
            if not command.owner_only or is_owner(context)
        ]
        return Answer(markdown="\n".join((f"{GREETING} I also understand:", "", *shown)))


def _is_passed_on(message: IncomingMessage) -> bool:
    """Say whether somebody else wrote these words; with a quote, only that is somebody else's."""
    return message.foreign and not message.quoted_text
