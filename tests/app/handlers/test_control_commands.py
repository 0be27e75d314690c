"""Commands that steer minibot itself."""

import asyncio
from datetime import timedelta

import pytest

from minibot.app.handlers.commands import Commands
from minibot.app.handlers.control_commands import ControlCommands
from minibot.app.incognito import Incognito
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.events import MessageAccepted
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxState
from minibot.core.llm import Role, Utterance
from tests.app.rig import Rig, overheard
from tests.app.test_status import describing
from tests.app.turn_context import make_context
from tests.fakes import Gate, ScriptedModel, make_arrival, make_chat, make_settings, settle

OWNER = "7"
TWO_MODELS = {
    "provider": "openai",
    "model": "gpt-5",
    "api_key": "k",
    "circuit_breaker": {"failures": 1},
    "fallbacks": [
        {"provider": "claude", "model": "small", "api_key": "k", "capabilities": {"tools": False}}
    ],
}


class Controlling:
    """The commands with a daemon to steer."""

    def __init__(self) -> None:
        self.rig = rig = Rig(make_settings(llm=TWO_MODELS))
        self.reloaded: tuple[str, ...] | ConfigurationError = ()
        self.model = ScriptedModel()
        self.chain = rig.chain(self.model)
        self.incognito = Incognito(rig.storage.preferences)
        commands = ControlCommands(
            running=rig.running,
            long_turns=rig.long_turns(),
            inbox=rig.storage.inbox,
            dead_letters=rig.storage.dead_letters,
            outbox=rig.storage.outbox,
            status=describing(rig, self.chain),
            bus=rig.bus,
            reload=self._reload,
            incognito=self.incognito,
        )
        self._handle = compose(_fail, [Commands(commands.commands())])

    async def answer(self, context: TurnContext) -> Answer:
        return await self._handle(context)

    async def say(self, text: str, *, sender_id: str = OWNER) -> str:
        return (await self.answer(make_context(text, sender_id=sender_id))).markdown

    async def _reload(self) -> tuple[str, ...]:
        if isinstance(self.reloaded, ConfigurationError):
            raise self.reloaded
        return self.reloaded


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError


@pytest.fixture
async def controlling() -> Controlling:
    made = Controlling()
    await made.chain.open()
    return made


@pytest.mark.parametrize("name", ["status", "reload", "dead", "revive"])
async def test_some_commands_are_the_owners(controlling: Controlling, name: str) -> None:
    assert "I do not know" in await controlling.say(f"/{name}", sender_id="42")
    assert "I do not know" not in await controlling.say(f"/{name}")


@pytest.mark.parametrize("name", ["new", "stop", "whoami"])
async def test_the_others_are_everybodys(controlling: Controlling, name: str) -> None:
    assert "I do not know" not in await controlling.say(f"/{name}", sender_id="42")


async def test_new_puts_the_conversation_away(controlling: Controlling) -> None:
    answer = await controlling.answer(make_context("/new"))
    assert answer.forget_history
    assert "fresh start" in answer.markdown


async def test_new_forgets_an_incognito_conversation_and_puts_nothing_away(
    controlling: Controlling,
) -> None:
    await controlling.incognito.switch("telegram:42", on=True)
    asked = Exchange(item=1, questions=(1,))
    controlling.incognito.add("telegram:42", [Utterance(role=Role.USER, text="secret")], asked)
    answer = await controlling.answer(make_context("/new"))
    assert not answer.forget_history
    assert "incognito" in answer.markdown
    assert controlling.incognito.said("telegram:42") == ()
    assert controlling.incognito.is_on("telegram:42")


async def test_stop_stops_the_turn_of_its_conversation(controlling: Controlling) -> None:
    assert await controlling.say("/stop") == "Nothing is running."
    gate = Gate()
    running = controlling.rig.running
    turn = asyncio.create_task(running.run("telegram:42", gate.pass_through()))
    other = asyncio.create_task(running.run("telegram:43", gate.pass_through()))
    await gate.reached.wait()
    assert await controlling.say("/stop") == "Stopped."
    await asyncio.wait((turn,))
    assert not other.done()
    gate.open()
    await other
    assert turn.exception() is not None


