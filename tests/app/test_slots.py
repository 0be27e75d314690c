import asyncio
import random
from collections.abc import Callable

import pytest

from minibot.app.slots import Slots
from tests.app.rig import cancel
from tests.fakes import settle


class Limit:
    def __init__(self, value: int) -> None:
        self.value = value

    def __call__(self) -> int:
        return self.value


class Visitors:
    """Tasks that enter, say so, and stay until they are let out."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.inside: list[str] = []
        self.entered: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str, alone: bool = False) -> None:
        for name in names:
            self._leave[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._visit(name, alone))
        await settle(10)

    async def leave(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
        await settle(10)

    async def _visit(self, name: str, alone: bool) -> None:
        async with self._slots.hold(alone=alone):
            self.inside.append(name)
            self.entered.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)


async def test_no_more_than_the_limit_are_inside_and_the_first_come_first() -> None:
    slots = Slots(Limit(2))
    visitors = Visitors(slots)
    await visitors.come("a", "b", "c", "d", "e")
    assert visitors.inside == ["a", "b"]
    await visitors.leave("b")
    assert visitors.inside == ["a", "c"]
    await visitors.leave("a", "c")
    assert visitors.entered == ["a", "b", "c", "d", "e"]
    assert slots.running == 2
    await visitors.leave("d", "e")
    assert slots.running == 0


async def test_raised_limit_lets_those_in_who_wait() -> None:
    limit = Limit(1)
    slots = Slots(limit)
    visitors = Visitors(slots)
    await visitors.come("a", "b", "c", "d")
    limit.value = 3
    slots.limit_changed()
    await settle(10)
    assert visitors.inside == ["a", "b", "c"]
    await visitors.leave("a", "b", "c", "d")


async def test_lowered_limit_holds_for_those_who_come_next() -> None:
    limit = Limit(3)
    slots = Slots(limit)
    visitors = Visitors(slots)
    await visitors.come("a", "b", "c", "d")
    limit.value = 1
    await visitors.leave("a", "b")
    assert visitors.inside == ["c"]
    await visitors.leave("c")
    assert visitors.inside == ["d"]
    await visitors.leave("d")


async def test_alone_waits_for_an_empty_house_and_keeps_it() -> None:
    slots = Slots(Limit(5))
    visitors = Visitors(slots)
    await visitors.come("a", "b")
    await visitors.come("lonely", alone=True)
    await visitors.come("c")
    assert visitors.inside == ["a", "b"], "those behind the lonely one do not overtake it"
    await visitors.leave("a")
    assert visitors.inside == ["b"]
    await visitors.leave("b")
    assert visitors.inside == ["lonely"]
    await visitors.leave("lonely")
    assert visitors.inside == ["c"]
    await visitors.leave("c")
    assert slots.running == 0


async def test_two_alone_run_one_after_the_other() -> None:
    visitors = Visitors(Slots(Limit(5)))
    await visitors.come("x", "y", alone=True)
    assert visitors.inside == ["x"]
    await visitors.leave("x")
    assert visitors.inside == ["y"]
    await visitors.leave("y")


async def test_whoever_is_cancelled_while_waiting_is_passed_over() -> None:
    slots = Slots(Limit(1))
    visitors = Visitors(slots)
    await visitors.come("a", "b", "c")
    await cancel(visitors.tasks["b"])
    await visitors.leave("a")
    assert visitors.inside == ["c"]
    await visitors.leave("c")
    assert slots.running == 0


async def test_cancelled_alone_waiter_lets_those_behind_it_in() -> None:
    visitors = Visitors(Slots(Limit(5)))
    await visitors.come("a")
    await visitors.come("lonely", alone=True)
    await visitors.come("b")
    assert visitors.inside == ["a"]
    await cancel(visitors.tasks["lonely"])
    await settle(10)
    assert visitors.inside == ["a", "b"]
    await visitors.leave("a", "b")


@pytest.mark.parametrize("alone", [False, True])
async def test_cancelled_in_the_moment_of_admission_hands_the_slot_on(alone: bool) -> None:
    slots = Slots(Limit(1))
    visitors = Visitors(slots)
    await visitors.come("a")
    await visitors.come("b", alone=alone)
    await visitors.come("c")
    visitors.tasks["a"].cancel()
    await asyncio.sleep(0)  # a leaves, which admits b; b has not run yet
    assert slots.running == 1
    visitors.tasks["b"].cancel()
    await settle(10)
    assert visitors.entered == ["a", "c"]
    await visitors.leave("c")
    assert slots.running == 0


async def test_slot_is_taken_at_once_or_not_at_all() -> None:
    slots = Slots(Limit(2))
    visitors = Visitors(slots)
    await visitors.come("a")
    assert slots.try_enter()
    assert not slots.try_enter(), "full"
    await visitors.come("b")
    await visitors.leave("a")
    assert visitors.inside == ["b"]
    slots.leave()
    assert slots.try_enter()
    slots.leave()
    await visitors.leave("b")
    assert slots.running == 0


async def test_no_slot_is_taken_past_those_who_wait_or_are_alone() -> None:
    slots = Slots(Limit(5))
    visitors = Visitors(slots)
    await visitors.come("a")
    await visitors.come("lonely", alone=True)
    assert not slots.try_enter(), "the lonely one was first"
    await visitors.leave("a")
    assert not slots.try_enter(), "and is alone now"
    await visitors.leave("lonely")
    assert slots.try_enter()


async def test_error_inside_frees_the_slot() -> None:
    slots = Slots(Limit(1))
    with pytest.raises(LookupError):
        async with slots.hold(alone=True):
            raise LookupError
    async with slots.hold():
        assert slots.running == 1
    assert slots.running == 0


@pytest.mark.parametrize("seed", range(25))
async def test_nothing_leaks_whatever_is_cancelled_when(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # a repeatable game, no secret
    limit = Limit(dice.randint(1, 4))
    slots = Slots(limit)
    inside: dict[int, bool] = {}

    async def visit(number: int, alone: bool, pause: Callable[[], int]) -> None:
        async with slots.hold(alone=alone):
            inside[number] = alone
            try:
                assert len(inside) <= slots.running <= 4  # who is admitted may not have come in yet
                assert not any(inside.values()) or len(inside) == 1
                await settle(pause())
            finally:
                del inside[number]

    tasks = []
    for number in range(60):
        alone = dice.random() < 0.2
        tasks.append(asyncio.create_task(visit(number, alone, lambda: dice.randint(0, 4))))
        if dice.random() < 0.5:
            await settle(dice.randint(1, 3))
        if dice.random() < 0.5:
            dice.choice(tasks).cancel()
        if dice.random() < 0.1:
            limit.value = dice.randint(1, 4)
            slots.limit_changed()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(end is None or isinstance(end, asyncio.CancelledError) for end in ends)
    assert slots.running == 0
    async with slots.hold(alone=True):
        assert slots.running == 1
