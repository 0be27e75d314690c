"""A server that asks to slow down is asked by one question at a time, and nobody is forgotten."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minibot.adapters.llm.gate import Gate, Patience
from minibot.core.errors import ModelBusy, ModelUnreachable
from minibot.core.settings import ModelRetry
from tests.adapters.llm.virtual_time import in_virtual_time, now

POLICY = ModelRetry(attempts=3, min_wait_seconds=2, max_wait_seconds=10)
BUSY = "the model's server answered 429 Too Many Requests"

Answer = float | None | Exception
"""What a question meets: seconds of Retry-After, None for being taken, or another failure."""


@dataclass(slots=True)
class Server:
    """Answers questions as scripted, and takes all behind the script's end."""

    answers: Sequence[Answer] = ()
    asked: list[tuple[str, float]] = field(default_factory=list)
    takes_seconds: float = 0.0

    async def answer(self, name: str, taken: Callable[[], None]) -> None:
        place = len(self.asked)
        self.asked.append((name, now()))
        await asyncio.sleep(self.takes_seconds)
        answer = self.answers[place] if place < len(self.answers) else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            raise ModelBusy(BUSY, retry_after=answer or None)
        taken()

    @property
    def moments(self) -> list[float]:
        return [moment for _, moment in self.asked]


def gate(policy: ModelRetry = POLICY) -> Gate:
    return Gate("fake-model", policy, chance=lambda: 0.0)


async def pass_through(one: Gate, server: Server, name: str = "", patience: float = 60) -> None:
    with await one.enter(Patience(patience)) as passage:
        await server.answer(name, passage.taken)


async def outcome(question: Awaitable[None]) -> str:
    try:
        await question
    except (ModelBusy, ModelUnreachable) as error:
        return type(error).__name__
    return "taken"


async def close(one: Gate, retry_after: float) -> None:
    """Have a question refused, so that the gate closes for so long."""
    assert await outcome(pass_through(one, Server([retry_after]))) == "ModelBusy"


@in_virtual_time
async def test_an_open_gate_lets_everybody_through_at_once() -> None:
    one, server = gate(), Server(takes_seconds=1)
    await asyncio.gather(*(pass_through(one, server) for _ in range(50)))
    assert set(server.moments) == {0}


@in_virtual_time
async def test_nobody_passes_before_the_server_said_so_then_one_and_then_all() -> None:
    one, server = gate(), Server(takes_seconds=1)
    await close(one, 7)
    names = [f"question {n}" for n in range(5)]
    await asyncio.gather(*(pass_through(one, server, name) for name in names))
    assert server.asked == [(names[0], 7), *((name, 8) for name in names[1:])]


@in_virtual_time
async def test_a_probe_that_is_refused_closes_the_gate_for_all_again() -> None:
    one, server = gate(), Server([5.0, 4.0])
    await close(one, 7)
    asked = [outcome(pass_through(one, server, str(n))) for n in range(3)]
    assert await asyncio.gather(*asked) == ["ModelBusy", "ModelBusy", "taken"]
    assert server.asked == [("0", 7), ("1", 12), ("2", 20)]  # the back-off is 8 s by then


@in_virtual_time
async def test_without_a_word_of_the_server_the_back_off_grows() -> None:
    one, server = gate(), Server([0.0] * 5)
    asked = [outcome(pass_through(one, server, patience=100)) for _ in range(6)]
    first, *rest = asked
    await first
    await asyncio.gather(*rest)
    assert server.moments == [0, 2, 6, 14, 24, 34]


@in_virtual_time
async def test_an_answer_makes_the_back_off_small_again() -> None:
    one = gate()
    for answer in (0.0, 0.0, None, 0.0):
        await outcome(pass_through(one, Server([answer])))
    server = Server()
    began = now()
    await pass_through(one, server)
    assert server.moments == [began + 2]


@in_virtual_time
async def test_who_would_wait_too_long_is_told_at_once_and_not_submitted() -> None:
    one, server = gate(), Server()
    await close(one, 30)
    with pytest.raises(ModelBusy, match="429 Too Many Requests; no more questions for 30 s") as it:
        await pass_through(one, server, patience=20)
    assert it.value.retry_after == 30
    assert (now(), server.asked) == (0, [])


