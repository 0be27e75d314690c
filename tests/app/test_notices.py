from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from minibot.app.notices import SAME_TOPIC_PAUSE_SECONDS, OwnerNotices
from minibot.core.events import (
    ComponentFailed,
    Event,
    PartDead,
    SettingsChanged,
    SettingsRejected,
    TroubleNoticed,
)
from tests.app.rig import Rig, in_background
from tests.fakes import make_settings, settle

BAD = SettingsRejected(problems=("config.toml:3: odd",))
GOOD = SettingsChanged(generation=2, changed_keys=(), restart_keys=())


@pytest.fixture
def rig() -> Rig:
    return Rig()


@asynccontextmanager
async def telling(rig: Rig) -> AsyncIterator[None]:
    notices = OwnerNotices(
        rig.storage.outbox, rig.delivery, bus=rig.bus, settings=rig.live, clock=rig.clock
    )
    async with in_background(rig.channels.run, rig.delivery.run, notices.run):
        yield


async def happen(rig: Rig, *events: Event) -> list[str]:
    """Let things happen, a second apart, and give what the owner has read by then."""
    for event in events:
        rig.bus.publish(event)
        await rig.clock.advance(1)
    await settle()
    return rig.channel.said("7")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (TroubleNoticed(topic="t", text="two of us"), "two of us"),
        (BAD, "config.toml:3: odd"),
        (
            ComponentFailed(component="scheduler", problem="odd", restart_in_seconds=1),
            "scheduler failed and is restarting: odd",
        ),
        (
            PartDead(part_id=1, conversation="telegram:5", problem="blocked"),
            "A message to telegram:5 could not be delivered: blocked",
        ),
        (
            SettingsChanged(
                generation=2,
                changed_keys=("memory.backend", "runtime.log_level"),
                restart_keys=("memory.backend",),
            ),
            "config.toml: memory.backend will take effect at the next start.",
        ),
    ],
)
async def test_trouble_is_told_to_the_owner_alone(rig: Rig, event: Event, told: str) -> None:
    async with telling(rig):
        (text,) = await happen(rig, event)
    assert told in text
    assert len(rig.channel.sent) == 1


async def test_every_owner_is_told() -> None:
    owners = {"enabled": True, "bot_token": "1:x", "owner_user_ids": [7, 8]}
    rig = Rig(make_settings(channels={"telegram": owners}))
    async with telling(rig):
        await happen(rig, TroubleNoticed(topic="t", text="x"))
    assert sorted(part.chat.chat_id for part in rig.channel.sent) == ["7", "8"]


async def test_same_trouble_is_told_once_in_an_hour(rig: Rig) -> None:
    trouble = TroubleNoticed(topic="t", text="x")
    async with telling(rig):
        assert await happen(rig, trouble, trouble, trouble) == ["x"]
        await rig.clock.advance(SAME_TOPIC_PAUSE_SECONDS)
        assert await happen(rig, trouble) == ["x", "x"]


async def test_other_trouble_is_told_at_once(rig: Rig) -> None:
    async with telling(rig):
        told = await happen(
            rig,
            TroubleNoticed(topic="t", text="x"),
            TroubleNoticed(topic="u", text="x"),
            TroubleNoticed(topic="t", text="y"),
        )
    assert told == ["x", "x", "y"]


async def test_bad_edit_is_told_again_after_a_good_one(rig: Rig) -> None:
    async with telling(rig):
        assert len(await happen(rig, BAD, BAD)) == 1
        assert len(await happen(rig, GOOD)) == 1, "a good one is no trouble"
        assert len(await happen(rig, BAD)) == 2


async def test_many_problems_are_cut(rig: Rig) -> None:
    async with telling(rig):
        problems = tuple(f"problem {number}" for number in range(12))
        (text,) = await happen(rig, SettingsRejected(problems=problems))
    assert "problem 9" in text
    assert "problem 10" not in text
    assert "and 2 more" in text


async def test_undeliverable_word_to_the_owner_is_not_told_to_the_owner(rig: Rig) -> None:
    async with telling(rig):
        dead = PartDead(part_id=1, conversation="telegram:7", problem="blocked")
        assert await happen(rig, dead) == []


async def test_trouble_that_could_not_be_stored_is_told_when_it_comes_again(rig: Rig) -> None:
    rig.faults.fail("outbox.enqueue")
    trouble = TroubleNoticed(topic="t", text="x")
    async with telling(rig):
        assert await happen(rig, trouble) == []
        assert await happen(rig, trouble) == ["x"]


async def test_without_telegram_nobody_is_told() -> None:
    rig = Rig(make_settings(channels={"console": {"enabled": True}}))
    async with telling(rig):
        await happen(rig, TroubleNoticed(topic="t", text="x"))
    assert rig.part_states() == []
