import asyncio
from collections.abc import Awaitable, Callable

import pytest

from minibot.app.channels import ChannelKind
from minibot.app.daemon import FLUSH_SECONDS, Daemon
from minibot.app.pipeline import Answer, Handler, TurnContext
from minibot.core.errors import SendFailed, SlowDown, TokenRefused
from minibot.core.inbox import MAX_CRASHES, InboxState
from minibot.core.settings import Settings
from tests.app.rig import Rig, say_done
from tests.fakes import (
    PLAIN,
    FakeChannel,
    Gate,
    make_arrival,
    make_chat,
    make_settings,
    settle,
    until,
)


class Serving:
    """A daemon on the rig, with what it needs to be stopped and looked at."""

    def __init__(self, rig: Rig, handle: Handler = say_done) -> None:
        self.rig = rig
        self.stop = asyncio.Event()
        self.background: dict[str, Callable[[], Awaitable[None]]] = {}
        turns = rig.turns(handle)
        self._daemon = Daemon(
            inbox=rig.storage.inbox,
            outbox=rig.storage.outbox,
            channels=rig.channels,
            dispatcher=rig.dispatcher(turns.run),
            delivery=rig.delivery,
            turns=turns,
            supervisor=rig.supervisor,
            settings=rig.live,
            background=self.background,
        )

    def start(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._daemon.run(self.stop))


@pytest.fixture
def rig() -> Rig:
    return Rig(make_settings(runtime={"shutdown_grace_seconds": 0.2}))


def stopping_at(gate: Gate) -> Handler:
    async def handle(_context: TurnContext) -> Answer:
        await gate.pass_through()
        return Answer(markdown="done")

    return handle


async def come(rig: Rig, *texts: str) -> None:
    assert rig.channel.receive is not None
    await rig.channel.receive([make_arrival(text, text) for text in texts])


async def test_message_is_answered_and_the_stop_obeyed(rig: Rig) -> None:
    serving = Serving(rig)
    running = serving.start()
    await until(lambda: rig.channel.receive)
    await come(rig, "hello")
    await until(lambda: rig.channel.said() == ["done"])
    serving.stop.set()
    await running
    assert rig.channel.receive is None
    assert rig.part_states() == ["sent"]


async def test_channel_that_ends_is_answered_to_the_last_and_ends_the_daemon(rig: Rig) -> None:
    gate = Gate()
    running = Serving(rig, stopping_at(gate)).start()
    await until(lambda: rig.channel.receive)
    await come(rig, "one", "two")
    rig.channel.end()
    await gate.reached.wait()
    await settle()
    assert not running.done()
    gate.open()
    await running
    assert rig.channel.said() == ["done", "done"]


async def test_stop_while_the_last_answers_are_written_is_obeyed(rig: Rig) -> None:
    gate = Gate()
    serving = Serving(rig, stopping_at(gate))
    running = serving.start()
    await until(lambda: rig.channel.receive)
    await come(rig, "one")
    rig.channel.end()
    await gate.reached.wait()
    serving.stop.set()
    await running
    assert rig.state(1) is InboxState.RECEIVED


async def test_turn_that_ends_in_the_time_of_grace_is_delivered(rig: Rig) -> None:
    rig.live.replace(make_settings(runtime={"shutdown_grace_seconds": 60}))
    gate = Gate()
    serving = Serving(rig, stopping_at(gate))
    running = serving.start()
    await until(lambda: rig.channel.receive)
    await come(rig, "one", "two")
    await gate.reached.wait()
    serving.stop.set()
    await until(lambda: rig.channel.receive is None)
    gate.open()
    await running
    assert rig.channel.said() == ["done"]
    assert [rig.state(number) for number in (1, 2)] == [InboxState.DONE, InboxState.RECEIVED]


async def test_turn_that_outlasts_the_grace_is_put_back(rig: Rig) -> None:
    gate = Gate()
    serving = Serving(rig, stopping_at(gate))
    running = serving.start()
    await until(lambda: rig.channel.receive)
    await come(rig, "one")
    await gate.reached.wait()
    serving.stop.set()
    await running
    assert rig.state(1) is InboxState.RECEIVED
    assert rig.rows.inbox[1].attempts == 0


async def test_answer_that_does_not_leave_in_time_stays_in_the_outbox(rig: Rig) -> None:
    stuck = Gate()
    rig.channel.fail("42", stuck)
    serving = Serving(rig)
    running = serving.start()
    await until(lambda: rig.channel.receive)
    await come(rig, "one")
    await stuck.reached.wait()
    started = asyncio.get_running_loop().time()
    serving.stop.set()
    await running
    assert asyncio.get_running_loop().time() - started >= FLUSH_SECONDS
    assert rig.part_states() == ["sending"]
    assert await Rig(rows=rig.rows).storage.outbox.recover() == 1


@pytest.mark.parametrize("error", [SlowDown(3600), SendFailed("down")])
async def test_answer_that_has_to_wait_does_not_hold_up_the_end(rig: Rig, error: Exception) -> None:
    rig.channel.fail("42", error)
    serving = Serving(rig)
    running = serving.start()
    await until(lambda: rig.channel.receive)
    await come(rig, "one")
    await until(lambda: rig.channel.tried)
    serving.stop.set()
    await running
    assert rig.part_states() == ["retry"]


async def test_start_takes_back_what_a_dead_process_held(rig: Rig) -> None:
    dead = Rig(rows=rig.rows)
    await dead.take("held")
    (part,) = await dead.enqueue("half sent", chat=make_chat("5"))
    await dead.storage.outbox.claim(part.id)
    serving = Serving(rig)
    running = serving.start()
    await until(lambda: len(rig.channel.sent) == 2)
    serving.stop.set()
    await running
    assert sorted(rig.channel.said()) == ["done", "half sent"]


async def test_message_that_killed_too_many_processes_is_given_up_with_a_word(rig: Rig) -> None:
    await Rig(rows=rig.rows).take("poison")
    rig.rows.inbox[1].crashes = MAX_CRASHES - 1
    serving = Serving(rig)
    running = serving.start()
    await until(lambda: rig.channel.sent)
    serving.stop.set()
    await running
    assert rig.state(1) is InboxState.DEAD
    assert "reference m1" in rig.channel.said()[0]


async def test_refused_token_at_the_start_ends_the_daemon_with_it(rig: Rig) -> None:
    rig.channel.failure = TokenRefused("wrong token")
    with pytest.raises(TokenRefused, match="wrong token"):
        await Serving(rig).start()


async def test_channel_that_cannot_be_built_ends_the_daemon(rig: Rig) -> None:
    def build(_settings: Settings) -> FakeChannel:
        raise LookupError("a bug")

    rig.channels = rig.channel_set(
        {"telegram": ChannelKind(enabled=lambda _: True, key=lambda _: (), build=build, **PLAIN)}
    )
    with pytest.RaisesGroup(pytest.RaisesGroup(LookupError)):
        await Serving(rig).start()


async def test_component_beside_is_run_restarted_and_ended(rig: Rig) -> None:
    lives: list[str] = []

    async def component() -> None:
        lives.append("begun")
        if len(lives) == 1:
            raise LookupError("a bug")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            lives.append("ended")

    serving = Serving(rig)
    serving.background["beside"] = component
    running = serving.start()
    await rig.clock.advance(1)
    serving.stop.set()
    await running
    assert lives == ["begun", "begun", "ended"]