@in_virtual_time
async def test_who_waits_is_told_as_soon_as_it_will_be_too_long() -> None:
    one, server = gate(), Server([50.0])
    await close(one, 10)
    asked = [outcome(pass_through(one, server, patience=20)) for _ in range(3)]
    assert await asyncio.gather(*asked) == ["ModelBusy"] * 3
    assert (now(), server.moments) == (10, [10])


@in_virtual_time
async def test_a_probe_that_is_slow_is_not_waited_for_longer_than_patience_lasts() -> None:
    one, server = gate(), Server(takes_seconds=60)
    await close(one, 5)
    probe = asyncio.create_task(pass_through(one, server))
    await asyncio.sleep(0)
    with pytest.raises(ModelBusy, match="another question tries first"):
        await pass_through(one, server, patience=20)
    assert now() == pytest.approx(20, abs=0.1)
    await probe
    assert server.moments == [5]


@in_virtual_time
async def test_patience_ends_for_all_attempts_of_a_question_together() -> None:
    one, patience = gate(), Patience(20)
    for _ in range(2):
        await close(one, 9)
        with await one.enter(patience) as passage:
            passage.taken()
    assert patience.seconds == pytest.approx(2, abs=0.1)
    await close(one, 9)
    with pytest.raises(ModelBusy):
        await one.enter(patience)


@in_virtual_time
async def test_a_gate_that_opens_as_patience_ends_lets_through() -> None:
    one, server = gate(), Server()
    await close(one, 20)
    await pass_through(one, server, patience=20)
    assert server.moments == [20]


@in_virtual_time
@pytest.mark.parametrize("answer", [ModelUnreachable(), LookupError()])
async def test_a_probe_that_fails_otherwise_hands_its_role_on(answer: Exception) -> None:
    one, server = gate(), Server([answer], takes_seconds=1)
    await close(one, 5)
    tasks = [asyncio.create_task(pass_through(one, server, str(n))) for n in range(3)]
    failed, *rest = await asyncio.gather(*tasks, return_exceptions=True)
    assert (failed, rest) == (answer, [None, None])
    assert server.asked == [("0", 5), ("1", 6), ("2", 7)]


@in_virtual_time
async def test_a_probe_that_is_cancelled_hands_its_role_on() -> None:
    one, server = gate(), Server(takes_seconds=10)
    await close(one, 5)
    probe = asyncio.create_task(pass_through(one, server, "probe"))
    other = asyncio.create_task(pass_through(one, server, "other"))
    await asyncio.sleep(6)
    probe.cancel()
    await other
    assert server.asked == [("probe", 5), ("other", 6)]


@in_virtual_time
async def test_one_cancelled_while_the_role_is_on_its_way_hands_it_on() -> None:
    one, server = gate(), Server()
    await close(one, 5)
    chosen = asyncio.create_task(pass_through(one, server, "chosen"))
    other = asyncio.create_task(pass_through(one, server, "other"))
    # runs behind the timer that chooses, and before the chosen one
    asyncio.get_running_loop().call_at(5.0, chosen.cancel)
    await other
    assert chosen.cancelled()
    assert server.asked == [("other", 5)]


@in_virtual_time
async def test_one_cancelled_in_line_is_passed_over() -> None:
    one, server = gate(), Server()
    await close(one, 5)
    tasks = [asyncio.create_task(pass_through(one, server, str(n))) for n in range(3)]
    await asyncio.sleep(1)
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert server.asked == [("1", 5), ("2", 5)]


@in_virtual_time
async def test_when_nobody_waits_the_next_to_come_is_the_probe() -> None:
    one, server = gate(), Server(takes_seconds=1)
    await close(one, 5)
    await asyncio.sleep(100)
    await asyncio.gather(pass_through(one, server, "a"), pass_through(one, server, "b"))
    assert server.asked == [("a", 100), ("b", 101)]


@in_virtual_time
async def test_questions_under_way_when_it_closes_do_not_make_the_back_off_grow() -> None:
    one, server = gate(), Server([0.0] * 20, takes_seconds=1)
    await asyncio.gather(*(outcome(pass_through(one, server)) for _ in range(20)))
    late = Server()
    await pass_through(one, late)
    assert late.moments == [3]


