"""Polling confirms nothing that is not stored, and survives whatever Telegram answers."""

import asyncio
import time
from typing import TypeVar

import pytest

from minibot.adapters.channels.telegram.client import TelegramClient
from minibot.adapters.channels.telegram.methods import Method
from minibot.adapters.channels.telegram.polling import Poller
from minibot.adapters.channels.telegram.updates import ALLOWED_UPDATES
from minibot.adapters.channels.telegram.uploads import Upload
from minibot.core.errors import TokenRefused
from tests.adapters.channels.telegram.channel_rig import NotingClock, Rig, batch
from tests.adapters.channels.telegram.scripted_api import (
    ME,
    TOKEN,
    Said,
    ScriptedApi,
    ok,
    refusal,
)
from tests.adapters.channels.telegram.update_samples import group, private, update

T = TypeVar("T")


@pytest.fixture
def rig(api: ScriptedApi) -> Rig[ScriptedApi]:
    return Rig(api)


def offsets(api: ScriptedApi) -> list[int | None]:
    return [call.parameters.get("offset") for call in api.asked("getUpdates")]


async def test_the_first_poll_asks_for_all_that_waits(rig: Rig[ScriptedApi]) -> None:
    async with rig.running():
        polls = await rig.api.until_asked("getUpdates", 1)

    wanted = [*ALLOWED_UPDATES, "message_reaction"]
    assert polls[0].parameters == {"timeout": 25, "limit": 100, "allowed_updates": wanted}


async def test_a_stored_batch_is_confirmed_by_the_next_poll(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("getUpdates", ok(batch(100, 101)), ok([]), ok(batch(102)))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 4)

    assert offsets(rig.api) == [None, 102, 102, 103]
    assert rig.store.texts == ["100", "101", "102"]


async def test_nothing_is_asked_for_while_the_store_is_busy(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("getUpdates", ok(batch(100)))
    rig.store.may_finish.clear()
    async with rig.running():
        await rig.api.until_asked("getUpdates", 1)
        await rig.store.offer_made.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert offsets(rig.api) == [None]

        rig.store.may_finish.set()
        await rig.api.until_asked("getUpdates", 2)

    assert offsets(rig.api) == [None, 101]


async def test_a_store_that_fails_is_offered_the_same_batch_again(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("getUpdates", ok(batch(100, 101)))
    rig.store.failures = 3
    async with rig.running():
        await rig.api.until_asked("getUpdates", 2)

    assert rig.store.offered == [["100", "101"]] * 4
    assert rig.store.texts == ["100", "101"]
    assert offsets(rig.api) == [None, 102]
    assert rig.clock.slept == [0.5] * 3


async def test_numbers_may_come_in_any_order_and_start_anew_lower(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("getUpdates", ok(batch(500, 499)), ok(batch(3)))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 3)

    assert offsets(rig.api) == [None, 501, 4]
    assert rig.store.texts == ["500", "499", "3"]


async def test_an_update_nobody_may_send_is_confirmed_and_not_stored(rig: Rig[ScriptedApi]) -> None:
    stranger = update(text="x", sender={"id": 9, "is_bot": False}, chat=private(9))
    rig.api.will_say("getUpdates", ok([stranger, *batch(101)]), ok([stranger]))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 3)

    assert rig.store.offered == [["101"]]
    assert offsets(rig.api) == [None, 102, 101]


async def test_undecodable_updates_do_not_hold_up_the_others(rig: Rig[ScriptedApi]) -> None:
    odd: list[object] = [
        None,
        5,
        "text",
        [],
        {},
        {"message": {}},
        {"update_id": "x"},
        {"update_id": True},
    ]
    rig.api.will_say("getUpdates", ok([*odd, *batch(100)]))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 2)

    assert rig.store.texts == ["100"]
    assert offsets(rig.api) == [None, 101]


@pytest.mark.parametrize("answer", [[{}], [None], [{"update_id": "5"}], {"a": 1}, True, "x", {}])
async def test_an_answer_without_a_number_is_no_reason_to_hurry(
    rig: Rig[ScriptedApi], answer: object
) -> None:
    rig.api.will_say("getUpdates", *[ok(answer)] * 3, ok(batch(100)))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 5)

    assert rig.clock.slept == [0.5, 1, 2]
    assert offsets(rig.api) == [None, None, None, None, 101]


async def test_a_migration_is_followed_before_it_is_confirmed(rig: Rig[ScriptedApi]) -> None:
    moved = update(chat=group(), migrate_to_chat_id=-100777)
    rig.api.will_say("getUpdates", ok([moved]))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 2)

    assert [(old.key, new) for old, new in rig.moves] == [("telegram:-1001", "-100777")]
    assert offsets(rig.api) == [None, 101]


