"""Telling commands from questions."""

from typing import Any

import pytest

from minibot.app.handlers.command import Command, is_owner
from minibot.app.handlers.commands import Commands
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.inbox import InboxState
from minibot.core.texts import ENGLISH
from tests.app.turn_context import make_context
from tests.fakes import make_chat

OWNER = "7"


class Commanding:
    """Two commands in front of a handler that says it was asked."""

    def __init__(self) -> None:
        commands = Commands(
            {
                "echo": Command(run=self._echo, help="say it again"),
                "secret": Command(run=self._echo, help="for the owner", owner_only=True),
            }
        )
        self._handle = compose(self._ask, [commands])

    async def answer(self, context: TurnContext) -> Answer:
        return await self._handle(context)

    async def say(self, text: str, *, sender_id: str = "42") -> str:
        return (await self.answer(make_context(text, sender_id=sender_id))).markdown

    async def _echo(self, _context: TurnContext, rest: str) -> Answer:
        return Answer(markdown=f"echo <{rest}>")

    async def _ask(self, _context: TurnContext) -> Answer:
        return Answer(markdown="asked the model")


@pytest.fixture
def commanding() -> Commanding:
    return Commanding()


@pytest.mark.parametrize("text", ["hello", "", "/", "/usr/bin/env?", "what is /help", "// note"])
async def test_what_is_no_command_is_for_the_model(commanding: Commanding, text: str) -> None:
    assert await commanding.say(text) == "asked the model"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("/echo", ""),
        ("/ECHO", ""),
        ("/echo  a  b ", "a  b"),
        ("/echo /echo", "/echo"),
        ("/echo\na b\nc", "a b\nc"),
    ],
)
async def test_a_command_is_given_what_stands_behind_it(
    commanding: Commanding, text: str, rest: str
) -> None:
    assert await commanding.say(text) == f"echo <{rest}>"


async def test_start_greets_by_name(commanding: Commanding) -> None:
    assert (await commanding.say("/start")).startswith("Hello Ann!")
    assert await commanding.say("/START deep-link") == await commanding.say("/start")


async def test_help_lists_what_the_person_may_use(commanding: Commanding) -> None:
    for_all = await commanding.say("/help")
    for_owner = await commanding.say("/help", sender_id=OWNER)
    for name in ("start", "help", "echo"):
        assert f"/{name} – " in for_all
        assert f"/{name} – " in for_owner
    assert "/secret" not in for_all
    assert "/secret – for the owner" in for_owner


async def test_unknown_command_is_named(commanding: Commanding) -> None:
    assert "I do not know `/dance`" in await commanding.say("/dance now")


async def test_owners_commands_are_unknown_to_others(commanding: Commanding) -> None:
    strangers = await commanding.say("/secret")
    assert strangers == (await commanding.say("/dance")).replace("dance", "secret")
    assert await commanding.say("/secret", sender_id=OWNER) == "echo <>"


@pytest.mark.parametrize("text", ["/dance", "/secret"])
async def test_foreign_command_in_a_group_is_another_bots(
    commanding: Commanding, text: str
) -> None:
    context = make_context(text, chat=make_chat("-100"), private=False, sender_id=OWNER)
    answer = await commanding.answer(context)
    assert (answer.markdown, answer.state) == ("", InboxState.IGNORED)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"foreign": True}, ENGLISH.passed_on),
        ({"foreign": True, "quoted_text": "theirs"}, "echo <>"),
    ],
    ids=["forwarded", "own words on a quote"],
)
async def test_what_somebody_else_wrote_is_no_command(
    commanding: Commanding, fields: dict[str, Any], said: str
) -> None:
    assert (await commanding.answer(make_context("/echo", **fields))).markdown == said


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (make_context(sender_id="7"), True),
        (make_context(sender_id="8"), False),
        (make_context(sender_id="7", chat=make_chat("-100"), private=False), False),
        (make_context(sender_id="x", chat=make_chat("local", channel="console")), True),
    ],
    ids=["owner", "other", "owner in a group", "console"],
)
def test_owner_is_whoever_runs_it_in_private(context: TurnContext, expected: bool) -> None:
    assert is_owner(context) is expected
