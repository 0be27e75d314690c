import asyncio

import pytest

from minibot.app.handlers.commands import Commands, is_owner
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.app.status import Status
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.events import MessageAccepted
from minibot.core.inbox import InboxState
from tests.app.rig import Rig, overheard
from tests.app.turn_context import make_context
from tests.fakes import Gate, make_arrival, make_chat, settle

OWNER = "7"


class Commanding:
    """The commands in front of a handler that says it was asked."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.reloaded: tuple[str, ...] | ConfigurationError = ()
        rig = self.rig
        status = Status(
            version="9.9",
            clock=rig.clock,
            channels=rig.channels,
            supervisor=rig.supervisor,
            running=rig.running,
            bus=rig.bus,
            generation=lambda: 3,
            started_at=0.0,
        )
        commands = Commands(
            rig.running,
            rig.storage.inbox,
            outbox=rig.storage.outbox,
            status=status,
            bus=rig.bus,
            reload=self._reload,
        )
        self._handle = compose(self._ask, [commands])

    async def answer(self, context: TurnContext) -> Answer:
        return await self._handle(context)

    async def say(self, text: str, *, sender_id: str = "42") -> str:
        return (await self.answer(make_context(text, sender_id=sender_id))).markdown

    async def _ask(self, _context: TurnContext) -> Answer:
        return Answer(markdown="asked the model")

    async def _reload(self) -> tuple[str, ...]:
        if isinstance(self.reloaded, ConfigurationError):
            raise self.reloaded
        return self.reloaded


@pytest.fixture
def commanding() -> Commanding:
    return Commanding()


@pytest.mark.parametrize("text", ["hello", "", "/", "/usr/bin/env?", "what is /help", "// note"])
async def test_what_is_no_command_is_for_the_model(commanding: Commanding, text: str) -> None:
    assert await commanding.say(text) == "asked the model"


async def test_start_greets_by_name(commanding: Commanding) -> None:
    assert (await commanding.say("/start")).startswith("Hello Ann!")
    assert await commanding.say("/START deep-link") == await commanding.say("/start")


async def test_help_lists_what_the_person_may_use(commanding: Commanding) -> None:
    for_all = await commanding.say("/help")
    for_owner = await commanding.say("/help", sender_id=OWNER)
    assert all(f"/{name} " in for_all for name in ("start", "help", "new", "stop", "whoami"))
    for name in ("status", "reload", "dead", "revive"):
        assert f"/{name} " not in for_all
        assert f"/{name} " in for_owner


async def test_unknown_command_is_named(commanding: Commanding) -> None:
    assert "I do not know `/dance`" in await commanding.say("/dance now")


@pytest.mark.parametrize("name", ["status", "reload", "dead", "revive"])
async def test_owners_commands_are_unknown_to_others(commanding: Commanding, name: str) -> None:
    strangers = await commanding.say(f"/{name}")
    assert strangers == (await commanding.say("/dance")).replace("dance", name)
    assert "I do not know" not in await commanding.say(f"/{name}", sender_id=OWNER)


async def test_foreign_command_in_a_group_is_another_bots(commanding: Commanding) -> None:
    context = make_context("/dance", chat=make_chat("-100"), private=False)
    answer = await commanding.answer(context)
    assert (answer.markdown, answer.state) == ("", InboxState.IGNORED)


async def test_new_forgets_the_history(commanding: Commanding) -> None:
    answer = await commanding.answer(make_context("/new"))
    assert answer.forget_history
    assert "fresh start" in answer.markdown


async def test_stop_stops_the_turn_of_its_conversation(commanding: Commanding) -> None:
    assert await commanding.say("/stop") == "Nothing is running."
    gate = Gate()
    running = commanding.rig.running
    turn = asyncio.create_task(running.run("telegram:42", gate.pass_through()))
    other = asyncio.create_task(running.run("telegram:43", gate.pass_through()))
    await gate.reached.wait()
    assert await commanding.say("/stop") == "Stopped."
    await asyncio.wait((turn,))
    assert not other.done()
    gate.open()
    await other
    assert turn.exception() is not None


async def test_whoami_tells_both_ids(commanding: Commanding) -> None:
    context = make_context("/whoami", chat=make_chat("-100"), private=False)
    answer = (await commanding.answer(context)).markdown
    assert "`42`" in answer
    assert "`-100`" in answer


async def test_status_counts_what_was_given_up(commanding: Commanding) -> None:
    item = await commanding.rig.take()
    await commanding.rig.turns(_fail).bury(item)
    status = await commanding.say("/status", sender_id=OWNER)
    assert "minibot 9.9" in status
    assert "version 3" in status
    assert "Given up: 1 messages, 0 answers" in status


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError


async def test_reload_names_what_changed(commanding: Commanding) -> None:
    assert "nothing is different" in await commanding.say("/reload", sender_id=OWNER)
    commanding.reloaded = ("llm.model", "runtime.log_level")
    answer = await commanding.say("/reload", sender_id=OWNER)
    assert answer == "In force now: `llm.model`, `runtime.log_level`"


async def test_refused_reload_lists_the_problems(commanding: Commanding) -> None:
    commanding.reloaded = ConfigurationError(
        "config.toml", [Problem(key="llm.model", message="odd", line=3)]
    )
    answer = await commanding.say("/reload", sender_id=OWNER)
    assert "nothing changed" in answer
    assert "- config.toml:3: llm.model: odd" in answer


async def test_dead_lists_messages_and_answers(commanding: Commanding) -> None:
    rig = commanding.rig
    assert "none" in await commanding.say("/dead", sender_id=OWNER)
    await rig.turns(_fail).bury(await rig.take())
    (part,) = await rig.enqueue("x", chat=make_chat("5"))
    await rig.storage.outbox.bury(part.id, "blocked")
    answer = await commanding.say("/dead", sender_id=OWNER)
    assert "`m1` from telegram:42: the process died 0 times" in answer
    assert "an answer to telegram:5: blocked" in answer


async def test_revived_message_is_in_line_again(commanding: Commanding) -> None:
    rig = commanding.rig
    await rig.turns(_fail).bury(await rig.take())
    async with overheard(rig.bus, MessageAccepted) as events:
        assert "in line again" in await commanding.say("/revive m1", sender_id=OWNER)
        await settle()
    assert events == [MessageAccepted(inbox_id=1, conversation="telegram:42", urgent=False)]
    assert rig.state(1) is InboxState.RECEIVED


@pytest.mark.parametrize("rest", ["5", "m999999999999999999"])
async def test_only_what_was_given_up_can_be_revived(commanding: Commanding, rest: str) -> None:
    await commanding.rig.admit([make_arrival("1")])
    assert "There is no `m" in await commanding.say(f"/revive {rest}", sender_id=OWNER)
    assert "There is no `m1`" in await commanding.say("/revive 1", sender_id=OWNER)


@pytest.mark.parametrize("rest", ["", "mm1", "-1", "all", "m" + "9" * 4000])
async def test_revive_asks_which_one(commanding: Commanding, rest: str) -> None:
    assert "Which one?" in await commanding.say(f"/revive {rest}", sender_id=OWNER)


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
