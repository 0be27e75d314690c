from collections.abc import Sequence
from dataclasses import replace

import pytest

from minibot.app.intake import Intake
from minibot.core.errors import StorageUnavailable
from minibot.core.events import MessageAccepted
from minibot.core.messages import Arrival
from minibot.core.outbox import Draft
from tests.app.rig import Rig, overheard
from tests.fakes import make_arrival, settle


@pytest.fixture
def rig() -> Rig:
    return Rig()


def door(rig: Rig) -> Intake:
    async def tell(drafts: Sequence[Draft]) -> None:
        await rig.storage.outbox.enqueue(drafts)

    return Intake(rig.storage.inbox, rig.bus, tell=tell, crash_points=rig.crash_points)


def unreadable(key: str) -> Arrival:
    return replace(make_arrival(key), message=None, problem="no such field")


async def test_stored_messages_are_announced_in_order(rig: Rig) -> None:
    async with overheard(rig.bus, MessageAccepted) as events:
        await door(rig).receive([make_arrival("1"), make_arrival("2", "/stop", urgent=True)])
        await settle()
    assert events == [
        MessageAccepted(inbox_id=1, conversation="telegram:42", urgent=False),
        MessageAccepted(inbox_id=2, conversation="telegram:42", urgent=True),
    ]


async def test_same_delivery_twice_is_announced_once(rig: Rig) -> None:
    async with overheard(rig.bus, MessageAccepted) as events:
        for _ in range(2):
            await door(rig).receive([make_arrival("1")])
        await settle()
    assert len(events) == 1


async def test_full_disk_announces_nothing_and_is_the_channels_to_repeat(rig: Rig) -> None:
    rig.faults.fail("inbox.admit")
    async with overheard(rig.bus, MessageAccepted) as events:
        with pytest.raises(StorageUnavailable):
            await door(rig).receive([make_arrival("1")])
        await settle()
        assert events == []
        await door(rig).receive([make_arrival("1")])
        await settle()
    assert len(events) == 1


async def test_unreadable_message_is_apologised_for_once_and_holds_up_no_other(rig: Rig) -> None:
    async with overheard(rig.bus, MessageAccepted) as events:
        for _ in range(2):
            await door(rig).receive([unreadable("1"), make_arrival("2")])
        await settle()
    assert [event.inbox_id for event in events if isinstance(event, MessageAccepted)] == [2]
    (apology,) = await rig.storage.outbox.waiting()
    assert "reference 1000-1" in apology.part.text
    assert [item.problem for item in await rig.storage.inbox.dead()] == ["no such field"]