async def test_a_request_to_slow_down_is_obeyed_to_the_second(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("getUpdates", refusal(429, "Too Many Requests", retry_after=17))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 2)

    assert rig.clock.slept == [17]


async def test_failures_back_off_to_a_minute_and_success_forgets_them(
    rig: Rig[ScriptedApi],
) -> None:
    gone, cut = refusal(502, "Bad Gateway"), Said(drop=True)
    rig.api.will_say("getUpdates", *[gone, cut] * 5, ok([]), gone)
    async with rig.running():
        await rig.api.until_asked("getUpdates", 13)

    assert rig.clock.slept == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 0.5]


async def test_every_failure_is_followed_by_a_new_connection(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("getUpdates", ok([]), refusal(502, "Bad Gateway"), ok([]))
    async with rig.running():
        polls = await rig.api.until_asked("getUpdates", 4)

    first, second, third, fourth = (poll.connection for poll in polls)
    assert first == second != third == fourth


class Hasty(TelegramClient):
    """Lives a hundred times as fast."""

    async def call(self, method: Method[T], *, timeout: float, upload: Upload | None = None) -> T:
        return await super().call(method, timeout=timeout / 100, upload=upload)


async def test_a_silent_poll_is_given_up_and_its_connection_with_it(api: ScriptedApi) -> None:
    api.will_say("getUpdates", ok([]), Said(silent=True), ok(batch(100)))
    clock = NotingClock()
    client = Hasty(TOKEN, api.url)
    poller = Poller(client, clock=clock, random=lambda: 0.0, on_conflict=lambda: None, wanted=list)
    began = time.monotonic()

    assert await poller.fetch() == batch(100)

    await client.close()
    before, silent, after = (poll.connection for poll in api.asked("getUpdates"))
    assert before == silent != after
    assert clock.slept == [0.5]
    assert time.monotonic() - began > 0.25  # the poll's 25 s, before the 12 s of patience


@pytest.mark.parametrize(("random", "pause"), [(0.0, 30), (0.999, 59.97)])
async def test_another_poller_is_given_way_and_the_owner_hears_of_it(
    rig: Rig[ScriptedApi], random: float, pause: float
) -> None:
    rig.random = random
    text = "Conflict: terminated by other getUpdates request"
    rig.api.will_say("getUpdates", *[refusal(409, text)] * 3, ok(batch(100)))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 5)

    assert rig.clock.slept == [pause] * 3
    assert rig.conflicts == 3
    assert rig.store.texts == ["100"]


async def test_a_webhook_in_the_way_is_removed(rig: Rig[ScriptedApi]) -> None:
    text = "Conflict: can't use getUpdates method while webhook is active"
    rig.api.will_say("getUpdates", refusal(409, text), ok(batch(100)))
    rig.api.will_say("deleteWebhook", ok(True))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 3)

    assert [call.parameters for call in rig.api.asked("deleteWebhook")] == [{}]
    assert rig.clock.slept == [1.0]
    assert rig.conflicts == 0
    assert rig.store.texts == ["100"]


async def test_a_webhook_that_cannot_be_removed_is_tried_again_later(rig: Rig[ScriptedApi]) -> None:
    text = "Conflict: can't use getUpdates method while webhook is active"
    rig.api.will_say("getUpdates", *[refusal(409, text)] * 2)
    rig.api.will_say("deleteWebhook", refusal(500, "Internal"), ok(True))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 3)

    assert rig.clock.slept == [0.5, 1.0]


@pytest.mark.parametrize("code", [401, 404])
@pytest.mark.parametrize("method", ["getMe", "getUpdates", "deleteWebhook"])
async def test_a_refused_token_ends_listening(
    rig: Rig[ScriptedApi], method: str, code: int
) -> None:
    rig.api.will_say(method, refusal(code, "Unauthorized"))
    rig.api.will_say("getUpdates", refusal(409, "Conflict: webhook is active"))
    async with rig.running() as task:
        await asyncio.wait((task,), timeout=10)

        assert isinstance(task.exception(), TokenRefused)


async def test_the_bot_asks_who_it_is_until_it_is_told(rig: Rig[ScriptedApi]) -> None:
    late = refusal(429, "Too Many Requests", retry_after=9)
    rig.api.will_say("getMe", refusal(502, "Bad Gateway"), late, Said(drop=True), ok(ME))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 1)

    assert rig.clock.slept == [0.5, 9, 2]
