"""Answers commands and passes everything else on."""

from collections.abc import Mapping

from minibot.app.handlers.command import Command, is_owner, notice
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.app.wording import Wording, in_own_language
from minibot.core.inbox import InboxState
from minibot.core.messages import IncomingMessage
from minibot.core.texts import Texts


class Commands:
    """Middleware that answers commands."""

    def __init__(self, commands: Mapping[str, Command], wording: Wording = in_own_language) -> None:
        """Take commands by name, in the order in which /help shows them."""
        self._wording = wording
        self._commands = {
            "start": Command(run=self._start, help="say hello"),
            "help": Command(run=self._help, help="show this list"),
            **commands,
        }

    async def __call__(self, call_next: Handler, context: TurnContext) -> Answer:
        name, rest = split_command(context.message.text)
        if not name:
            return await call_next(context)
        command = self._commands.get(name[1:].lower())
        if command is None or (command.owner_only and not is_owner(context)):
            if not context.message.private:
                return Answer(state=InboxState.IGNORED, problem="a command of some other bot")
            return Answer(markdown=self._texts(context).unknown_command.format(name=name))
        if _is_passed_on(context.message):
            return notice(self._texts(context).passed_on)
        return await command.run(context, rest)

    async def _start(self, context: TurnContext, _rest: str) -> Answer:
        texts, name = self._texts(context), context.message.sender.name
        hello = texts.hello_to.format(name=literal(name)) if name else texts.hello
        return notice(f"{hello} {texts.greeting} {texts.more_help}")

    async def _help(self, context: TurnContext, _rest: str) -> Answer:
        texts = self._texts(context)
        shown = [
            f"/{name} – {described(name, command, texts)}"
            for name, command in self._commands.items()
            if not command.owner_only or is_owner(context)
        ]
        heading = f"{texts.greeting} {texts.also_understand}"
        return notice("\n".join((heading, "", *shown)))

    def list(self) -> Mapping[str, Command]:
        """Give all there are, in the order in which /help shows them."""
        return self._commands

    def _texts(self, context: TurnContext) -> Texts:
        return self._wording(context.message)


def split_command(text: str) -> tuple[str, str]:
    """Give a command with its slash, and what stands behind; nothing where there is none."""
    if not text.startswith("/"):
        return "", ""
    name, rest = (*text.split(maxsplit=1), "")[:2]
    return (name, rest.strip()) if name[1:].isalnum() else ("", "")


def described(name: str, command: Command, texts: Texts) -> str:
    """Say in a few words what a command does; in English where a language has no words for it."""
    return texts.commands.get(name, command.help)


def _is_passed_on(message: IncomingMessage) -> bool:
    """Say whether somebody else wrote these words; with a quote, only that is somebody else's."""
    return message.foreign and not message.quoted_text
