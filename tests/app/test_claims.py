import asyncio

import pytest

from minibot.app.claims import Claims
from minibot.core.inbox import InboxItem, InboxState
from tests.app.rig import Rig, cancel
from tests.fakes import make_arrival, settle

CALLS = {
    "inbox.open_conversations": "find",
    "inbox.claim": "take",
    "inbox.claim_urgent": "take_urgent",
}


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def claims(rig: Rig) -> Claims:
    return Claims(rig.storage.inbox, rig.clock)


async def ask(claims: Claims, call: str) -> object:
    match CALLS[call]:
        case "find":
            return await claims.find()
        case "take":
            return await claims.take("telegram:42")
        case _:
            return await claims.take_urgent(1)


@pytest.mark.parametrize("call", CALLS)
async def test_failing_storage_is_asked_until_it_answers(
    rig: Rig, claims: Claims, call: str
) -> None:
    urgent = call == "inbox.claim_urgent"
    await rig.storage.inbox.admit([make_arrival("1", urgent=urgent)])
    rig.faults.fail(call, times=3)
    asking = asyncio.create_task(ask(claims, call))
    await rig.clock.advance(2)
    assert not asking.done()
    await rig.clock.advance(1)
    assert await asking
    assert rig.faults.calls[call] == 4


@pytest.mark.parametrize("call", CALLS)
async def test_closed_claims_give_a_failing_storage_up(rig: Rig, claims: Claims, call: str) -> None:
    await rig.storage.inbox.admit([make_arrival("1", urgent=call == "inbox.claim_urgent")])
    rig.faults.fail(call, times=99)
    asking = asyncio.create_task(ask(claims, call))
    await settle()
    claims.close()
    assert not claims.open
    await rig.clock.advance(1)
    assert not await asking


@pytest.mark.parametrize("urgent", [False, True])
async def test_closed_claims_take_nothing(rig: Rig, claims: Claims, urgent: bool) -> None:
    await rig.storage.inbox.admit([make_arrival("1", urgent=urgent)])
    claims.close()
    assert not await ask(claims, "inbox.claim_urgent" if urgent else "inbox.claim")
    assert rig.state(1) is InboxState.RECEIVED


async def test_item_is_put_back_even_when_closed(rig: Rig, claims: Claims) -> None:
    item = await rig.take()
    claims.close()
    await claims.put_back(item)
    assert rig.state(item.id) is InboxState.RECEIVED
    assert rig.rows.inbox[item.id].attempts == 0


async def test_item_put_back_twice_is_put_back_once(rig: Rig, claims: Claims) -> None:
    item = await rig.take()
    await claims.put_back(item)
    await claims.put_back(item)
    assert rig.rows.inbox[item.id].attempts == 0


async def test_abandoned_items_are_put_back_each_of_them(rig: Rig, claims: Claims) -> None:
    items = [await rig.take(str(number), text=str(number), urgent=True) for number in range(3)]
    claims.abandon(items[0])
    claims.abandon(items[1])
    gate = rig.faults.hold_before("inbox.release")
    returning = asyncio.create_task(claims.put_back_abandoned())
    await gate.reached.wait()
    claims.abandon(items[2])  # meanwhile
    gate.open()
    await returning
    assert [rig.state(item.id) for item in items] == [InboxState.RECEIVED] * 3
    assert rig.faults.calls["inbox.release"] == 3


async def test_cancelled_in_the_middle_the_rest_is_put_back_the_next_time(
    rig: Rig, claims: Claims
) -> None:
    item = await rig.take()
    claims.abandon(item)
    gate = rig.faults.hold_after("inbox.release")
    returning = asyncio.create_task(claims.put_back_abandoned())
    await gate.reached.wait()
    returning.cancel()
    await settle()
    gate.open()
    await cancel(returning)
    await claims.put_back_abandoned()
    again = await claims.take(item.conversation)
    assert isinstance(again, InboxItem)
    assert again.attempts == 1
