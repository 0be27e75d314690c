"""Messages that wait for a language model: one asks every so often, all go on when it is back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from minibot.app.model_chain import ModelChain
from minibot.app.model_watch import (
    PATIENT_AFTER_SECONDS,
    PROBE_SECONDS,
    SLOWEST_PROBE_SECONDS,
    ModelWatch,
)
from minibot.core.errors import ModelUnavailable, ModelUnreachable, StorageUnavailable
from minibot.core.events import Event, MessageAccepted
from minibot.core.inbox import InboxItem, InboxState
from tests.app.rig import Rig, in_background, overheard, plain_request
from tests.fakes import ScriptedModel, make_chat, make_settings, settle

LATER = timedelta(minutes=5)


class Waiting:
    """Messages that wait for a model, one in each of some chats."""

    def __init__(self) -> None:
        self.rig = Rig(make_settings(llm={"circuit_breaker": {"failures": 1}}))
        self.model = ScriptedModel()
        self.chain: ModelChain = self.rig.chain(self.model)
        self.watch = ModelWatch(
            self.rig.storage.inbox, self.chain, bus=self.rig.bus, clock=self.rig.clock
        )
        self.items: list[InboxItem] = []
        self.asked_at: list[float] = []
        self.seconds_to_fail = 0.0

    async def begin(self, count: int) -> None:
        await self.chain.open()
        for number in range(count):
            item = await self.rig.take(str(number), chat=make_chat(str(number)))
            await self.rig.storage.inbox.wait(item.id, self.rig.clock.now() + LATER, "away")
            self.items.append(item)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[list[Event]]:
        """Watch, and have a dispatcher that asks the model for every message that is woken."""
        async with (
            overheard(self.rig.bus, MessageAccepted) as woken,
            in_background(self.watch.run),
        ):
            yield woken

    async def lose(self) -> None:
        """Find every model away, and away for as long as anybody asks."""
        self.model.answers.extend([[ModelUnreachable()]] * 10_000)
        await self.ask()
        assert self.chain.lost

    async def find(self) -> None:
        self.model.answers.clear()
        self.chain.invite_probe()
        await self.ask()
        assert not self.chain.lost

    async def ask(self) -> None:
        with suppress(ModelUnavailable):
            await self.chain.ask(plain_request)

    async def try_again(self, woken: list[Event]) -> None:
        """Be the turn of whatever was woken: ask, in vain, and wait on."""
        for event in woken:
            assert isinstance(event, MessageAccepted)
            item = await self.rig.storage.inbox.claim(event.conversation)
            assert isinstance(item, InboxItem)
            self.asked_at.append(self.rig.clock.monotonic())
            await self.ask()
            await self.rig.clock.advance(self.seconds_to_fail)
            await self.rig.storage.inbox.wait(item.id, self.rig.clock.now() + LATER, "away")
            self.watch.notice()
        woken.clear()

    async def pass_time(self, seconds: float, woken: list[Event]) -> None:
        """Go on second by second, with a turn for everything that is woken."""
        until = self.rig.clock.monotonic() + seconds
        while self.rig.clock.monotonic() < until:
            await self.rig.clock.advance(1)
            await settle()
            await self.try_again(woken)

    @property
    def looks(self) -> int:
        return self.rig.faults.calls["inbox.wake_waiting"]


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


async def test_nothing_is_looked_for_while_nothing_waits(waiting: Waiting) -> None:
    await waiting.begin(0)
    async with waiting.watching():
        await waiting.rig.clock.advance(3600)
        assert waiting.looks == 1, "one look for what the process before left"
        await waiting.lose()
        await waiting.rig.clock.advance(3600)
        assert waiting.looks == 1


async def test_what_the_process_before_left_goes_on_at_once(waiting: Waiting) -> None:
    await waiting.begin(2)
    async with waiting.watching() as woken:
        await settle()
        assert [event.conversation for event in woken if isinstance(event, MessageAccepted)] == [
            "telegram:0",
            "telegram:1",
        ]


async def test_while_no_model_answers_the_oldest_asks_every_three_seconds(
    waiting: Waiting,
) -> None:
    await waiting.begin(3)
    await waiting.lose()
    asked = len(waiting.model.requests)
    async with waiting.watching() as woken:
        await waiting.pass_time(12, woken)
    assert waiting.asked_at == [3, 6, 9, 12]
    assert len(waiting.model.requests) - asked == 4, "every one of them may probe"
    assert all(request.once for request in waiting.model.requests[asked:])
    states = [waiting.rig.state(item.id) for item in waiting.items]
    assert states == [InboxState.WAITING] * 3


async def test_everything_goes_on_as_soon_as_a_model_answers(waiting: Waiting) -> None:
    await waiting.begin(3)
    await waiting.lose()
    async with waiting.watching() as woken:
        await waiting.rig.clock.advance(1)
        await waiting.find()
        await settle()
        assert len(woken) == 3, "without waiting for the next probe"
        await waiting.rig.clock.advance(3600)
        assert len(woken) == 3


async def test_a_message_that_begins_to_wait_is_noticed(waiting: Waiting) -> None:
    await waiting.begin(1)
    await waiting.lose()
    await waiting.rig.storage.inbox.wake_waiting(9)
    item = await waiting.rig.storage.inbox.claim("telegram:0")
    assert isinstance(item, InboxItem)
    async with waiting.watching() as woken:
        await waiting.rig.clock.advance(60)
        assert woken == []
        await waiting.rig.storage.inbox.wait(item.id, waiting.rig.clock.now() + LATER, "away")
        waiting.watch.notice()
        await waiting.rig.clock.advance(PROBE_SECONDS)
        await settle()
        assert len(woken) == 1


async def test_a_message_that_begins_to_wait_during_a_look_is_noticed(waiting: Waiting) -> None:
    await waiting.begin(1)
    await waiting.lose()
    await waiting.rig.storage.inbox.wake_waiting(9)
    item = await waiting.rig.storage.inbox.claim("telegram:0")
    assert isinstance(item, InboxItem)
    gate = waiting.rig.faults.hold_after("inbox.wake_waiting")
    async with waiting.watching() as woken:
        await waiting.rig.clock.advance(PROBE_SECONDS)
        await gate.reached.wait()
        await waiting.rig.storage.inbox.wait(item.id, waiting.rig.clock.now() + LATER, "away")
        waiting.watch.notice()
        gate.open()
        await waiting.rig.clock.advance(PROBE_SECONDS)
        await settle()
        assert len(woken) == 1


@pytest.mark.parametrize("seconds_to_fail", [0, 10])
async def test_a_long_outage_is_looked_at_less_and_less_often(
    waiting: Waiting, seconds_to_fail: float
) -> None:
    waiting.seconds_to_fail = seconds_to_fail
    await waiting.begin(1)
    await waiting.lose()
    async with waiting.watching() as woken:
        await waiting.pass_time(PATIENT_AFTER_SECONDS, woken)
        gaps = [b - a for a, b in zip(waiting.asked_at, waiting.asked_at[1:], strict=False)]
        assert max(gaps) <= seconds_to_fail + PROBE_SECONDS + 1
        waiting.asked_at.clear()
        await waiting.pass_time(1_800, woken)
        gaps = [b - a for a, b in zip(waiting.asked_at, waiting.asked_at[1:], strict=False)]
        assert gaps[0] < gaps[-1]
        slowest = SLOWEST_PROBE_SECONDS
        assert slowest - 1 <= gaps[-1] <= slowest + seconds_to_fail + 1


async def test_the_next_outage_is_looked_at_often_again(waiting: Waiting) -> None:
    await waiting.begin(1)
    await waiting.lose()
    async with waiting.watching() as woken:
        await waiting.pass_time(PATIENT_AFTER_SECONDS + 600, woken)
        await waiting.find()
        await settle()
        woken.clear()
        await waiting.lose()
        item = await waiting.rig.storage.inbox.claim("telegram:0")
        assert isinstance(item, InboxItem)
        await waiting.rig.storage.inbox.wait(item.id, waiting.rig.clock.now() + LATER, "away")
        waiting.watch.notice()
        waiting.asked_at.clear()
        began = waiting.rig.clock.monotonic()
        await waiting.pass_time(9, woken)
        assert [at - began for at in waiting.asked_at] == [3, 6, 9]


async def test_a_failing_storage_hides_nothing_from_the_next_run(waiting: Waiting) -> None:
    await waiting.begin(1)
    waiting.rig.faults.fail("inbox.wake_waiting")
    with pytest.raises(StorageUnavailable):
        await waiting.watch.run()
    async with waiting.watching() as woken:
        await settle()
        assert len(woken) == 1