async def test_stop_answers_in_the_language_of_its_person(controlling: Controlling) -> None:
    said = await controlling.answer(make_context("/stop", language="de"))
    assert said.markdown == "Gerade läuft nichts."


async def test_stop_gives_up_what_waits_for_a_model_in_its_conversation(
    controlling: Controlling,
) -> None:
    rig = controlling.rig
    items = [await rig.take("1"), await rig.take("2", chat=make_chat("43"))]
    for item in items:
        await rig.storage.inbox.wait(item.id, rig.clock.now() + timedelta(minutes=5), "away")
    assert await controlling.say("/stop") == (
        "Stopped; I will not answer what waited for the model."
    )
    assert [rig.state(item.id) for item in items] == [InboxState.CANCELLED, InboxState.WAITING]


async def test_whoami_tells_both_ids(controlling: Controlling) -> None:
    context = make_context("/whoami", chat=make_chat("-100"), private=False)
    answer = (await controlling.answer(context)).markdown
    assert "`42`" in answer
    assert "`-100`" in answer


async def test_status_counts_what_was_given_up(controlling: Controlling) -> None:
    await controlling.rig.turns(_fail).bury(await controlling.rig.take())
    status = await controlling.say("/status")
    assert "minibot 9.9" in status
    assert "version 3" in status
    assert "Given up: 1 message, 0 answers" in status


async def test_reload_names_what_changed(controlling: Controlling) -> None:
    assert "nothing is different" in await controlling.say("/reload")
    controlling.reloaded = ("llm.model", "runtime.log_level")
    assert await controlling.say("/reload") == "In force now: `llm.model`, `runtime.log_level`"


async def test_refused_reload_lists_the_problems(controlling: Controlling) -> None:
    controlling.reloaded = ConfigurationError(
        "config.toml", [Problem(key="llm.model", message="odd", line=3)]
    )
    answer = await controlling.say("/reload")
    assert "nothing changed" in answer
    assert "- config.toml:3: llm.model: odd" in answer


async def test_dead_lists_messages_and_answers(controlling: Controlling) -> None:
    rig = controlling.rig
    assert "none" in await controlling.say("/dead")
    await rig.turns(_fail).bury(await rig.take())
    (part,) = await rig.enqueue("x", chat=make_chat("5"))
    await rig.storage.outbox.bury(part.id, "blocked")
    answer = await controlling.say("/dead")
    assert "`m1` from telegram:42: the process died 0 times" in answer
    assert "an answer to telegram:5: blocked" in answer


async def test_revived_message_is_in_line_again(controlling: Controlling) -> None:
    rig = controlling.rig
    await rig.turns(_fail).bury(await rig.take())
    async with overheard(rig.bus, MessageAccepted) as events:
        assert "in line again" in await controlling.say("/revive m1")
        await settle()
    assert events == [MessageAccepted(inbox_id=1, conversation="telegram:42", urgent=False)]
    assert rig.state(1) is InboxState.RECEIVED


@pytest.mark.parametrize("rest", ["5", "m999999999999999999"])
async def test_only_what_was_given_up_can_be_revived(controlling: Controlling, rest: str) -> None:
    await controlling.rig.admit([make_arrival("1")])
    assert "There is no `m" in await controlling.say(f"/revive {rest}")
    assert "There is no `m1`" in await controlling.say("/revive 1")


@pytest.mark.parametrize("rest", ["", "mm1", "-1", "all", "m" + "9" * 4000])
async def test_revive_asks_which_one(controlling: Controlling, rest: str) -> None:
    assert "Which one?" in await controlling.say(f"/revive {rest}")