@in_virtual_time
async def test_questions_under_way_may_learn_of_a_longer_wait() -> None:
    one = gate()
    quick, slow = Server([4.0], takes_seconds=1), Server([9.0], takes_seconds=2)
    await asyncio.gather(outcome(pass_through(one, quick)), outcome(pass_through(one, slow)))
    late = Server()
    await pass_through(one, late)
    assert late.moments == [11]


@in_virtual_time
async def test_an_answer_to_a_question_under_way_opens_nothing() -> None:
    one = gate()
    quick, slow, late = Server([8.0]), Server(takes_seconds=2), Server()
    await asyncio.gather(outcome(pass_through(one, quick)), pass_through(one, slow))
    await pass_through(one, late)
    assert late.moments == [8]


@in_virtual_time
async def test_a_question_taken_and_refused_in_mid_answer_closes_the_gate() -> None:
    one, late = gate(), Server()

    async def question() -> None:
        with await one.enter(Patience(60)) as passage:
            passage.taken()
            raise ModelBusy(BUSY, retry_after=6)

    assert await outcome(question()) == "ModelBusy"
    await pass_through(one, late)
    assert late.moments == [6]


@in_virtual_time
async def test_a_server_that_never_wants_to_be_asked_again_is_asked_after_an_hour() -> None:
    one, server = gate(), Server()
    await close(one, 1e9)
    await pass_through(one, server, patience=1e6)
    assert server.moments == [3600]


@in_virtual_time
async def test_each_closing_is_one_log_line(caplog: pytest.LogCaptureFixture) -> None:
    one, server = gate(), Server([7.0] * 10)
    await asyncio.gather(*(outcome(pass_through(one, server)) for _ in range(10)))
    [record] = caplog.records
    assert record.getMessage() == "the model's server asks to slow down"
    assert (vars(record)["wait_seconds"], vars(record)["model"]) == (7.0, "fake-model")


ROUNDING = 1e-9
"""Seconds by which sums of the same seconds may differ."""


@dataclass(slots=True)
class Storm:
    """A server that takes nothing before its limit is over, and says when that is."""

    chance: random.Random
    over_at: float
    asked: list[float] = field(default_factory=list)
    told: float = 0.0
    """When it last said to be asked again."""
    too_early: int = 0
    under_way: int = 0
    crowded: int = 0

    async def answer(self, taken: Callable[[], None]) -> None:
        self.too_early += now() < self.told - ROUNDING
        self.crowded += now() < self.over_at and self.under_way > 0
        self.asked.append(now())
        self.under_way += 1
        try:
            await asyncio.sleep(self.chance.choice([0, 0, 0.5]))
        finally:
            self.under_way -= 1
        if self.chance.random() < 0.1:
            raise ModelUnreachable("gone")
        if now() < self.over_at:
            wait = self.chance.choice([2.0, 5.0, 9.0])
            self.told = max(self.told, now() + wait)
            raise ModelBusy(BUSY, retry_after=wait)
        taken()


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**63))
@example(seed=45467304)  # where adding up seconds is off by 2e-15
@in_virtual_time
async def test_in_a_storm_nothing_comes_early_and_nobody_is_left_behind(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  a failure must be repeatable
    one, storm = gate(), Storm(chance, over_at=200)
    await close(one, 3)
    storm.told = 3.0

    async def ask() -> str:
        await asyncio.sleep(chance.uniform(0, 250))
        patience = Patience(chance.choice([0, 5, 20, 60]))

        async def question() -> None:
            with await one.enter(patience) as passage:
                await storm.answer(passage.taken)

        return await outcome(question())

    tasks = [asyncio.create_task(ask()) for _ in range(60)]
    for task in chance.sample(tasks, 15):
        asyncio.get_running_loop().call_later(chance.uniform(0, 250), task.cancel)
    await asyncio.wait(tasks)  # the loop fails the test when somebody is never woken

    assert (storm.too_early, storm.crowded) == (0, 0)
    late = Server()
    await pass_through(one, late, patience=100)
    assert late.moments
